// sources: servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c tests/unit/assertion.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map against a table of what must be in it: look-ups, stores and drops at random,
 * the shape of its tree, a map that is full, damaged nodes, and a segmap
 * killed after any instruction of a change. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ktap/ktap.h"
#include "map.h"
#include "segmap_draw.h"

enum { CONTAINERS = 6, WINDOWS = 300, MAP_PAGES = 400, SEEDS = 4, ROUNDS = 30000 };

/* ---- the model: every entry that a record in the map must have ---- */

struct model {
    struct window_record records[CONTAINERS][WINDOWS];
    uint32_t last_batch;
};

static struct model model;
static struct map map;
static char memory[MAP_PAGES * NODE_BYTES] __attribute__((aligned(4096)));
static uint32_t used[(MAP_PAGES + 31) / 32];

static uint32_t entries_of(const struct window_record *r)
{
    uint32_t count = 0;
    for (int i = 0; i < WINDOW_PAGES; i++) {
        count += r->entries[i] != 0;
    }
    return count;
}

static void fresh_map(void)
{
    memset(memory, 0, sizeof memory);
    memset(&model, 0, sizeof model);
    EXPECT_EQ(map_open(&map, memory, MAP_PAGES, used), MAP_OK);
}

/* Walks the tree, and returns how many nodes it has; the records are in order and as in the
 * model. */
static uint32_t check_node(uint32_t page, uint32_t level, struct window_key *last, uint32_t *records)
{
    const struct node *n = pages_node(&map.pages, page, level);
    uint32_t nodes = 1;
    if (!n) {
        EXPECT(n);
        return 0;
    }
    for (uint32_t i = 0; i < n->count; i++) {
        const struct item *it = node_item(n, i);
        if (!it) {
            EXPECT(it);
            return 0;
        }
        if (level > 0) {
            const struct node *below = pages_node(&map.pages, it->value, level - 1);
            EXPECT(below && window_key_compare(item_key(it), item_key(node_item(below, 0))) == 0);
            nodes += check_node(it->value, level - 1, last, records);
            continue;
        }
        struct window_record r;
        record_unpack(it, &r);
        EXPECT((*records)++ == 0 || window_key_compare(*last, r.key) < 0);
        EXPECT(memcmp(&r, &model.records[r.key.container][r.key.window], sizeof r) == 0);
        *last = r.key;
    }
    return nodes;
}

static void check_map(void)
{
    const struct tree *t = &map.state->tree;
    struct window_key last = {0};
    uint32_t records = 0, wanted = 0;
    uint32_t nodes = t->levels ? check_node(t->root, t->levels - 1, &last, &records) : 0;
    for (int c = 0; c < CONTAINERS; c++) {
        for (int w = 0; w < WINDOWS; w++) {
            wanted += entries_of(&model.records[c][w]) > 0;
        }
    }
    EXPECT_EQ(records, wanted);
    EXPECT_EQ(map.state->records, wanted);
    EXPECT_EQ(map.pages.free, MAP_PAGES - 3 - nodes);
}

/* ---- operations ---- */

static struct window_key any_key(void)
{
    return (struct window_key){.container = draw(CONTAINERS), .window = draw(WINDOWS)};
}

static struct window_record any_record(void)
{
    struct window_record r = {.key = any_key(), .version = draw(1000)};
    uint32_t kind = draw(8);
    for (int i = 0; i < WINDOW_PAGES; i++) {
        if (kind == 0 || (kind < 6 && draw(4) == 0)) {
            r.entries[i] = 1 + draw(60000);
            r.checksums[i] = draw(60000);
        }
    }
    return r;
}

static void do_store(void)
{
    struct window_record r = any_record();
    struct window_record *slot = &model.records[r.key.container][r.key.window];
    enum map_result result = map_store(&map, &r);
    EXPECT(result == MAP_OK || (result == MAP_FULL && entries_of(&r) > 0));
    if (result == MAP_OK) {
        *slot = entries_of(&r) ? r : (struct window_record){0};
    }
}

static void do_look_up(void)
{
    struct window_key key = any_key();
    struct window_record r, *wanted = &model.records[key.container][key.window];
    enum map_result result = map_look_up(&map, key, &r);
    EXPECT_EQ(result, entries_of(wanted) ? MAP_OK : MAP_NONE);
    EXPECT(result != MAP_OK || memcmp(&r, wanted, sizeof r) == 0);
}

