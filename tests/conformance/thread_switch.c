/* SPDX-License-Identifier: BSD-2-Clause */
/* ThreadSwitch (interface.md 4.7). */
#include "harness.h"

static volatile L4_Word_t counter, last;

static void count(void *arg)
{
    (void)arg;
    for (;;) {
        counter++;
    }
}

static void yielding(void *arg)
{
    for (;;) {
        counter++;
        last = (L4_Word_t)arg;
        L4_Yield();
    }
}

TEST(yield, "ThreadSwitch(nil) lets a ready peer of the same priority run")
{
    counter = 0;
    (void)spawn_with(&(struct spawn){.entry = yielding, .prio = PRIO_TESTER});
    L4_Word_t before = counter;
    for (unsigned i = 1; i <= 3; i++) {
        L4_Yield();
        EXPECT(counter > before);
        before = counter;
    }
}

TEST(yield_alone, "without a peer it returns at once; lower priorities do not run")
{
    counter = 0;
    (void)spawn(count, 0);
    for (unsigned i = 0; i < 100; i++) {
        L4_Yield();
    }
    EXPECT_EQ(counter, 0);
}

enum { SLICE_US = 20000, A_TICK_US = 2000 };

/* With a fresh slice. */
static void set_slice(void)
{
    L4_Word_t time = L4_Timeouts(L4_TimePeriod(SLICE_US), L4_Never);
    EXPECT(L4_Schedule(L4_Myself(), time, ~0u, ~0u, ~0u) != 0);
}

static L4_Word_t time_of_switch(L4_ThreadId_t t)
{
    L4_Word_t before = now_us();
    L4_ThreadSwitch(t);
    return now_us() - before;
}

TEST(donate, "ThreadSwitch to a ready thread of lower priority gives it the rest of the timeslice")
{
    counter = 0;
    L4_ThreadId_t t = spawn(count, 0);
    set_slice();
    L4_Word_t us = time_of_switch(t);
    EXPECT(counter != 0);
    EXPECT_LT(SLICE_US - 2 * A_TICK_US, us);
    EXPECT_LT(us, SLICE_US + 2 * A_TICK_US);
}

static void count_with_calls(void *arg)
{
    (void)arg;
    for (;;) {
        counter++;
        struct l4_registers r = {.control = 0};
        (void)L4_ExchangeRegisters(L4_Myself(), &r);
    }
}

TEST(donate_calls, "system calls that do not block do not end that")
{
    counter = 0;
    L4_ThreadId_t t = spawn(count_with_calls, 0);
    set_slice();
    EXPECT_LT(SLICE_US - 2 * A_TICK_US, time_of_switch(t));
    EXPECT_LT(100, counter);
}

TEST(donate_in_between, "nor do ready threads whose priority lies between the two")
{
    counter = 0;
    L4_ThreadId_t t = spawn(count, 0);
    (void)spawn_with(&(struct spawn){.entry = yielding, .arg = (void *)9, .prio = PRIO_HELPER + 10});
    last = 0;
    set_slice();
    L4_ThreadSwitch(t);
    EXPECT_EQ(last, 0);
}

TEST(donate_chosen, "of several ready threads the named one gets it")
{
    counter = last = 0;
    L4_ThreadId_t a = spawn(yielding, (void *)1), b = spawn(yielding, (void *)2);
    L4_ThreadSwitch(b);
    EXPECT_EQ(last, 2);
    L4_ThreadSwitch(a);
    (void)a;
    EXPECT(counter >= 2);
}

static void run_and_block(void *arg)
{
    (void)arg;
    for (;;) {
        counter++;
        (void)L4_Receive_Timeout(L4_Myself(), L4_Never);
    }
}

TEST(until_blocked, "the donator goes on when the thread blocks")
{
    counter = 0;
    L4_ThreadId_t t = spawn(run_and_block, 0);
    L4_Word_t before = now_us();
    L4_ThreadSwitch(t);
    EXPECT_EQ(counter, 1);
    EXPECT_LT(now_us() - before, 3000);
}

TEST(to_waiting, "ThreadSwitch to a thread that waits is a yield")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    L4_ThreadSwitch(t);
    EXPECT(true);
}

TEST(to_nobody, "ThreadSwitch to nobody, a stale or a bogus local id never fails")
{
    L4_ThreadSwitch(thread_id());
    L4_ThreadSwitch((L4_ThreadId_t){L4_Myself().raw ^ 0x40});
    L4_ThreadSwitch((L4_ThreadId_t){0x40});
    L4_ThreadSwitch((L4_ThreadId_t){0xfffff000});
    L4_ThreadSwitch(L4_anythread);
    EXPECT(true);
}

TEST(to_self, "ThreadSwitch to oneself returns")
{
    L4_ThreadSwitch(L4_Myself());
    L4_ThreadSwitch(L4_MyLocalId());
    EXPECT(true);
}

TEST(local, "a local id works as well")
{
    counter = 0;
    L4_ThreadId_t t = spawn(count, 0);
    L4_ThreadSwitch(local_id(t));
    EXPECT(counter != 0);
}

TEST(error_code, "it leaves ErrorCode alone")
{
    L4_SetTcr(UTCB_ERROR_CODE, 0x4321);
    L4_ThreadSwitch(thread_id());
    EXPECT_EQ(L4_ErrorCode(), 0x4321);
}
