/* SPDX-License-Identifier: BSD-2-Clause */
/* A25: physmem swaps whole tasks out.  All together may be far larger than the memory, and each
 * wakes when something happens to it.  A wake-up by an interrupt cannot be provoked: only the swap
 * driver has one, and it is wired. */
#include "fixture.h"
#include "l4/kdb.h"
#include "rows.h"

enum {
    PAGES = 60,
    SEED = 0xa25,
    LIMIT_MS = 60 * 1000,
    MANY = 8,
    STORM = 100,
    STORM_LEAST = 20,
    STORM_FRAMES = 3000,
    SPARE = 300
};

static void four_times_the_memory(void)
{
    struct child c[MANY];
    L4_Word_t address[MANY];
    struct memory_info info = memory();
    L4_Word_t room = info.pages_limit - info.pages_promised, pages = 4 * info.frames_total;
    REQUIRE_SWAP();
    if (room < pages + MANY * SPARE) {
        ktap_skip_rest("machine: too little swap for four times the memory");
        return;
    }
    pages /= MANY;
    for (unsigned i = 0; i < MANY; i++) {
        REQUIRE(child_start(&c[i], "servant"));
        address[i] = child_anonymous(&c[i], pages);
        (void)child_do(&c[i], SERVANT_FILL, address[i], pages, SEED + i);
    }
    for (unsigned i = 0; i < MANY; i++) { /* all at the same time */
        REQUIRE(child_post(c[i].thread, SERVANT_WRONG, address[i], pages, SEED + i));
    }
    for (unsigned i = 0; i < MANY; i++) {
        L4_ThreadId_t from;
        L4_Word_t wrong = ~0u;
        REQUIRE_EQ(child_collect(&from, &wrong, 10 * LIMIT_MS), OK);
        EXPECT_EQ(wrong, 0);
    }
    info = memory();
    ktap_diagnostic("%u pages in %u frames: %u read, %u written", (unsigned)(pages * MANY),
                    (unsigned)info.frames_total, (unsigned)info.pages_read, (unsigned)info.pages_written);
}

static L4_Word_t filled(struct child *c, uint32_t flags)
{
    if (!child_start(c, "servant")) {
        return 0;
    }
    L4_Word_t address = child_anonymous(c, PAGES);
    (void)child_do(c, SERVANT_FILL, address, PAGES, SEED);
    return child_outswap(c, flags) ? address : 0;
}

static void wakes_by_ipc(void)
{
    struct child c;
    REQUIRE_SWAP();
    L4_Word_t address = filled(&c, 0);
    REQUIRE(address != 0);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_IN);
}

static void wakes_by_timer(void)
{
    struct child c;
    L4_ThreadId_t from;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    REQUIRE(child_post(c.thread, SERVANT_SLEEP, 500 * 1000, 0, 0));
    REQUIRE(child_outswap(&c, 0));
    EXPECT_EQ(child_collect(&from, NULL, LIMIT_MS), OK);
    EXPECT(L4_IsThreadEqual(from, c.thread));
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_IN);
}

/* What was in memory when it went out is in memory again soon after it has been called back, in few
 * requests and without a fault of anybody's. */
static void the_working_set_comes_back(void)
{
    enum { MORE = 4, LEAST_RUN = 4, OTHERS_SHARE = 4 };
    struct child c;
    REQUIRE_SWAP();
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, MORE * PAGES);
    (void)child_do(&c, SERVANT_FILL, address, MORE * PAGES, SEED);
    L4_Word_t frames = task_memory(c.task).frames;
    REQUIRE(child_outswap(&c, OUTSWAP_HOLD));
    struct memory_info before = memory();
    struct task_memory out = task_memory(c.task), in = out;
    EXPECT_EQ(out.frames, 0);
    REQUIRE(child_inswap(&c));
    for (uint32_t waited = 0; in.frames < frames && waited < LIMIT_MS / 10; waited += 5) {
        pause_ms(5);
        in = task_memory(c.task);
    }
    struct memory_info after = memory();
    ktap_diagnostic("%u frames before, %u after; %u pages in %u requests", (unsigned)frames,
                    (unsigned)in.frames, (unsigned)(after.pages_read - before.pages_read),
                    (unsigned)(after.reads - before.reads));
    EXPECT_LE(frames, in.frames + OTHERS_SHARE);
    EXPECT_EQ(in.faults, out.faults);
    EXPECT_LE(LEAST_RUN * (after.reads - before.reads), after.pages_read - before.pages_read);
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, MORE * PAGES, SEED), 0);
    EXPECT_LE(memory().pages_read, after.pages_read + OTHERS_SHARE);
}