/* Takes what a batch names out of the model: each entry once, and in the range. */
static void take_batch(const struct map_batch *b, uint32_t first, uint32_t end)
{
    uint32_t next = 0;
    EXPECT_EQ(b->number, ++model.last_batch);
    for (uint32_t page = first; page < end && next < b->count; page++) {
        struct window_record *r = &model.records[b->container][page / WINDOW_PAGES];
        uint32_t *entry = &r->entries[page % WINDOW_PAGES];
        if (*entry) {
            EXPECT_EQ(*entry, b->entries[next++]);
            *entry = r->checksums[page % WINDOW_PAGES] = 0;
        }
        if (entries_of(r) == 0) {
            *r = (struct window_record){0};
        }
    }
    EXPECT_EQ(next, b->count);
}

static void do_drop(uint32_t container, uint32_t first, uint32_t end)
{
    enum map_result r;
    while ((r = map_drop(&map, container, first, end)) == MAP_OK) {
        REQUIRE(map_batch(&map));
        EXPECT_EQ(map_batch(&map)->container, container);
        take_batch(map_batch(&map), first, end);
        if (draw(3) == 0) { /* killed before physmem has counted the batch: it is still there */
            EXPECT_EQ(map_open(&map, memory, MAP_PAGES, used), MAP_OK);
            EXPECT(map_batch(&map) && map_batch(&map)->number == model.last_batch);
        }
        map_batch_counted(&map);
        EXPECT(!map_batch(&map));
    }
    EXPECT_EQ(r, MAP_NONE);
    for (uint32_t page = first; page < end; page++) {
        EXPECT_EQ(model.records[container][page / WINDOW_PAGES].entries[page % WINDOW_PAGES], 0);
    }
}

static void do_any(void)
{
    uint32_t kind = draw(40), first = draw(WINDOWS * WINDOW_PAGES);
    if (kind < 24) {
        do_store();
    } else if (kind < 36) {
        do_look_up();
    } else if (kind < 38) {
        uint32_t pages = 1 + draw(100), most = WINDOWS * WINDOW_PAGES - first;
        do_drop(draw(CONTAINERS), first, first + (pages < most ? pages : most));
    } else if (kind == 38) {
        do_drop(draw(CONTAINERS), 0, WINDOWS * WINDOW_PAGES);
    } else {
        EXPECT_EQ(map_open(&map, memory, MAP_PAGES, used), MAP_OK);
    }
}

static bool test_random(uint32_t rounds)
{
    ktap_begin("stores, look-ups and drops at random agree with a table");
    fresh_map();
    for (uint32_t i = 0; i < rounds && !ktap_failing() && (!input || input_left); i++) {
        do_any();
        if (draw(64) == 0) {
            check_map();
        }
    }
    check_map();
    return ktap_end();
}

static void test_full(void)
{
    ktap_begin("a full map refuses new records and still deletes old ones");
    static uint32_t few[(MAP_PAGES_MIN + 31) / 32 + 1];
    fresh_map();
    EXPECT_EQ(map_open(&map, memory, MAP_PAGES_MIN + 8, few), MAP_OK);
    uint32_t stored = 0;
    struct window_record r = {.entries = {1, 2, 3}, .checksums = {4, 5, 6}}, back;
    for (enum map_result result = MAP_OK; result == MAP_OK; stored++) {
        r.key.window = stored;
        result = map_store(&map, &r);
        EXPECT(result == MAP_OK || result == MAP_FULL);
    }
    EXPECT_LT(100, --stored);
    EXPECT_EQ(map_look_up(&map, (struct window_key){.window = stored - 1}, &back), MAP_OK);
    EXPECT_EQ(map_look_up(&map, (struct window_key){.window = stored}, &back), MAP_NONE);
    for (uint32_t i = 0; i < stored; i++) {
        memset(&r, 0, sizeof r);
        r.key.window = i * 7 % stored; /* 7 does not divide what fits */
        EXPECT_EQ(map_store(&map, &r), MAP_OK);
    }
    EXPECT_EQ(map.state->records, stored % 7 ? 0 : map.state->records);
    EXPECT_EQ(map.state->tree.levels, stored % 7 ? 0 : map.state->tree.levels);
    (void)ktap_end();
}

/* ---- killed at any instruction ---- */

static struct window_record victim;

