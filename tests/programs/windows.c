/* SPDX-License-Identifier: BSD-2-Clause */
/* windows PAGES STRIDE ROUNDS SEED [kill TIMES]: two containers of so many pages, of which every
 * STRIDE-th one is used: with 16 each page has a window of its own.  The pages are written,
 * verified and written again in random order, ROUNDS times as often as there are pages; ranges of
 * them are copied, zeroed and made holes meanwhile.  What the pages hold in the end depends on the
 * arguments alone, and the sum of it is printed; so is what segmap did.  `kill': segmap is ended so
 * often meanwhile (`debug on').  With `debug on' physmem's state is checked at the end.
 * Status: 0 all was right, 1 something was wrong, 2 usage, 3 no memory. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "away.h"
#include "base/xorshift.h"
#include "pager/pager.h"

enum {
    PAGE_WORDS = 1024,
    STEP = 64,        /* of so many words one is written */
    RANGE_MAX = 200,  /* used pages of a range that is copied, zeroed or made holes */
    RANGE_EVERY = 64, /* so seldom */
    HOLE = 0,         /* generations of a page's contents: these two, and from 2 on */
    ZERO = 1,
    STAT_SLACK = 16 * 16,
    SPARE_SLOTS = 200,
    SETTLE_LIMIT_MS = 60000, /* until all slots have come back */
    PAUSE_MS = 10,
};

struct object {
    handle_t handle;
    uint32_t *words;
    uint32_t *generations; /* of the pages used */
};

static struct object objects[2];
static uint32_t pages, stride, used_pages, state, seed, next_generation = ZERO + 1, kills;

static uint32_t random_below(uint32_t bound)
{
    return xorshift(&state) % bound;
}

/* ---- contents ---- */

static uint32_t word_of(uint32_t generation, uint32_t k)
{
    return generation == ZERO ? 0 : (generation * 2654435761u ^ seed * 40503u) + k;
}

static uint32_t *page_words(const struct object *o, uint32_t i)
{
    return o->words + (size_t)i * stride * PAGE_WORDS;
}

static void write_page(const struct object *o, uint32_t i)
{
    o->generations[i] = next_generation++;
    for (uint32_t k = 0; k < PAGE_WORDS; k += STEP) {
        page_words(o, i)[k] = word_of(o->generations[i], k);
    }
}

static int page_is_right(const struct object *o, uint32_t i)
{
    for (uint32_t k = 0; o->generations[i] != HOLE && k < PAGE_WORDS; k += STEP) {
        uint32_t found = page_words(o, i)[k], right = word_of(o->generations[i], k);
        if (found != right) {
            printf("container %u, page %u, word %u is %x, wrong: %x\n", (unsigned)(o - objects),
                   (unsigned)(i * stride), (unsigned)k, (unsigned)found, (unsigned)right);
            return 0;
        }
    }
    return 1;
}

static uint32_t sum(void)
{
    uint32_t s = 0;
    for (uint32_t n = 0; n < 2 * used_pages; n++) {
        s = s * 31 + objects[n / used_pages].generations[n % used_pages];
    }
    return s;
}

/* ---- ranges ---- */

struct range {
    uint32_t index, count; /* used pages */
    uint32_t first, pages; /* with some of those in between before and behind them */
};

static struct range random_range(void)
{
    struct range r = {.count = 1 + random_below(used_pages < RANGE_MAX ? used_pages : RANGE_MAX)};
    r.index = random_below(used_pages - r.count + 1);
    uint32_t before = r.index > 0 ? random_below(stride) : 0, behind = random_below(stride);
    r.first = r.index * stride - before;
    r.pages = before + (r.count - 1) * stride + 1 + behind;
    return r;
}

static int done(enum error e, const char *what)
{
    if (e != OK) {
        printf("%s: %s, wrong\n", what, error_text(e));
    }
    return e == OK;
}

/* To the same pages of the other container. */
static int copy(struct object *from, struct object *to)
{
    struct range r = random_range();
    memcpy(to->generations + r.index, from->generations + r.index, r.count * sizeof *to->generations);
    return done(physmem_copy(from->handle, r.first, to->handle, r.first, r.pages, NULL), "COPY");
}

static int blank(struct object *o, uint32_t generation)
{
    struct range r = random_range();
    for (uint32_t i = r.index; i < r.index + r.count; i++) {
        o->generations[i] = generation;
    }
    return generation == ZERO ? done(physmem_zero(o->handle, r.first, r.pages), "ZERO")
                              : done(physmem_punch(o->handle, r.first, r.pages), "PUNCH");
}

/* A page that was read only may be real or not; and windows may leave or come while it counts. */
static int stat_is_right(struct object *o)
{
    struct container_stat s;
    uint32_t written = 0, there = 0;
    if (!done(physmem_stat(o->handle, &s), "STAT")) {
        return 0;
    }
    for (uint32_t i = 0; i < used_pages; i++) {
        written += o->generations[i] > ZERO;
        there += o->generations[i] != HOLE;
    }
    L4_Word_t real = s.in_memory + s.on_swap;
    if (s.pages != pages || real + STAT_SLACK < written || real > there + STAT_SLACK) {
        printf("STAT: %u of %u pages are real, wrong: %u to %u\n", (unsigned)real, (unsigned)s.pages,
               (unsigned)written, (unsigned)there);
        return 0;
    }
    return 1;
}