/* A call with these time-outs to a task that is held out.  The message arrives, because the kernel
 * has the UTCB; the answer cannot come before the task is back. */
static void call_held(const struct child *c, L4_Time_t send, L4_Time_t receive)
{
    L4_MsgTag_t tag =
        L4_Ipc(c->thread, c->thread, L4_Timeouts(send, receive), L4_MsgTag(SERVANT_NOTHING, 0, 0), NULL);
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode() >> 1 & 7, L4_IpcTimeout);
}

static void each_kind_of_timeout(void)
{
    struct child c;
    L4_ThreadId_t from;
    REQUIRE_SWAP();
    L4_Word_t address = filled(&c, OUTSWAP_HOLD);
    REQUIRE(address != 0);
    call_held(&c, L4_ZeroTime, L4_TimePeriod(20 * 1000));
    EXPECT_EQ(L4_ErrorCode() & 1, 1); /* the receive phase: the child was waiting */
    call_held(&c, L4_ZeroTime, L4_ZeroTime);
    call_held(&c, L4_TimePeriod(20 * 1000), L4_TimePeriod(20 * 1000));
    EXPECT_EQ(L4_ErrorCode() & 1, 0); /* the send phase: the child has a message */
    call_held(&c, L4_TimePeriod(20 * 1000), L4_Never);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_OUT);
    REQUIRE(child_inswap(&c));
    EXPECT_EQ(child_collect(&from, NULL, LIMIT_MS), OK); /* the first call's answer, late */
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, PAGES, SEED), 0);
    /* Without a time-out the caller waits until the task is back. */
    REQUIRE(child_outswap(&c, 0));
    L4_MsgTag_t tag = L4_Call(c.thread, L4_MsgTag(SERVANT_NOTHING, 0, 0));
    EXPECT(L4_IpcSucceeded(tag));
}

static void killed_while_out(void)
{
    struct child c;
    struct task_status status;
    REQUIRE_SWAP();
    struct memory_info before = memory();
    REQUIRE(filled(&c, OUTSWAP_HOLD) != 0);
    EXPECT_EQ(task_kill(c.task, 77), OK);
    REQUIRE(child_wait_end(&c, &status, LIMIT_MS));
    EXPECT_EQ(status.end, TASK_END_KILLED);
    EXPECT_EQ(status.status, 77);
    EXPECT_EQ(memory().pages_promised, before.pages_promised);
}

static void killed_on_its_way(void)
{
    struct child c;
    REQUIRE_SWAP();
    for (uint32_t ms = 0; ms < 12; ms += 3) { /* on its way out, and on its way in */
        REQUIRE(child_start(&c, "servant"));
        L4_Word_t address = child_anonymous(&c, 4 * PAGES);
        (void)child_do(&c, SERVANT_FILL, address, 4 * PAGES, SEED);
        EXPECT_EQ(task_outswap(c.task, OUTSWAP_HOLD), OK);
        pause_ms(ms);
        child_kill(&c);
        REQUIRE(filled(&c, OUTSWAP_HOLD) != 0);
        EXPECT_EQ(task_inswap(c.task), OK);
        pause_ms(ms);
        child_kill(&c);
    }
}

static void listed_while_out(void)
{
    struct child c;
    struct task_info info;
    REQUIRE_SWAP();
    REQUIRE(filled(&c, OUTSWAP_HOLD) != 0);
    EXPECT_EQ(task_info(c.task, &info), OK);
    EXPECT_EQ(info.task, c.task);
    EXPECT_EQ(info.threads, 2);
    EXPECT_EQ(info.state, TASK_RUNNING);
    /* Looking at its threads' state does not bring it in. */
    EXPECT(L4_Schedule(c.thread, ~0u, ~0u, ~0u, ~0u) != 0 || L4_ErrorCode() != 0);
    EXPECT_EQ(task_memory(c.task).state, TASK_MEMORY_OUT);
    EXPECT_EQ(task_memory(c.task).frames, 0);
}

/* There are fewer slots than the task has pages: it stays, whole. */
static void swap_full_half_way(void)
{
    struct child c;
    struct memory_info info = memory();
    REQUIRE_SWAP();
    L4_Word_t pages = info.slots_total + 50;
    if (info.pages_limit - info.pages_promised < pages + SPARE || info.frames_free < pages / 2) {
        ktap_skip_rest("machine: swap is not smaller than memory");
        return;
    }
    REQUIRE(child_start(&c, "servant"));
    L4_Word_t address = child_anonymous(&c, pages);
    (void)child_do(&c, SERVANT_FILL, address, pages, SEED);
    enum error e = task_outswap(c.task, 0);
    ktap_diagnostic("outswap of %u pages to %u slots: %s", (unsigned)pages, (unsigned)info.slots_total,
                    error_text(e));
    EXPECT(e == OK || e == ERR_NO_ROOM);
    EXPECT(child_wait_state(&c, TASK_MEMORY_IN, LIMIT_MS));
    EXPECT_EQ(child_do(&c, SERVANT_WRONG, address, pages, SEED), 0);
}

