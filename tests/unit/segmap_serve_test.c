// sources: servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c servers/physmem/segmap_calls/segmap_calls.c tests/unit/assertion.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* segmap and physmem's calls for it, as they will be used: windows of some containers come, change,
 * leave, are punched and destroyed at random, while segmap is killed in the middle of a message,
 * replies get lost, and old results come once more.  What every page's entry must be, and which
 * entries are in use, stands in plain tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktap/ktap.h"
#include "segmap_calls.h"
#include "serve.h"
#include "segmap_draw.h"

enum {
    CONTAINERS = 3,
    WINDOWS = 400,
    ENTRIES = CONTAINERS * WINDOWS * WINDOW_PAGES + 1,
    ROOM = 24, /* windows that physmem has memory for */
    PAGES_PLENTY = 200,
    PAGES_FEW = MAP_PAGES_MIN + 2,
    SEEDS = 6,
    ROUNDS = 20000,
};

/* ---- physmem, as far as it has windows ---- */

enum window_state { ABSENT, ACTIVE, LEAVING };

struct window {
    enum window_state state;
    bool wanted;   /* a thread waits for it */
    bool changed;  /* differs from its record */
    bool recorded; /* the map may have a record of it */
    struct window_record record;
};

struct container {
    bool dead, has_records;
    struct window windows[WINDOWS];
    uint32_t truth[WINDOWS][WINDOW_PAGES]; /* the entry of each page */
};

static struct container containers[CONTAINERS];
static bool used_entries[ENTRIES];
static uint32_t page_of[ENTRIES]; /* where an entry has been put */
static uint32_t free_windows;
static struct segmap_calls calls;
static uint32_t refusals;

static struct window *window_at(struct window_key key)
{
    EXPECT(key.container < CONTAINERS && key.window < WINDOWS);
    return &containers[key.container % CONTAINERS].windows[key.window % WINDOWS];
}

static struct window_key key_at(uint32_t c, uint32_t w)
{
    return (struct window_key){.container = c, .window = w};
}

static void free_entry(uint32_t entry)
{
    EXPECT(entry < ENTRIES && used_entries[entry]);
    used_entries[entry % ENTRIES] = false;
}

static uint32_t take_entry(void)
{
    uint32_t entry = 1 + draw(ENTRIES - 1);
    while (used_entries[entry]) {
        entry = entry + 1 < ENTRIES ? entry + 1 : 1;
    }
    used_entries[entry] = true;
    return entry;
}

static void forget(struct window *w)
{
    w->state = ABSENT;
    w->changed = w->recorded = false;
    free_windows++;
}

static void change(struct window *w)
{
    w->changed = true;
    w->record.version++;
}

static void set_page(uint32_t c, uint32_t n, uint32_t page, uint32_t entry)
{
    struct window *w = &containers[c].windows[n];
    if (w->record.entries[page]) {
        free_entry(w->record.entries[page]);
    }
    w->record.entries[page] = containers[c].truth[n][page] = entry;
    w->record.checksums[page] = 7 * entry;
    page_of[entry] = n * WINDOW_PAGES + page;
    change(w);
}

/* ---- what segmap's calls come to ---- */

static bool is_wanted(struct window_key key)
{
    return window_at(key)->wanted && window_at(key)->state == ABSENT;
}

static bool set_aside(struct window_key key)
{
    (void)key;
    if (free_windows == 0) {
        return false;
    }
    free_windows--;
    return true;
}

static void put_back(struct window_key key)
{
    (void)key;
    free_windows++;
}

static bool record(struct window_key key, struct window_record *r)
{
    struct window *w = window_at(key);
    if (w->state != LEAVING) {
        return false;
    }
    containers[key.container].has_records = w->recorded = true;
    *r = w->record;
    return true;
}

static void add(const struct window_record *r)
{
    struct window *w = window_at(r->key);
    if (containers[r->key.container].dead) {
        put_back(r->key);
        return;
    }
    EXPECT_EQ(w->state, ABSENT);
    *w = (struct window){.state = ACTIVE, .record = *r};
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        EXPECT_EQ(r->entries[i], containers[r->key.container].truth[r->key.window][i]);
        EXPECT_EQ(r->checksums[i], 7 * r->entries[i]);
        w->recorded = w->recorded || r->entries[i];
    }
}

