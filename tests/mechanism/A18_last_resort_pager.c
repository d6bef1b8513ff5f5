/* SPDX-License-Identifier: BSD-2-Clause */
/* A18: physmem is the last-resort pager, for the pager thread itself.  A thread that gives itself a
 * pager that does not page only stops itself; one whose pager or exception handler cannot even be
 * asked ends its task, with a status that says so. */
#include "fixture.h"
#include "rows.h"

enum { SILENCE_MS = 300, LIMIT_MS = 20 * 1000, STATUS_FAULT = 139, STATUS_DIVIDE = 136 };

static void serves_the_pager(void)
{
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, 4), out[5];
    (void)child_do(&c, SERVANT_FILL, address, 4, 1);
    REQUIRE_EQ(child_command(c.thread, SERVANT_PAGER, NULL, 0, out, 5), OK);
    struct child_layout at = child_layout(&c);
    EXPECT(at.pager != PHYSMEM_THREAD.raw);
    EXPECT_LT(0, task_memory(c.task).faults_dc);
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct task_memory before = task_memory(c.task);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, 4, 1), 0);
    EXPECT_LE(before.faults_dc, task_memory(c.task).faults_dc);
}

/* The second thread of a child gets the pager and touches a page that it has not seen. */
static L4_Word_t touch_with_pager(struct child *c, enum servant_command command, L4_Word_t pager)
{
    L4_ThreadId_t victim = child_thread(c, 0);
    L4_Word_t in[] = {pager}, fresh = child_layout(c).dc_end - PAGE_SIZE;
    EXPECT_EQ(child_command(victim, command, in, 1, NULL, 0), OK);
    EXPECT(child_post(victim, SERVANT_POKE, fresh, 1, 0));
    return fresh;
}

/* Nobody can help: the task ends, and says why. */
static void expect_no_pager(struct child *c, L4_ThreadId_t pager)
{
    struct task_status status = {0};
    L4_Word_t fresh = touch_with_pager(c, SERVANT_SET_PAGER, pager.raw);
    REQUIRE(child_wait_end(c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_NO_PAGER);
    EXPECT_EQ(status.status, STATUS_FAULT);
    EXPECT_EQ(status.address, fresh);
    EXPECT_EQ(status.cause, ERR_NO_THREAD);
}

static void pager_is_itself(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    expect_no_pager(&c, child_thread(&c, 0));
}

static void pager_is_nil(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    expect_no_pager(&c, L4_nilthread);
}

static void pager_is_dead(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 2));
    L4_ThreadId_t dead = child_thread(&c, 1);
    (void)child_do(&c, SERVANT_THREAD_DELETE, 1, 0, 0);
    expect_no_pager(&c, dead);
}

static void pager_never_existed(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    expect_no_pager(&c, L4_GlobalId(0x3ffff, TASK_ID_LAST));
}

/* Answers every fault with a message, never with a page: the thread faults for ever, at its own
 * cost; until the pager goes, and nobody is left who could help. */
static void pager_gives_no_page(void)
{
    struct child c, other;
    struct task_status status = {0};
    L4_ThreadId_t from;
    REQUIRE(child_start(&other, "servant") && child_start(&c, "simple") && child_add_threads(&c, 2));
    L4_Word_t fresh = touch_with_pager(&c, SERVANT_SET_DEAF_PAGER, 1);
    EXPECT_EQ(child_collect(&from, NULL, SILENCE_MS), ERR_IPC);
    /* Its task and the rest of the machine go on. */
    (void)child_do(&c, SERVANT_POKE, fresh - PAGE_SIZE, 1, 0);
    EXPECT_EQ(child_do(&c, SERVANT_PEEK, fresh - PAGE_SIZE, 0, 0), 1);
    L4_Word_t address = child_anonymous(&other, 4);
    (void)child_do(&other, SERVANT_FILL, address, 4, 1);
    EXPECT(child_lives(&c));
    REQUIRE(child_post(c.thread, SERVANT_THREAD_DELETE, 1, 0, 0));
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_NO_PAGER);
    EXPECT_EQ(status.address, fresh);
}

static void expect_no_handler(struct child *c, L4_ThreadId_t handler)
{
    struct task_status status = {0};
    L4_ThreadId_t victim = child_thread(c, 0);
    L4_Word_t in[] = {handler.raw};
    REQUIRE_EQ(child_command(victim, SERVANT_SET_HANDLER, in, 1, NULL, 0), OK);
    REQUIRE(child_post(victim, SERVANT_DIVIDE, 0, 0, 0));
    REQUIRE(child_wait_end(c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_NO_HANDLER);
    EXPECT_EQ(status.status, STATUS_DIVIDE);
    EXPECT_EQ(status.cause, 0); /* the exception's number */
    EXPECT_LT(TASK_IMAGE_BASE, status.address);
}

static void handler_is_itself(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    expect_no_handler(&c, child_thread(&c, 0));
}

static void handler_is_nil(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 1));
    expect_no_handler(&c, L4_nilthread);
}

static void handler_is_dead(void)
{
    struct child c;
    REQUIRE(child_start(&c, "simple") && child_add_threads(&c, 2));
    L4_ThreadId_t dead = child_thread(&c, 1);
    (void)child_do(&c, SERVANT_THREAD_DELETE, 1, 0, 0);
    expect_no_handler(&c, dead);
}

static const struct test_case cases[] = {
    {"serves_the_pager", serves_the_pager},
    {"pager_is_itself", pager_is_itself},
    {"pager_is_nil", pager_is_nil},
    {"pager_is_dead", pager_is_dead},
    {"pager_never_existed", pager_never_existed},
    {"pager_gives_no_page", pager_gives_no_page},
    {"handler_is_itself", handler_is_itself},
    {"handler_is_nil", handler_is_nil},
    {"handler_is_dead", handler_is_dead},
};
const struct row row_A18 = ROW("A18_last_resort_pager", cases);
