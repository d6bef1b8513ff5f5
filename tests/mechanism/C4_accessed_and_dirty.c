/* SPDX-License-Identifier: BSD-2-Clause */
/* C4: a pager samples the processor's accessed and dirty bits of its own pages through L4 Unmap;
 * what it reads and clears stays visible to physmem.  (Speculatively set accessed bits cannot be
 * provoked: nothing here relies on a page *not* being marked accessed, but for the processor this
 * runs on, which does not speculate.) */
#include "fixture.h"
#include "rows.h"

enum { ROUNDS = 5, SEED = 0xc4, READ_WRITE = RIGHT_READ | RIGHT_WRITE, LIMIT_MS = 60 * 1000 };

/* Status of a page, which is read and cleared; nothing is revoked. */
static L4_Word_t sample(const struct child *c, L4_Word_t page)
{
    return L4_Rights((L4_Fpage_t){child_do(c, SERVANT_FLUSH, page | PAGE_SHIFT << 4, 0, 0)});
}

static void status_follows_use(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 1);
    (void)child_do(&c, SERVANT_POKE, page, 1, 0);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_POKE, page, round, 0);
        EXPECT_EQ(sample(&c, page) & L4_ReadWriteOnly, L4_ReadWriteOnly);
        EXPECT_EQ(sample(&c, page), 0);
        EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), round);
        EXPECT_EQ(sample(&c, page) & L4_ReadWriteOnly, L4_Readable);
        EXPECT_EQ(sample(&c, page), 0);
    }
}

/* The pager says "clean" to itself; physmem must not believe it. */
static void a_sampled_page_is_not_lost(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 4);
    for (unsigned round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_FILL, page, 4, SEED + round);
        for (L4_Word_t i = 0; i < 4; i++) {
            EXPECT_EQ(sample(&c, page + i * PAGE_SIZE) & L4_Writable, L4_Writable);
        }
        REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
        REQUIRE(child_inswap(&c));
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, page, 4, SEED + round), 0);
    }
}

/* Taking the write right away makes the next write fault; the status says what was. */
static void rights_taken(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t page = child_anonymous(&c, 1), faults;
    (void)child_do(&c, SERVANT_POKE, page, 1, 0);
    L4_Word_t status = child_do(&c, SERVANT_FLUSH, page | PAGE_SHIFT << 4 | L4_Writable, 0, 0);
    EXPECT_EQ(status & L4_Writable, L4_Writable);
    faults = memory().faults;
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), 1);
    (void)child_do(&c, SERVANT_POKE, page, 2, 0);
    EXPECT_LT(faults, memory().faults);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), 2);
}

static L4_Word_t map_in(const struct child *c, handle_t handle, L4_Word_t pages)
{
    L4_Word_t in[] = {test_share(handle, c, READ_WRITE), 0, pages, READ_WRITE}, address = 0;
    EXPECT_EQ(child_command(c->thread, SERVANT_MAP_CONTAINER, in, 4, &address, 1), OK);
    return address;
}

static L4_Word_t in_memory(handle_t handle)
{
    struct container_stat stat = {0};
    EXPECT_EQ(physmem_stat(handle, &stat), OK);
    return stat.in_memory;
}

/* Replacement goes by the accessed bits: while far more is written than there is memory, pages that
 * are read all the time stay, and as many that nobody touches go. */
static void pages_in_use_stay(void)
{
    enum { PAGES = 64 };
    struct child c;
    L4_ThreadId_t from;
    REQUIRE_SWAP();
    handle_t hot = test_container(PAGES), cold = test_container(PAGES);
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, 1));
    L4_ThreadId_t user = child_thread(&c, 0);
    L4_Word_t hot_at = map_in(&c, hot, PAGES), cold_at = map_in(&c, cold, PAGES);
    L4_Word_t stop = child_anonymous(&c, 1);
    (void)child_do(&c, SERVANT_FILL, cold_at, PAGES, SEED);
    (void)child_do(&c, SERVANT_FILL, hot_at, PAGES, SEED);
    REQUIRE(child_post(user, SERVANT_USE, hot_at, PAGES, stop));
    L4_Word_t faults = task_memory(c.task).faults;
    REQUIRE(memory_pressure() && memory_pressure());
    faults = task_memory(c.task).faults - faults;
    L4_Word_t hot_in = in_memory(hot), cold_in = in_memory(cold);
    (void)child_do(&c, SERVANT_POKE, stop, 1, 0);
    EXPECT_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
    ktap_diagnostic("of %u pages each, %u in use are in memory, %u others; %u faults", (unsigned)PAGES,
                    (unsigned)hot_in, (unsigned)cold_in, (unsigned)faults);
    EXPECT_LE(PAGES / 2, hot_in);
    EXPECT_LE(cold_in, PAGES / 4);
    EXPECT_LE(faults, PAGES);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, cold_at, PAGES, SEED), 0);
}

static const struct test_case cases[] = {
    {"status_follows_use", status_follows_use},
    {"a_sampled_page_is_not_lost", a_sampled_page_is_not_lost},
    {"rights_taken", rights_taken},
    {"pages_in_use_stay", pages_in_use_stay},
};
const struct row row_C4 = ROW("C4_accessed_and_dirty", cases);