static void store_victim(void)
{
    (void)map_store(&map, &victim);
}

static void drop_victim(void)
{
    (void)map_drop(&map, victim.key.container, victim.key.window * WINDOW_PAGES, WINDOWS * WINDOW_PAGES);
}

/* What a segmap finds that is started now: all records as they were, or all as they are to be.
 * Returns how many records there are. */
static uint32_t find_all(const void *pages, void *copy)
{
    static uint32_t bits[(MAP_PAGES + 31) / 32];
    struct map other;
    struct window_record r;
    memcpy(copy, pages, MAP_PAGES * NODE_BYTES);
    EXPECT_EQ(map_open(&other, copy, MAP_PAGES, bits), MAP_OK);
    uint32_t found = 0, batch = map_batch(&other) ? map_batch(&other)->count : 0;
    for (uint32_t c = 0; c < CONTAINERS; c++) {
        for (uint32_t w = 0; w < WINDOWS; w++) {
            struct window_key key = {.container = c, .window = w};
            if (map_look_up(&other, key, &r) == MAP_OK) {
                found++;
                bool is_victim = entries_of(&victim) && window_key_compare(key, victim.key) == 0;
                EXPECT(memcmp(&r, is_victim ? &victim : &model.records[c][w], sizeof r) == 0);
            }
        }
    }
    EXPECT_EQ(other.state->records, found);
    return found + batch; /* in what is dropped here each record has one entry */
}

/* The trap flag of the processor: each instruction that follows is followed by a SIGTRAP. */
static void set_trap_flag(bool on)
{
    if (on) {
        __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl" ::: "memory", "cc");
    } else {
        __asm__ volatile("pushfl; andl $~0x100, (%%esp); popfl" ::: "memory", "cc");
    }
}

static struct {
    uint32_t pace, before, after; /* as step_through() was told */
    uint32_t instructions, commit;
    bool committed;
} steps;

/* qemu-i386 calls handlers with a stack that is not aligned as the sanitizers need it. */
static __attribute__((force_align_arg_pointer)) void on_instruction(int signal)
{
    static char copy[MAP_PAGES * NODE_BYTES] __attribute__((aligned(4096)));
    (void)signal;
    if (ktap_failing()) {
        return; /* one failure is enough */
    }
    if (steps.instructions++ % steps.pace == 0 || map.head->commit != steps.commit) {
        steps.commit = map.head->commit;
        uint32_t sum = find_all(memory, copy);
        steps.committed = steps.committed || sum == steps.after;
        EXPECT_EQ(sum, steps.committed ? steps.after : steps.before);
    }
}

/* Runs the operation instruction by instruction, and looks at the map after every `pace` of them,
 * and after the commit.  Before and after the commit the sum of records and batch is what the
 * caller says.  A second process that traces it would be at a loss under qemu-i386
 * (tools/host32). */
static void step_through(void (*operation)(void), uint32_t pace, uint32_t before, uint32_t after)
{
    static char copy[MAP_PAGES * NODE_BYTES] __attribute__((aligned(4096)));
    steps.pace = pace;
    steps.before = before;
    steps.after = after;
    steps.instructions = 0;
    steps.commit = map.head->commit;
    steps.committed = false;
    REQUIRE(signal(SIGTRAP, on_instruction) != SIG_ERR);
    set_trap_flag(true);
    operation();
    set_trap_flag(false);
    (void)signal(SIGTRAP, SIG_DFL);
    EXPECT_LE(1000, steps.instructions);
    EXPECT_EQ(find_all(memory, copy), after);
    EXPECT_EQ(map_open(&map, memory, MAP_PAGES, used), MAP_OK);
}

/* Records with one entry each, so that a batch counts records. */
static uint32_t fill(uint32_t wanted)
{
    fresh_map();
    for (uint32_t i = 0; i < wanted; i++) {
        struct window_record r = {.key = any_key(), .version = i, .entries = {i + 1}, .checksums = {i}};
        model.records[r.key.container][r.key.window] = r;
        EXPECT_EQ(map_store(&map, &r), MAP_OK);
    }
    return map.state->records;
}