static void unreadable(struct window_key key)
{
    EXPECT(!window_at(key)); /* no page is damaged here */
}

static void stored(struct window_key key, uint32_t version)
{
    struct window *w = window_at(key);
    EXPECT(w->state != ABSENT);
    if (w->record.version == version) {
        w->changed = false;
        if (w->state == LEAVING) {
            forget(w);
        }
    }
}

static void refused(struct window_key key, uint32_t version)
{
    struct window *w = window_at(key);
    refusals++;
    if (w->record.version == version && w->state == LEAVING) {
        w->state = ACTIVE;
    }
}

static void dropped(uint32_t c, uint32_t first, uint32_t end)
{
    if (first == 0 && end == PAGES_ALL) {
        EXPECT(containers[c].dead);
        containers[c].has_records = false;
    }
}

static void not_dropped(void)
{
    EXPECT(false); /* no page is damaged here */
}

static void freed(uint32_t c, const uint32_t *entries, uint32_t count)
{
    EXPECT(count <= SEGMAP_BATCH_MAX);
    for (uint32_t i = 0; i < count; i++) {
        free_entry(entries[i]);
        uint32_t page = page_of[entries[i] % ENTRIES];
        EXPECT(containers[c].truth[page / WINDOW_PAGES][page % WINDOW_PAGES] != entries[i]);
    }
}

static const struct segmap_hooks hooks = {.wanted = is_wanted,
                                          .set_aside = set_aside,
                                          .put_back = put_back,
                                          .record = record,
                                          .add = add,
                                          .unreadable = unreadable,
                                          .stored = stored,
                                          .refused = refused,
                                          .dropped = dropped,
                                          .not_dropped = not_dropped,
                                          .freed = freed};

/* ---- what tasks do ---- */

static void want(uint32_t c, uint32_t n)
{
    containers[c].windows[n].wanted = !containers[c].dead;
}

/* The first window that is there, from a random one on; NULL if there is none. */
static struct window *some_window(void)
{
    uint32_t start = draw(CONTAINERS * WINDOWS);
    for (uint32_t i = 0; i < CONTAINERS * WINDOWS; i++) {
        uint32_t n = (start + i) % (CONTAINERS * WINDOWS);
        struct window *w = &containers[n / WINDOWS].windows[n % WINDOWS];
        if (w->state != ABSENT && !containers[n / WINDOWS].dead) {
            return w;
        }
    }
    return NULL;
}

static void write_some(void)
{
    struct window *w = some_window();
    for (uint32_t left = w ? 1 + draw(WINDOW_PAGES) : 0; left > 0; left--) {
        w->state = ACTIVE;
        set_page(w->record.key.container, w->record.key.window, draw(WINDOW_PAGES),
                 draw(4) ? take_entry() : 0);
    }
}

static void leave_some(void)
{
    struct window *w = some_window();
    if (w && w->changed) {
        w->state = LEAVING;
    } else if (w) {
        forget(w);
    }
}

/* Those in memory are changed there; for a run of others there is a DROP, if it finds room. */
static void punch(uint32_t c, uint32_t first, uint32_t end)
{
    struct container *of = &containers[c];
    for (uint32_t at = first; at < end && !of->dead;) {
        uint32_t n = at / WINDOW_PAGES, stop = at;
        if (of->windows[n].state != ABSENT) {
            set_page(c, n, at++ % WINDOW_PAGES, 0);
            continue;
        }
        while (stop < end && of->windows[stop / WINDOW_PAGES].state == ABSENT) {
            stop++;
        }
        bool done = !of->has_records || segmap_drop(&calls, c, at, stop);
        for (; at < stop; at++) {
            if (done) {
                of->truth[at / WINDOW_PAGES][at % WINDOW_PAGES] = 0;
            }
        }
    }
}

