/* SPDX-License-Identifier: BSD-2-Clause */
/* B6: SwapIn takes a fault, finds what is to be read, and starts the transfer.  A page that is
 * already on its way is not read a second time. */
#include "fixture.h"
#include "rows.h"

enum { PAGES = 64, THREADS = 8, SEED = 0xb6, LIMIT_MS = 60 * 1000 };

static void each_page_is_read_once(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct memory_info before = memory();
    struct task_memory out = task_memory(c.task);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
    struct memory_info after = memory();
    ktap_diagnostic("%u pages in %u requests, %u were out", (unsigned)(after.pages_read - before.pages_read),
                    (unsigned)(after.reads - before.reads), (unsigned)out.swapped);
    EXPECT_LE(PAGES, after.pages_read - before.pages_read);
    EXPECT_LT(after.reads - before.reads, after.pages_read - before.pages_read);
    EXPECT_LE(after.pages_read - before.pages_read, out.swapped);
}

/* All threads want the same pages at the same time. */
static void no_second_read(void)
{
    struct child c;
    L4_ThreadId_t threads[THREADS], from;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t address = child_anonymous(&c, PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    for (unsigned i = 0; i < THREADS; i++) {
        threads[i] = child_thread(&c, i);
    }
    REQUIRE(child_outswap(&c, 0));
    struct memory_info before = memory();
    struct task_memory out = task_memory(c.task);
    for (unsigned i = 0; i < THREADS; i++) {
        REQUIRE(child_post(threads[i], SERVANT_WRONG, address, PAGES, SEED));
    }
    for (unsigned i = 0; i < THREADS; i++) {
        L4_Word_t wrong = ~0u;
        EXPECT_EQ(child_collect(&from, &wrong, LIMIT_MS), OK);
        EXPECT_EQ(wrong, 0);
    }
    EXPECT_LE(memory().pages_read - before.pages_read, out.swapped);
}

/* All of them wait for the same page, which cannot arrive before the last one has asked. */
static void one_read_for_many_faults(void)
{
    enum { TRIES = 5 };
    struct child c;
    L4_ThreadId_t threads[THREADS], from;
    bool held = false;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant") && child_add_threads(&c, THREADS));
    L4_Word_t address = child_anonymous(&c, PAGES), in[] = {0};
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    for (unsigned i = 0; i < THREADS; i++) { /* each has run once, and has its stack */
        threads[i] = child_thread(&c, i);
        EXPECT_EQ(child_command(threads[i], SERVANT_NOTHING, in, 1, NULL, 0), OK);
    }
    for (unsigned n = 0; n < TRIES && !held && !ktap_failing(); n++) {
        pause_ms(SHIELD_MS);
        REQUIRE(child_evict(&c, EVICT_KEEP_DC));
        disk_hold();
        L4_Word_t reads = memory().reads;
        for (unsigned i = 0; i < THREADS; i++) {
            REQUIRE(child_post(threads[i], SERVANT_PEEK, address + 40, 0, 0));
        }
        bool parked = wait_parked(THREADS);
        reads = memory().reads - reads;
        held = disk_go_on() && parked;
        for (unsigned i = 0; i < THREADS; i++) {
            L4_Word_t word = 0;
            EXPECT_EQ(child_collect(&from, &word, LIMIT_MS), OK);
            EXPECT_EQ(word, servant_word(SEED, 0, 10));
        }
        EXPECT(reads == 1 || !held);
    }
    EXPECT(held);
}

static const struct test_case cases[] = {
    {"each_page_is_read_once", each_page_is_read_once},
    {"no_second_read", no_second_read},
    {"one_read_for_many_faults", one_read_for_many_faults},
};
const struct row row_B6 = ROW("B6_swap_in", cases);
