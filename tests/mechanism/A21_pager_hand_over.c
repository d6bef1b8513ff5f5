/* SPDX-License-Identifier: BSD-2-Clause */
/* A21: every task starts with physmem as its pager, then sets up its own. */
#include "fixture.h"
#include "rows.h"

enum { CHILDREN = 12, LIMIT_MS = 20 * 1000, STATUS_FAULT = 139, SILENCE_MS = 300 };

static void from_physmem_to_itself(void)
{
    struct child c, simple;
    L4_Word_t out[5];
    REQUIRE(child_start(&c, "servant") && child_start(&simple, "simple"));
    struct child_layout at = child_layout(&c);
    REQUIRE_EQ(child_command(c.thread, SERVANT_PAGER, NULL, 0, out, 5), OK);
    EXPECT_EQ(at.pager, out[0]);
    EXPECT(out[0] != c.thread.raw);
    EXPECT_EQ(L4_Version((L4_ThreadId_t){out[0]}), c.task);
    EXPECT_EQ(child_layout(&simple).pager, PHYSMEM_THREAD.raw);
    struct task_memory used = task_memory(c.task);
    ktap_diagnostic("pager 0x%x -> 0x%x; faults %u, last resort %u", (unsigned)PHYSMEM_THREAD.raw,
                    (unsigned)at.pager, (unsigned)used.faults, (unsigned)used.faults_dc);
    EXPECT_LT(0, used.faults_dc); /* start-up code and the pager itself */
}

/* Many start at once, and go out while they do. */
static void no_fault_is_lost(void)
{
    struct child c[CHILDREN];
    for (unsigned i = 0; i < CHILDREN; i++) {
        REQUIRE(child_start(&c[i], "servant"));
        enum error e = have_swap() ? task_outswap(c[i].task, 0) : OK;
        EXPECT(e == OK || e == ERR_ALREADY || e == ERR_BUSY);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        L4_Word_t address = child_anonymous(&c[i], 4);
        (void)child_do(&c[i], SERVANT_FILL, address, 4, i);
        EXPECT_EQ(child_do(&c[i], SERVANT_WRONG, address, 4, i), 0);
    }
}

/* As long as it has no pager of its own, a task is a simple one. */
static void crash_before(void)
{
    struct child c;
    struct task_status status;
    REQUIRE(child_start(&c, "simple"));
    REQUIRE(child_post(c.thread, SERVANT_EXECUTE, 0x50000000, 0, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_FAULT);
    EXPECT_EQ(status.status, STATUS_FAULT);
    EXPECT_EQ(status.address, 0x50000000);
}

static void to_a_dead_thread(void)
{
    struct child c;
    L4_ThreadId_t from;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    struct child_layout at = child_layout(&c);
    L4_ThreadId_t dead = child_thread(&c, 0);
    (void)child_do(&c, SERVANT_THREAD_DELETE, 0, 0, 0);
    (void)child_do(&c, SERVANT_SET_PAGER, dead.raw, 0, 0);
    REQUIRE(child_post(c.thread, SERVANT_POKE, at.dc_end - PAGE_SIZE, 1, 0));
    EXPECT_EQ(child_collect(&from, NULL, SILENCE_MS), ERR_IPC);
    child_kill(&c);
}

/* Back to physmem: the designated container is served, the regions are not. */
static void and_back(void)
{
    struct child c;
    struct task_status status;
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t region = child_anonymous(&c, 1), page = child_spare_page(&c);
    (void)child_do(&c, SERVANT_SET_PAGER, PHYSMEM_THREAD.raw, 0, 0);
    (void)child_do(&c, SERVANT_POKE, page, 3, 0);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, page, 0, 0), 3);
    REQUIRE(child_post(c.thread, SERVANT_PEEK, region, 0, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_FAULT);
    EXPECT_EQ(status.address, region);
    EXPECT_EQ(status.cause, ERR_RANGE);
}

static const struct test_case cases[] = {
    {"from_physmem_to_itself", from_physmem_to_itself},
    {"no_fault_is_lost", no_fault_is_lost},
    {"crash_before", crash_before},
    {"to_a_dead_thread", to_a_dead_thread},
    {"and_back", and_back},
};
const struct row row_A21 = ROW("A21_pager_hand_over", cases);