/* Pages of kernel memory in use, less those that are in use always. */
static int32_t kernel_pages(void)
{
    return (int32_t)(memory().frames_lent - L4_KDB_KernelMemory());
}

/* The kernel gives back page directory, page tables and UTCBs of a task that is out. */
static void costs_the_kernel_little(void)
{
    enum { TASKS = 16, PAGES_EACH = 2 };
    static struct child c[TASKS];
    struct child_options options = {.free_pages = 16};
    REQUIRE_SWAP();
    if (L4_KDB_KernelMemory() == ~0u) {
        ktap_skip_rest("machine: started without the word kdb");
        return;
    }
    for (unsigned i = 0; i < TASKS; i++) {
        REQUIRE_EQ(child_try_start(&c[i], "simple", &options), OK);
        (void)child_do(&c[i], SERVANT_FILL, child_layout(&c[i]).free_start, 2, i);
    }
    int32_t in = kernel_pages();
    for (unsigned i = 0; i < TASKS; i++) {
        REQUIRE(child_outswap(&c[i], OUTSWAP_HOLD));
    }
    int32_t out = kernel_pages();
    ktap_diagnostic("%d pages of the kernel's came back for %u tasks", (int)(in - out), TASKS);
    EXPECT_LE(PAGES_EACH * TASKS, in - out);
    EXPECT_EQ(L4_KDB_Check(), 0);
    for (unsigned i = 0; i < TASKS; i++) {
        REQUIRE(child_inswap(&c[i]));
        EXPECT_EQ(child_do(&c[i], SERVANT_WRONG, child_layout(&c[i]).free_start, 2, i), 0);
    }
    EXPECT_LE(in - PAGES_EACH, kernel_pages());
}

static void a_hundred_wake_at_once(void)
{
    static struct child c[STORM];
    unsigned count = 0, awake = 0;
    struct child_options options = {.free_pages = 16};
    REQUIRE_SWAP();
    for (enum error e = OK; count < STORM && e == OK;) {
        struct memory_info info = memory();
        e = info.pages_limit - info.pages_promised < SPARE ? ERR_NO_ROOM
                                                           : child_try_start(&c[count], "simple", &options);
        if (e == OK) {
            L4_Word_t at = child_layout(&c[count]).free_start;
            (void)child_do(&c[count], SERVANT_FILL, at, 2, count);
            count++;
        } else {
            ktap_diagnostic("%u tasks: %s", count, error_text(e));
        }
    }
    /* 100, unless the kernel has been given too little memory for so many. */
    EXPECT_LE(memory().frames_total < STORM_FRAMES ? STORM_LEAST : STORM, count);
    children_settle();
    for (unsigned i = 0; i < count; i++) {
        EXPECT_EQ(task_outswap(c[i].task, 0), OK);
    }
    for (unsigned i = 0; i < count; i++) {
        REQUIRE(child_wait_state(&c[i], TASK_MEMORY_OUT, LIMIT_MS));
    }
    L4_Word_t address = child_layout(&c[0]).free_start;
    for (unsigned i = 0; i < count; i++) {
        REQUIRE(child_post(c[i].thread, SERVANT_WRONG, address, 2, i));
    }
    for (unsigned i = 0; i < count; i++) {
        L4_ThreadId_t from;
        L4_Word_t wrong = ~0u;
        awake += child_collect(&from, &wrong, LIMIT_MS) == OK && wrong == 0;
    }
    EXPECT_EQ(awake, count);
}

static const struct test_case cases[] = {
    {"four_times_the_memory", four_times_the_memory},
    {"the_working_set_comes_back", the_working_set_comes_back},
    {"wakes_by_ipc", wakes_by_ipc},
    {"wakes_by_timer", wakes_by_timer},
    {"each_kind_of_timeout", each_kind_of_timeout},
    {"killed_while_out", killed_while_out},
    {"killed_on_its_way", killed_on_its_way},
    {"listed_while_out", listed_while_out},
    {"swap_full_half_way", swap_full_half_way},
    {"costs_the_kernel_little", costs_the_kernel_little},
    {"a_hundred_wake_at_once", a_hundred_wake_at_once},
};
const struct row row_A25 = ROW("A25_whole_tasks_go_out", cases);
