/* SPDX-License-Identifier: BSD-2-Clause */
/* A4: an anonymous fault is served with a zeroed page, made when it is needed. */
#include "fixture.h"
#include "rows.h"

enum { PAGES = 1000, QUOTA_SPARE = 20, SMALL_LIMIT = 12000 };

static void zero_frames(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    struct memory_info before = memory();
    EXPECT_EQ(child_do(&c, SERVANT_NOT_ZERO, address, PAGES, 0), 0);
    for (L4_Word_t i = 0; i < PAGES; i++) {
        (void)child_do(&c, SERVANT_POKE, address + (i << PAGE_SHIFT), i + 1, 0);
    }
    struct memory_info after = memory();
    EXPECT_LE(PAGES, after.faults - before.faults);
    EXPECT_LE(before.pages_promised + PAGES, after.pages_promised);
    for (L4_Word_t i = 0; i < PAGES; i++) {
        EXPECT_EQ(child_do(&c, SERVANT_PEEK, address + (i << PAGE_SHIFT), 0, 0), i + 1);
    }
}

/* Memory that somebody else, or the same task, has written before. */
static void never_a_stale_page(void)
{
    struct child a, b;
    REQUIRE(child_start(&a, "servant") && child_start(&b, "servant"));
    for (int round = 0; round < 4; round++) {
        L4_Word_t address = child_anonymous(&a, 300);
        EXPECT_EQ(child_do(&a, SERVANT_NOT_ZERO, address, 300, 0), 0);
        (void)child_do(&a, SERVANT_FILL, address, 300, 0xbad);
        (void)child_do(&a, SERVANT_UNMAP, address, 300, 0);
        address = child_anonymous(&b, 300);
        (void)child_do(&b, SERVANT_POKE, address + 299 * PAGE_SIZE, 0, 0);
        EXPECT_EQ(child_do(&b, SERVANT_NOT_ZERO, address, 300, 0), 0);
        (void)child_do(&b, SERVANT_UNMAP, address, 300, 0);
    }
    /* Zeroing a page that was written, through the container's own call. */
    L4_Word_t page = child_spare_page(&a), in[] = {HANDLE_DC, page >> PAGE_SHIFT, 1};
    (void)child_do(&a, SERVANT_FILL, page, 1, 5);
    EXPECT_EQ(child_physmem(&a, PHYSMEM_ZERO, in, 3, NULL, 0), OK);
    EXPECT_EQ(child_do(&a, SERVANT_NOT_ZERO, page, 1, 0), 0);
}

/* So that it has the stack on which it handles a trap: a task that cannot have that page is
 * ended. */
static void trap_once(const struct child *c)
{
    L4_Word_t nowhere = 0x70000000;
    EXPECT(child_command(c->thread, SERVANT_PEEK, &nowhere, 1, NULL, 0) != OK);
    EXPECT(child_last_trap().trapped);
}

/* The error is the task's that asked for too much. */
static void over_quota(void)
{
    struct child other, c;
    REQUIRE(child_start(&other, "servant"));
    L4_Word_t theirs = child_anonymous(&other, 50);
    (void)child_do(&other, SERVANT_FILL, theirs, 50, 1);
    trap_once(&other);
    L4_Word_t needs = task_memory(other.task).charged;
    struct child_options options = {.quota = needs + QUOTA_SPARE};
    REQUIRE_EQ(child_try_start(&c, "servant", &options), OK);
    trap_once(&c);
    L4_Word_t address = child_anonymous(&c, 4 * QUOTA_SPARE + needs);
    L4_Word_t in[] = {address, 4 * QUOTA_SPARE + needs, 2};
    EXPECT_EQ(child_command(c.thread, SERVANT_FILL, in, 3, NULL, 0), ERR_QUOTA);
    EXPECT(child_last_trap().trapped);
    EXPECT_LE(task_memory(c.task).charged, options.quota);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, 1, 2), 0); /* it goes on with what it has */
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, 50, 1), 0);
    L4_Word_t more = child_anonymous(&other, 50);
    (void)child_do(&other, SERVANT_FILL, more, 50, 3);
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, more, 50, 3), 0);
}

/* A pager that needs one more page for its own table, at the task's quota: who asked it for a
 * region gets an error, and the task goes on. */
