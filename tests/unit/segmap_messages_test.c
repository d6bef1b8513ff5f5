// sources: servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c servers/physmem/segmap_calls/segmap_calls.c tests/unit/assertion.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between segmap and physmem that make no sense: neither side breaks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktap/ktap.h"
#include "segmap_calls.h"
#include "serve.h"
#include "segmap_draw.h"

enum { PAGES = MAP_PAGES_MIN + 2, ROUNDS = 20000 };

static struct segmap segmap;
static struct segmap_calls calls;
static void *memory;
static uint32_t bits[PAGES / 32 + 1], pull[SEGMAP_WORDS_MAX];

static void start(uint8_t filling)
{
    memset(memory, filling, (size_t)PAGES * NODE_BYTES);
    segmap_open(&segmap, memory, PAGES, bits);
}

static bool always(struct window_key key)
{
    (void)key;
    return true;
}

static void no_key(struct window_key key)
{
    (void)key;
}

static bool no_record(struct window_key key, struct window_record *r)
{
    (void)key;
    r->entries[draw(WINDOW_PAGES)] = draw(3);
    return true;
}

static void no_add(const struct window_record *r)
{
    EXPECT(r->key.window < WINDOWS_MAX);
}

static void no_version(struct window_key key, uint32_t version)
{
    (void)key;
    (void)version;
}

static void no_range(uint32_t c, uint32_t first, uint32_t end)
{
    (void)c;
    EXPECT(first < end);
}

static void nothing(void)
{
}

static void no_entries(uint32_t c, const uint32_t *entries, uint32_t count)
{
    (void)c;
    EXPECT(count > 0 && (entries[count - 1] | 1) != 0);
}

static const struct segmap_hooks no_hooks = {.wanted = always,
                                             .set_aside = always,
                                             .put_back = no_key,
                                             .record = no_record,
                                             .add = no_add,
                                             .unreadable = no_key,
                                             .stored = no_version,
                                             .refused = no_version,
                                             .dropped = no_range,
                                             .not_dropped = nothing,
                                             .freed = no_entries};

static struct window_key any_key(void)
{
    return (struct window_key){.container = draw(3), .window = draw(3)};
}

static uint32_t any_words(uint32_t *words)
{
    uint32_t count = draw(SEGMAP_WORDS_MAX + 1);
    for (uint32_t i = 0; i < count; i++) {
        words[i] = draw(8) ? draw(6) : draw(2) ? draw(1 << 16) : UINT32_MAX - draw(3);
    }
    return count;
}

static void test_nonsense(void)
{
    ktap_begin("messages that make no sense break nothing");
    start(0);
    segmap_calls_init(&calls, &no_hooks);
    for (uint32_t i = 0; i < ROUNDS && !ktap_failing(); i++) {
        uint32_t words[SEGMAP_WORDS_MAX], count = any_words(words);
        EXPECT(segmap_step(&segmap, words, count, pull) <= SEGMAP_WORDS_MAX);
        segmap_look_up(&calls, any_key());
        segmap_store(&calls, any_key());
        (void)segmap_drop(&calls, draw(3), draw(40), 40 + draw(40));
        uint32_t others = draw(2 * SEGMAP_CALLS_MAX);
        (void)segmap_hand_out(&calls, words, &others);
        (void)segmap_on_pull(&calls, words, any_words(words));
        EXPECT(calls.count <= 3 * CALLS_OF_KIND_MAX);
    }
    segmap_open(&segmap, memory, PAGES, bits);
    EXPECT(segmap.usable);
    (void)ktap_end();
}

static void test_unusable(void)
{
    ktap_begin("a map that is none answers every call");
    start(0x5a);
    EXPECT(!segmap.usable);
    const uint32_t words[] = {9, SEGMAP_LOOKUP, 1, 2, SEGMAP_STORE, 1, 2, 5, 0, SEGMAP_DROP, 1, 0, 16};
    uint32_t count = segmap_step(&segmap, words, sizeof words / sizeof *words, pull);
    EXPECT_EQ(count, 5);
    EXPECT(pull[0] == 9 && pull[1] == 3);
    EXPECT(pull[2] == SEGMAP_DAMAGED && pull[3] == SEGMAP_DAMAGED && pull[4] == SEGMAP_DAMAGED);
    (void)ktap_end();
}

/* One of the first pages is lost while it is at work: that which tells where the state is, or the
 * state that counts. */
static void test_lost(void)
{
    ktap_begin("a map that loses its head answers every call");
    struct window_record r = {.key = {.container = 1}, .entries = {5}};
    for (uint32_t page = 0; page < 2; page++) {
        start(0);
        EXPECT_EQ(map_store(&segmap.map, &r), MAP_OK);
        void *lost = page == 0 ? (void *)segmap.map.head : (void *)segmap.map.state;
        memset(lost, 0xff, NODE_BYTES);
        const uint32_t words[] = {9, SEGMAP_LOOKUP, 1, 0, SEGMAP_STORE, 1, 2, 5, 0, SEGMAP_DROP, 1, 0, 16};
        uint32_t count = segmap_step(&segmap, words, sizeof words / sizeof *words, pull);
        EXPECT_EQ(count, 5);
        EXPECT(pull[2] == SEGMAP_DAMAGED && pull[3] == SEGMAP_DAMAGED && pull[4] == SEGMAP_DAMAGED);
    }
    (void)ktap_end();
}

int main(void)
{
    memory = aligned_alloc(NODE_BYTES, (size_t)PAGES * NODE_BYTES);
    seed = 2654435761u;
    ktap_start(write_text, 3);
    test_nonsense();
    test_unusable();
    test_lost();
    free(memory);
    return ktap_finish();
}
