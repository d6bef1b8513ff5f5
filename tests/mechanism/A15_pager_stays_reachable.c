/* SPDX-License-Identifier: BSD-2-Clause */
/* A15: the pager is reachable without being wired: with all its pages out, a fault of its task
 * brings it back. */
#include "fixture.h"
#include "rows.h"

enum { PAGES = 20, SEED = 0xa15, LIMIT_MS = 20 * 1000, STATUS_FAULT = 139 };

/* Throws everything of its designated container out; the memory of its regions stays. */
static bool evict_pager(const struct child *c)
{
    EXPECT_EQ(task_outswap(c->task, OUTSWAP_DC_ONLY), OK);
    uint32_t waited = 0;
    while (task_memory(c->task).frames_dc != 0 && waited < LIMIT_MS) {
        pause_ms(5);
        waited += 5;
    }
    EXPECT_EQ(task_memory(c->task).frames_dc, 0);
    return !ktap_failing();
}

static void fault_with_pager_out(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, 2 * PAGES);
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    REQUIRE(evict_pager(&c));
    struct task_memory before = task_memory(c.task);
    EXPECT_EQ(before.state, TASK_MEMORY_IN);
    EXPECT_LE(PAGES, before.frames);
    (void)child_do(&c, SERVANT_FILL, address + PAGES * PAGE_SIZE, PAGES, SEED);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
    struct task_memory after = task_memory(c.task);
    EXPECT_LT(before.faults_dc, after.faults_dc);
    EXPECT_LT(0, after.frames_dc);
    EXPECT_LE(memory().depth_max, 2);
    ktap_diagnostic("depth %u, last-resort faults %u", (unsigned)memory().depth_max,
                    (unsigned)(after.faults_dc - before.faults_dc));
}

/* Out again and again, while it works. */
static void again_and_again(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES);
    for (L4_Word_t round = 0; round < 10; round++) {
        REQUIRE(child_post(c.thread, SERVANT_FILL, address, PAGES, round));
        enum error e = task_outswap(c.task, OUTSWAP_DC_ONLY);
        EXPECT(e == OK || e == ERR_ALREADY || e == ERR_BUSY);
        L4_ThreadId_t from;
        REQUIRE_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
        EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, round), 0);
    }
}

/* A page of the pager comes back damaged: its task ends, nobody else notices. */
static void pager_page_damaged(void)
{
    struct child c, other;
    struct task_status status;
    REQUIRE_SWAP();
    REQUIRE(child_start(&other, "servant") && child_start(&c, "servant"));
    L4_Word_t theirs = child_anonymous(&other, PAGES), mine = child_anonymous(&c, PAGES);
    (void)child_do(&other, SERVANT_FILL, theirs, PAGES, SEED);
    (void)child_do(&c, SERVANT_FILL, mine, PAGES, SEED);
    struct child_layout at = child_layout(&c);
    REQUIRE(evict_pager(&c));
    unsigned damaged = 0;
    for (L4_Word_t page = at.text >> PAGE_SHIFT; page < at.dc_end >> PAGE_SHIFT; page++) {
        L4_Word_t in[] = {c.task, page};
        damaged += task_debug(PHYSMEM_DEBUG_DAMAGE, in, 2, NULL, 0) == OK;
    }
    ktap_diagnostic("%u pages damaged", damaged);
    REQUIRE(damaged > 0);
    (void)child_post(c.thread, SERVANT_PEEK, mine, 0, 0);
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_FAULT);
    EXPECT_EQ(status.status, STATUS_FAULT);
    EXPECT_EQ(status.cause, ERR_CHECKSUM);
    EXPECT_LE(at.text, status.address);
    EXPECT_LT(status.address, at.dc_end);
    EXPECT_EQ(child_do(&other, SERVANT_WRONG, theirs, PAGES, SEED), 0);
}

/* All its pages, its pager's among them, are taken whenever that is possible.  What has just been
 * answered is not to be had, so every fault ends, and in no more than two rounds. */
static void evicted_all_the_time(void)
{
    enum { ROUNDS = 4 };
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, PAGES), wrong = ~0u;
    (void)child_do(&c, SERVANT_FILL, address, PAGES, SEED);
    L4_Word_t before = memory().evictions;
    for (L4_Word_t round = 0; round < ROUNDS; round++) {
        REQUIRE(child_post(c.thread, SERVANT_WRONG, address, PAGES, SEED));
        REQUIRE(child_evict_until_answer(&c, &wrong));
        EXPECT_EQ(wrong, 0);
    }
    EXPECT_LT(PAGES, memory().evictions - before);
    EXPECT_LE(memory().depth_max, 2);
    ktap_diagnostic("%u pages taken meanwhile", (unsigned)(memory().evictions - before));
}

static const struct test_case cases[] = {
    {"fault_with_pager_out", fault_with_pager_out},
    {"again_and_again", again_and_again},
    {"evicted_all_the_time", evicted_all_the_time},
    {"pager_page_damaged", pager_page_damaged},
};
const struct row row_A15 = ROW("A15_pager_stays_reachable", cases);