static void destroy(uint32_t c)
{
    struct container *of = &containers[c];
    if (of->dead) {
        return;
    }
    of->dead = true;
    for (uint32_t n = 0; n < WINDOWS; n++) {
        struct window *w = &of->windows[n];
        w->wanted = false;
        memset(of->truth[n], 0, sizeof of->truth[n]);
        if (w->state == ABSENT) {
            continue;
        }
        if (w->recorded && !w->changed) {
            forget(w); /* its entries come with the DROP */
            continue;
        }
        for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
            set_page(c, n, i, 0);
        }
        if (w->recorded) {
            w->state = LEAVING; /* the empty record */
        } else {
            forget(w);
        }
    }
}

/* The end of an event: whoever wants something offers it. */
static bool settle_container(uint32_t c)
{
    struct container *of = &containers[c];
    bool all_absent = true;
    for (uint32_t n = 0; n < WINDOWS; n++) {
        struct window *w = &of->windows[n];
        w->wanted = w->wanted && w->state == ABSENT;
        if (w->state == LEAVING) {
            segmap_store(&calls, key_at(c, n));
        } else if (w->wanted && !of->has_records && free_windows > 0) {
            *w = (struct window){.state = ACTIVE, .record.key = key_at(c, n)};
            free_windows--;
        } else if (w->wanted && of->has_records) {
            segmap_look_up(&calls, key_at(c, n));
        }
        all_absent = all_absent && w->state == ABSENT && !w->wanted;
    }
    if (of->dead && all_absent && of->has_records) {
        (void)segmap_drop(&calls, c, 0, PAGES_ALL);
    } else if (of->dead && all_absent) {
        of->dead = false; /* the number is used again */
    }
    return all_absent;
}

static void settle(void)
{
    for (uint32_t c = 0; c < CONTAINERS; c++) {
        (void)settle_container(c);
    }
}

/* ---- messages ---- */

static struct segmap segmap;
static void *memory;
static uint32_t map_pages, bits[PAGES_PLENTY / 32 + 1];
static uint32_t pull[SEGMAP_WORDS_MAX], pull_words;
static uint32_t in_hand[SEGMAP_WORDS_MAX], in_hand_words; /* the calls on their way */

static void deliver(void)
{
    EXPECT(pull_words <= SEGMAP_WORDS_MAX);
    EXPECT(segmap_on_pull(&calls, pull, pull_words));
    settle();
}

static void restart(void)
{
    segmap_open(&segmap, memory, map_pages, bits);
    EXPECT(segmap.usable);
    pull_words = segmap_first_pull(&segmap, pull);
    deliver();
}

/* Words of the first `count` calls of a message. */
static uint32_t words_of(const uint32_t *words, uint32_t all, uint32_t count)
{
    uint32_t at = 1;
    struct window_record r;
    for (; count > 0 && at < all; count--) {
        at += words[at] == SEGMAP_LOOKUP ? 3
              : words[at] == SEGMAP_DROP ? 4
                                         : 3 + segmap_get_record(words + at + 3, all - at - 3, &r);
    }
    return at;
}

/* Hands calls out, or, the next time, has them answered: tasks go on in between.
 * fate: 0 killed in the middle, 1 the reply is lost, others: all goes well */
static void exchange(uint32_t fate)
{
    uint32_t ignored[SEGMAP_WORDS_MAX];
    if (in_hand_words == 0) {
        uint32_t others = 2 * SEGMAP_CALLS_MAX - draw(2 * SEGMAP_CALLS_MAX), before = others;
        in_hand_words = segmap_hand_out(&calls, in_hand, &others);
        EXPECT(others <= before);
        EXPECT(in_hand_words <= SEGMAP_WORDS_MAX);
        return;
    }
    uint32_t count = in_hand_words;
    in_hand_words = 0;
    if (fate == 0) {
        (void)segmap_step(&segmap, in_hand, words_of(in_hand, count, draw(SEGMAP_CALLS_MAX)), ignored);
        restart();
    } else if (fate == 1) {
        deliver();
    } else {
        pull_words = segmap_step(&segmap, in_hand, count, pull);
        EXPECT(pull[1] > 0); /* of the first call, at least */
        deliver();
    }
}

/* ---- the whole ---- */

