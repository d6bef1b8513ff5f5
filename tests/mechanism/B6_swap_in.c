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

static const struct test_case cases[] = {
    {"each_page_is_read_once", each_page_is_read_once},
    {"no_second_read", no_second_read},
};
const struct row row_B6 = ROW("B6_swap_in", cases);
