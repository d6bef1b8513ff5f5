/* SPDX-License-Identifier: BSD-2-Clause */
/* A13: one pager thread suffices.  Faults are served in the order in which the kernel queues them
 * (first come, first served); the pager only forwards, so no fault waits for another one's disk. */
#include "fixture.h"
#include "rows.h"

enum { THREADS = 64, PAGES_EACH = 4, LOOP_ROUNDS = 1 << 30, LIMIT_MS = 60 * 1000 };

/* Threads first .. THREADS fill their own pages at the same time. */
static void all_fill(const struct child *c, unsigned first, L4_Word_t address)
{
    for (unsigned i = first; i < THREADS; i++) {
        L4_Word_t at = address + i * PAGES_EACH * PAGE_SIZE;
        REQUIRE(child_post(child_thread(c, i), SERVANT_FILL, at, PAGES_EACH, i));
    }
    for (unsigned i = first; i < THREADS; i++) {
        L4_ThreadId_t from;
        REQUIRE_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
    }
    for (unsigned i = first; i < THREADS; i++) {
        L4_Word_t at = address + i * PAGES_EACH * PAGE_SIZE;
        EXPECT_EQ(child_do(c, SERVANT_WRONG, at, PAGES_EACH, i), 0);
    }
}

static void many_threads_fault(void)
{
    struct child c;
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    all_fill(&c, 0, child_anonymous(&c, THREADS * PAGES_EACH));
    EXPECT_EQ(memory().parked, 0);
}

/* The same while every page has to come from the disk. */
static void many_threads_fault_on_swapped_pages(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t address = child_anonymous(&c, THREADS * PAGES_EACH);
    (void)child_do(&c, SERVANT_FILL, address, THREADS * PAGES_EACH, 13);
    REQUIRE(child_outswap(&c, 0));
    all_fill(&c, 0, address);
}

/* One thread does nothing but fault. */
static void a_looping_faulter_starves_nobody(void)
{
    struct child c, other;
    REQUIRE(child_start(&other, "servant") && child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t address = child_anonymous(&c, THREADS * PAGES_EACH);
    REQUIRE(child_post(child_thread(&c, 0), SERVANT_TOUCH, address, PAGES_EACH, LOOP_ROUNDS));
    all_fill(&c, 1, address);
    L4_Word_t theirs = child_anonymous(&other, 50);
    (void)child_do(&other, SERVANT_FILL, theirs, 50, 1);
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, 50, 1), 0);
}

/* An instruction that needs its own page and four of data, while each page is taken as soon as that
 * is possible: they must all be there at the same time. */
static void five_pages_of_one_instruction(void)
{
    enum { ROUNDS = 20, FROM = 0, TO = 2, AT = PAGE_SIZE - 2 };
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, 4), from = address + FROM * PAGE_SIZE + AT;
    L4_Word_t to = address + TO * PAGE_SIZE + AT;
    for (L4_Word_t round = 0; round < ROUNDS; round++) {
        (void)child_do(&c, SERVANT_POKE, from, 0x5a5a0000 + round, 0);
        REQUIRE(child_evict(&c, 0));
        REQUIRE(child_post(c.thread, SERVANT_MOVE, from, to, 0));
        REQUIRE(child_evict_until_answer(&c, NULL));
        EXPECT_EQ(child_do(&c, SERVANT_PEEK, to, 0, 0), 0x5a5a0000 + round);
    }
}

static const struct test_case cases[] = {
    {"many_threads_fault", many_threads_fault},
    {"many_threads_fault_on_swapped_pages", many_threads_fault_on_swapped_pages},
    {"five_pages_of_one_instruction", five_pages_of_one_instruction},
    {"a_looping_faulter_starves_nobody", a_looping_faulter_starves_nobody},
};
const struct row row_A13 = ROW("A13_one_pager_thread", cases);