static void start(uint32_t pages)
{
    memset(containers, 0, sizeof containers);
    memset(used_entries, 0, sizeof used_entries);
    memset(memory, 0, (size_t)PAGES_PLENTY * NODE_BYTES);
    free_windows = ROOM;
    map_pages = pages;
    refusals = in_hand_words = 0;
    segmap_calls_init(&calls, &hooks);
    restart();
}

static void check_window(uint32_t c, uint32_t n, bool *named)
{
    const struct window *w = &containers[c].windows[n];
    struct window_record r = {0};
    EXPECT(w->state != LEAVING);
    (void)map_look_up(&segmap.map, key_at(c, n), &r);
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        uint32_t entry = containers[c].truth[n][i];
        EXPECT_EQ(w->state == ABSENT ? r.entries[i] : w->record.entries[i], entry);
        EXPECT(entry == 0 || !named[entry]);
        named[entry] = true;
    }
}

/* At rest: every entry is where it must be, none has leaked, and nothing is set aside. */
static void check_all(void)
{
    static bool named[ENTRIES];
    memset(named, 0, sizeof named);
    uint32_t windows = 0;
    for (uint32_t c = 0; c < CONTAINERS; c++) {
        for (uint32_t n = 0; n < WINDOWS; n++) {
            check_window(c, n, named);
            windows += containers[c].windows[n].state != ABSENT;
        }
    }
    for (uint32_t entry = 1; entry < ENTRIES; entry++) {
        EXPECT_EQ(named[entry], used_entries[entry]);
    }
    EXPECT_EQ(windows + free_windows, ROOM);
}

/* All that is open is done, within a bound, and nobody waits for a window any more. */
static void come_to_rest(void)
{
    for (uint32_t c = 0; c < CONTAINERS; c++) {
        for (uint32_t n = 0; n < WINDOWS; n++) {
            containers[c].windows[n].wanted = false;
        }
    }
    settle();
    for (uint32_t i = 0; i < 800 && !ktap_failing() && !segmap_calls_settled(&calls); i++) {
        exchange(2);
        settle();
    }
    EXPECT(segmap_calls_settled(&calls));
    check_all();
}

/* Of what is being looked up: the window that comes would be out of date. */
static void punch_in_hand(void)
{
    if (in_hand_words > 3 && in_hand[1] == SEGMAP_LOOKUP) {
        punch(in_hand[2], in_hand[3] * WINDOW_PAGES, (in_hand[3] + 1) * WINDOW_PAGES);
    }
}

static void do_any(void)
{
    uint32_t kind = draw(64), c = draw(CONTAINERS), n = draw(WINDOWS);
    if (kind < 12) {
        want(c, n);
    } else if (kind < 24) {
        write_some();
    } else if (kind < 40) {
        leave_some();
    } else if (kind < 42) {
        uint32_t first = n * WINDOW_PAGES + draw(WINDOW_PAGES), most = WINDOWS * WINDOW_PAGES - first;
        uint32_t pages = 1 + draw(100);
        punch(c, first, first + (pages < most ? pages : most));
    } else if (kind == 42 && draw(40) == 0) {
        destroy(c);
    } else if (kind == 43) {
        punch_in_hand();
    } else {
        exchange(draw(12));
    }
    settle();
}

static bool test_random(uint32_t pages, uint32_t rounds)
{
    ktap_begin(pages == PAGES_FEW ? "a map that gets full loses nothing"
                                  : "windows come, change, leave and are dropped; segmap is killed");
    start(pages);
    for (uint32_t i = 0; i < rounds && !ktap_failing() && (!input || input_left); i++) {
        do_any();
        if (!input && draw(2000) == 0) {
            come_to_rest();
        }
    }
    if (!input) {
        EXPECT_EQ(refusals > 0, pages == PAGES_FEW);
    }
    come_to_rest();
    return ktap_end();
}

int main(void)
{
    memory = aligned_alloc(NODE_BYTES, (size_t)PAGES_PLENTY * NODE_BYTES);
    ktap_start(write_text, SEEDS + 1);
    for (uint32_t i = 1; i <= SEEDS; i++) {
        seed = 2654435761u * i;
        (void)test_random(PAGES_PLENTY, ROUNDS);
    }
    (void)test_random(PAGES_FEW, ROUNDS);
    free(memory);
    return ktap_finish();
}