static void test_killed(void)
{
    ktap_begin("a segmap that is killed at any instruction leaves all records, old or new");
    (void)fill(1500);
    EXPECT_LE(2, map.state->tree.levels);
    victim = (struct window_record){.key = {.container = 3, .window = 70}};
    EXPECT_EQ(map_store(&map, &victim), MAP_OK); /* that window has no record yet */
    uint32_t records = map.state->records;
    for (int i = 0; i < WINDOW_PAGES; i++) {
        victim.entries[i] = victim.checksums[i] = 77;
    }
    step_through(store_victim, 211, records, records + 1);
    model.records[3][70] = victim;
    memset(&victim, 0, sizeof victim);
    victim.key = (struct window_key){.container = 2, .window = 40};
    step_through(drop_victim, 211, records + 1, records + 1);
    (void)ktap_end();
}

/* ---- damage ---- */

/* No item of any page is said to lie outside of it. */
static void check_items(void)
{
    for (uint32_t page = 0; page < MAP_PAGES; page++) {
        const struct node *n = &map.pages.base[page];
        for (uint32_t i = 0; node_is(n, n->level) && i < n->count; i++) {
            const struct item *it = node_item(n, i);
            EXPECT(!it || ((const char *)it > (const char *)n &&
                           (const char *)it + item_bytes(it) <= (const char *)(n + 1)));
        }
    }
}

static void damage_once(void)
{
    fill(draw(700));
    uint32_t hits = 1 + draw(3);
    for (uint32_t i = 0; i < hits; i++) {
        uint32_t page = draw(MAP_PAGES - map.pages.free + 4), at = draw(2) ? draw(NODE_BYTES) : draw(200);
        ((uint8_t *)memory)[page * NODE_BYTES + at] ^= (uint8_t)(1 + draw(255));
    }
    check_items();
    struct window_record r;
    if (map_open(&map, memory, MAP_PAGES, used) == MAP_DAMAGED && !map_usable(&map)) {
        return;
    }
    for (uint32_t w = 0; w < WINDOWS; w++) {
        (void)map_look_up(&map, (struct window_key){.container = 1, .window = w}, &r);
    }
    (void)map_store(&map, &model.records[2][3]);
    if (!map_batch(&map)) {
        (void)map_drop(&map, draw(CONTAINERS), 0, WINDOWS * WINDOW_PAGES);
    }
}

/* The last words of the node for an item, which has one entry: false if they are too few for it. */
static bool fits_at_the_end(uint32_t words)
{
    static struct node n;
    struct item_run run = {.count = 0};
    struct window_record r = {.entries = {1}, .checksums = {2}};
    char packed[ITEM_BYTES_MAX] __attribute__((aligned(4)));
    record_pack(&r, (struct item *)(void *)packed);
    run_add(&run, (struct item *)(void *)packed);
    node_lay_out(&n, 0, &run, 0, 1);
    n.at[0] = (uint16_t)(NODE_BODY - 4 * words);
    memcpy((char *)n.at + n.at[0], packed, 4 * words);
    return node_item(&n, 0) != NULL;
}

static void test_damaged(void)
{
    ktap_begin("a damaged node costs its own records, and nothing reads outside of the map");
    EXPECT(fits_at_the_end(5) && !fits_at_the_end(4) && !fits_at_the_end(3) && !fits_at_the_end(2));
    for (uint32_t round = 0; round < 100; round++) {
        damage_once();
    }
    (void)ktap_end();
}

/* Segmap's memory is pageable: pages that have not been used for long would have to be brought in
 * for each change. */
static void test_few_pages(void)
{
    enum { CHANGES = 2 * MAP_PAGES };
    ktap_begin("changes use the pages that the changes before gave up");
    fresh_map();
    struct window_record r = {.entries = {1}};
    for (r.key.window = 0; r.key.window < WINDOWS; r.key.window++) {
        EXPECT_EQ(map_store(&map, &r), MAP_OK);
    }
    uint32_t next = map.pages.next;
    EXPECT(map.state->tree.levels == 2 && next < 10);
    for (uint32_t i = 0; i < CHANGES; i++) {
        r.key.window = i % WINDOWS;
        r.version++;
        EXPECT_EQ(map_store(&map, &r), MAP_OK);
    }
    EXPECT_EQ(map.pages.next, next);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(write_text, SEEDS + 4);
    for (uint32_t i = 1; i <= SEEDS; i++) {
        seed = i * 7919;
        (void)test_random(ROUNDS);
    }
    test_full();
    test_few_pages();
    test_killed();
    test_damaged();
    return ktap_finish();
}
