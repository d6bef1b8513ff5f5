/* SPDX-License-Identifier: BSD-2-Clause */
/* A20: a very simple task needs no pager but physmem: it runs, is swapped whole, runs on. */
#include "fixture.h"
#include "rows.h"

enum { PAGES = 100, SEED = 0xa20, LIMIT_MS = 20 * 1000, STATUS_FAULT = 139 };

static void runs_without_pager(void)
{
    struct child c;
    struct task_info info;
    REQUIRE(child_start(&c, "simple"));
    struct child_layout at = child_layout(&c);
    EXPECT_EQ(at.pager, PHYSMEM_THREAD.raw);
    EXPECT_EQ(task_info(c.task, &info), OK);
    EXPECT_EQ(info.task, c.task);
    EXPECT_EQ(info.threads, 1);
    EXPECT_EQ(info.parent, self_task());
    EXPECT_EQ(child_do(&c, SERVANT_NOT_ZERO, at.free_start, PAGES, 0), 0);
    (void)child_do(&c, SERVANT_FILL, at.free_start, PAGES, SEED);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, at.free_start, PAGES, SEED), 0);
    struct task_memory used = task_memory(c.task);
    EXPECT_EQ(used.faults, used.faults_dc);
}

static void swapped_whole(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "simple"));
    struct child_layout at = child_layout(&c);
    (void)child_do(&c, SERVANT_FILL, at.free_start, PAGES, SEED);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    EXPECT_EQ(task_memory(c.task).frames, 0);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, at.free_start, PAGES, SEED), 0);
    REQUIRE(child_outswap(&c, 0));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, at.free_start, PAGES, SEED), 0);
}

static void ends_with_its_status(void)
{
    struct child c;
    struct task_status status;
    REQUIRE(child_start(&c, "simple"));
    REQUIRE(child_post(c.thread, SERVANT_EXIT, 37, 0, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_EXIT);
    EXPECT_EQ(status.status, 37);
}

/* It has nobody to turn to: a clean end, reported to the parent. */
static void outside_its_container(void)
{
    struct child c, other;
    struct task_status status;
    REQUIRE(child_start(&other, "simple") && child_start(&c, "simple"));
    REQUIRE(child_post(c.thread, SERVANT_POKE, 0x60000000, 1, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_FAULT);
    EXPECT_EQ(status.status, STATUS_FAULT);
    EXPECT_EQ(status.address, 0x60000000);
    EXPECT_EQ(status.cause, ERR_RANGE);
    (void)child_do(&other, SERVANT_NOTHING, 0, 0, 0);
    EXPECT_EQ(task_wait(c.task, &status), ERR_NO_TASK);
}

/* Writing its own text: the page was shared with other tasks that run the same program. */
static void its_own_text(void)
{
    struct child c, other;
    REQUIRE(child_start(&other, "simple") && child_start(&c, "simple"));
    L4_Word_t text = child_layout(&other).text, before = child_do(&other, SERVANT_HASH, text, 1, 0);
    (void)child_post(c.thread, SERVANT_POKE, text, 0xcc, 0);
    pause_ms(100);
    EXPECT_EQ(child_do(&other, SERVANT_HASH, text, 1, 0), before);
}

static const struct test_case cases[] = {
    {"runs_without_pager", runs_without_pager},
    {"swapped_whole", swapped_whole},
    {"ends_with_its_status", ends_with_its_status},
    {"outside_its_container", outside_its_container},
    {"its_own_text", its_own_text},
};
const struct row row_A20 = ROW("A20_simple_task", cases);