static void regions_beyond_quota(void)
{
    enum { REGIONS = 3000 };
    struct child other, c;
    REQUIRE(child_start(&other, "servant"));
    L4_Word_t first = child_anonymous(&other, 1);
    (void)child_do(&other, SERVANT_FILL, first, 1, 1);
    trap_once(&other);
    struct child_options options = {.quota = task_memory(other.task).charged + QUOTA_SPARE};
    REQUIRE_EQ(child_try_start(&c, "servant", &options), OK);
    trap_once(&c);
    L4_Word_t create[] = {1, 0}, handle = 0, made = 0, address;
    REQUIRE_EQ(child_physmem(&c, PHYSMEM_CREATE, create, 2, &handle, 1), OK);
    L4_Word_t fill[] = {child_anonymous(&c, 2 * options.quota), 2 * options.quota, 2};
    EXPECT_EQ(child_command(c.thread, SERVANT_FILL, fill, 3, NULL, 0), ERR_QUOTA);
    enum error e = OK;
    for (; made < REGIONS && e == OK; made += e == OK) { /* rights take turns: none join */
        L4_Word_t map[] = {handle, 0, 1, made % 2 ? RIGHT_READ : RIGHT_READ | RIGHT_WRITE};
        e = child_command(c.thread, SERVANT_MAP_CONTAINER, map, 4, &address, 1);
    }
    EXPECT_EQ(e, ERR_QUOTA);
    EXPECT_LT(10, made);
    EXPECT_EQ(child_command(c.thread, SERVANT_NOTHING, NULL, 0, NULL, 0), OK);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, fill[0], 1, 2), 0);
}

/* All the memory and swap there is. */
static void no_room_left(void)
{
    struct memory_info info = memory();
    if (info.pages_limit > SMALL_LIMIT) {
        ktap_skip_rest("machine: memory and swap are too large to be filled in a moment");
        return;
    }
    struct child other, c;
    REQUIRE(child_start(&other, "servant") && child_start(&c, "servant"));
    L4_Word_t theirs = child_anonymous(&other, 20);
    (void)child_do(&other, SERVANT_FILL, theirs, 20, 4);
    trap_once(&c);
    L4_Word_t pages = info.pages_limit, in[] = {child_anonymous(&c, pages), pages, 5};
    EXPECT_EQ(child_command(c.thread, SERVANT_FILL, in, 3, NULL, 0), ERR_NO_ROOM);
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, 20, 4), 0);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, in[0], 100, 5), 0);
    (void)child_do(&c, SERVANT_UNMAP, in[0], pages, 0);
    L4_Word_t again = child_anonymous(&c, 100);
    EXPECT_EQ(child_do(&c, SERVANT_NOT_ZERO, again, 100, 0), 0);
}

/* One call after the other that needs frames, for tables, more than a fault leaves free. */
static enum error take_and_give_tables(void)
{
    enum { LEAF = 1024, LEAVES = 200 };
    handle_t handle;
    enum error e = physmem_create(LEAF * LEAVES, PHYSMEM_CREATE_HOLES, &handle);
    if (e != OK) {
        return e;
    }
    for (uint32_t i = 0; i < LEAVES && e == OK; i++) {
        e = physmem_zero(handle, i * LEAF + 1, 1);
    }
    enum error end = physmem_destroy(handle);
    return e == OK ? end : e;
}

/* While another fills memory as fast as it can, frames are short, and on their way. */
static void calls_wait_for_frames(void)
{
    struct child c;
    struct memory_info info = memory();
    L4_Word_t pages = 3 * info.frames_total, done = 0;
    if (info.slots_total < pages) {
        ktap_skip_rest("machine: no room on a swap disk");
        return;
    }
    REQUIRE(child_start(&c, "servant"));
    L4_ThreadId_t from;
    unsigned calls = 0;
    enum error e = OK, filled = ERR_IPC;
    REQUIRE(child_post(c.thread, SERVANT_FILL, child_anonymous(&c, pages), pages, 5));
    for (; e == OK && filled == ERR_IPC && calls < 100000; calls++) {
        e = take_and_give_tables();
        filled = child_collect(&from, &done, 0);
    }
    EXPECT_EQ(e, OK);
    EXPECT_LT(1, calls);
    ktap_diagnostic("%u times tables were taken and given back", calls);
    if (filled == ERR_IPC) {
        filled = child_collect(&from, &done, COMMAND_LIMIT_MS);
    }
    EXPECT_EQ(filled, OK);
}

static const struct test_case cases[] = {
    {"zero_frames", zero_frames},   {"never_a_stale_page", never_a_stale_page},
    {"over_quota", over_quota},     {"regions_beyond_quota", regions_beyond_quota},
    {"no_room_left", no_room_left}, {"calls_wait_for_frames", calls_wait_for_frames},
};
const struct row row_A4 = ROW("A4_anonymous_fault", cases);