static int change_range(void)
{
    struct object *o = &objects[random_below(2)], *other = &objects[o == &objects[0]];
    switch (random_below(6)) {
    case 0:
    case 1:
    case 2:
        return copy(o, other);
    case 3:
        return blank(o, ZERO);
    case 4:
        return blank(o, HOLE);
    default:
        return stat_is_right(o);
    }
}

static int step(void)
{
    struct object *o = &objects[random_below(2)];
    uint32_t i = random_below(used_pages);
    if (!page_is_right(o, i)) {
        return 0;
    }
    if (o->generations[i] != HOLE && random_below(2) == 0) {
        write_page(o, i);
    }
    return random_below(RANGE_EVERY) != 0 || change_range();
}

/* ---- segmap ---- */

static void kill_segmap(void)
{
    L4_Word_t segmap = segmap_task();
    kills += segmap != 0 && task_debug_kill(segmap) == OK;
}

/* If some are to leave some have: where memory is large and the disk fast all would be over before
 * the hand has come by twice. */
static void wait_until_some_leave(void)
{
    enum { SOME = 64 };
    struct memory_info m = memory();
    L4_Word_t limit = m.stores + SOME;
    if (m.windows_stay == 0 || m.windows_stay + SOME >= used_pages || segmap_task() == 0) {
        return;
    }
    (void)evict_task(L4_Version(L4_Myself()), EVICT_KEEP_DC, NULL); /* with `debug on' */
    for (int i = 0; memory().stores < limit && i < AWAY_POLLS_MAX / 4; i++) {
        away_pause();
    }
}

/* ---- all of it ---- */

static int make(struct object *o)
{
    void *address;
    o->generations = malloc(used_pages * sizeof *o->generations);
    if (!o->generations || physmem_create(pages, 0, &o->handle) != OK ||
        pager_map_container(o->handle, 0, (size_t)pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address) !=
            OK) {
        return 0;
    }
    o->words = address;
    for (uint32_t i = 0; i < used_pages; i++) {
        o->generations[i] = ZERO;
    }
    return 1;
}

static int run(uint32_t rounds, uint32_t kill_times)
{
    uint32_t steps = rounds * used_pages, every = kill_times > 0 ? steps / kill_times + 1 : 0;
    for (uint32_t i = 0; i < used_pages; i++) {
        write_page(&objects[0], i);
    }
    wait_until_some_leave();
    for (uint32_t n = 0; n < steps; n++) {
        if (every > 0 && n % every == every / 2) {
            kill_segmap();
        }
        if (!step()) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < used_pages; i++) {
        if (!page_is_right(&objects[0], i) || !page_is_right(&objects[1], i)) {
            return 0;
        }
    }
    return stat_is_right(&objects[0]) && stat_is_right(&objects[1]);
}

/* What a destroyed container had may come back later, when segmap has told it.  What else may have
 * gone to the disk is the map itself (task server, segmap.c), this program, and others. */
static int slots_come_back(const struct memory_info *before)
{
    L4_Word_t most = before->slots_used + memory().slots_total / 50 + 64 + SPARE_SLOTS;
    for (uint32_t waited = 0; memory().slots_used > most; waited += PAUSE_MS) {
        if (waited > SETTLE_LIMIT_MS) {
            printf("%u slots are used, wrong: it was %u\n", (unsigned)memory().slots_used,
                   (unsigned)before->slots_used);
            return 0;
        }
        L4_Sleep(L4_TimePeriod(PAUSE_MS * 1000));
    }
    return 1;
}

static int state_is_right(void)
{
    L4_Word_t out[2] = {0, 0};
    enum error e = task_debug(PHYSMEM_CHECK, NULL, 0, out, 2);
    if (e == OK && out[0] != 0) {
        printf("physmem: %u violations, the first one in check.c:%u, wrong\n", (unsigned)out[0],
               (unsigned)out[1]);
    }
    return e != OK || out[0] == 0;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

int main(int argc, char **argv)
{
    int kill = argc == 7 && strcmp(argv[5], "kill") == 0;
    if ((argc != 5 && !kill) || number(argv[1]) == 0 || number(argv[2]) == 0) {
        return 2;
    }
    pages = number(argv[1]);
    stride = number(argv[2]);
    seed = number(argv[4]);
    used_pages = pages / stride;
    state = seed + 1;
    struct memory_info before = memory();
    if (used_pages == 0 || !make(&objects[0]) || !make(&objects[1])) {
        return 3;
    }
    if (!run(number(argv[3]), kill ? number(argv[6]) : 0) || !state_is_right()) {
        return 1;
    }
    struct memory_info after = memory();
    printf("segmap: %u lookups, %u stores, ended %u times\n", (unsigned)(after.lookups - before.lookups),
           (unsigned)(after.stores - before.stores), (unsigned)kills);
    for (int i = 0; i < 2; i++) {
        (void)pager_unmap(objects[i].words, (size_t)pages * PAGE_SIZE);
        (void)physmem_destroy(objects[i].handle);
    }
    if (!slots_come_back(&before) || !state_is_right()) {
        return 1;
    }
    printf("%u pages in %u windows, %s rounds, sum %08x: all right, and all slots are back\n",
           (unsigned)(2 * used_pages), (unsigned)(stride < 16 ? (pages + 15) / 16 * 2 : 2 * used_pages),
           argv[3], (unsigned)sum());
    return 0;
}
