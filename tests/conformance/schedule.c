/* SPDX-License-Identifier: BSD-2-Clause */
/* Schedule (interface.md 4.6, 6.7, 8). */
#include "harness.h"

enum { FLAG_SIGNAL = 0x20, FLAG_DELAY = 0x40, FLAG_PENDING = 0x80 };

static L4_Word_t state_of(L4_ThreadId_t t)
{
    return L4_Schedule(t, ~0u, ~0u, ~0u, ~0u);
}

static L4_Word_t times(L4_Time_t slice, L4_Time_t quantum)
{
    return (L4_Word_t)slice.raw << 16 | quantum.raw;
}

static L4_Word_t old_times(L4_ThreadId_t t)
{
    struct raw_regs r = {.eax = t.raw, .ecx = ~0u, .edx = ~0u, .esi = ~0u, .edi = ~0u};
    raw_call(entry_of(kip->schedule), &r);
    return r.edx;
}

static L4_Word64_t period_us(L4_Word_t raw)
{
    return (L4_Word64_t)(raw & 0x3ff) << (raw >> 10 & 31);
}

static void count(void *arg)
{
    volatile L4_Word_t *counter = arg;
    for (;;) {
        ++*counter;
    }
}

static volatile L4_Word_t counter[4];

/* A thread of the priority that counts in counter[i]. */
static L4_ThreadId_t counting(unsigned i, unsigned prio)
{
    counter[i] = 0;
    return spawn_with(&(struct spawn){.entry = count, .arg = (void *)&counter[i], .prio = prio});
}

TEST(state_dead, "result 1 for an inactive thread")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), L4_nilthread, ~0u));
    EXPECT_EQ(state_of(t), 1);
}

TEST(state_halted, "result 2 for a halted thread")
{
    L4_ThreadId_t t = counting(0, 0);
    struct l4_registers r = {.control = L4_EXREGS_HALT | L4_EXREGS_SET_HALT};
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(state_of(t), 2);
}

TEST(state_running, "result 3 for a running thread, and for oneself")
{
    L4_ThreadId_t t = counting(0, 0);
    settle();
    EXPECT_EQ(state_of(t), 3);
    EXPECT_EQ(state_of(L4_Myself()), 3);
}

TEST(state_sending, "result 4 for a thread that waits to send")
{
    struct job j;
    job_send(&j, spawn(sleeper, 0), L4_MsgTag(0, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    EXPECT_EQ(state_of(t), 4);
}

TEST(state_receiving, "result 6 for a thread that waits to receive")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    EXPECT_EQ(state_of(t), 6);
}

TEST(state_faulting, "a thread that waits for its pager is waiting to receive")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, read_word, (void *)WINDOW), FAULTED);
    EXPECT_EQ(state_of(r.id), 6);
}

TEST(nobody, "a thread that does not exist: result 0, error 2")
{
    EXPECT_EQ(state_of(thread_id()), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(stale, "a stale version: result 0, error 2")
{
    EXPECT_EQ(state_of((L4_ThreadId_t){spawn(sleeper, 0).raw ^ 0x40}), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
}

TEST(nil_dest, "dest nil: result 0")
{
    EXPECT_EQ(state_of(L4_nilthread), 0);
}

TEST(time_point, "a time point in either half of the time word: result 0")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    EXPECT_EQ(L4_Schedule(t, 0x8001, ~0u, ~0u, ~0u), 0);
    EXPECT_EQ(L4_Schedule(t, 0x80010000, ~0u, ~0u, ~0u), 0);
}

TEST(higher_first, "a thread of higher priority runs and one of lower priority does not")
{
    (void)counting(0, 90);
    (void)counting(1, 91);
    settle();
    EXPECT_EQ(counter[0], 0);
    EXPECT(counter[1] != 0);
}

TEST(priority_changed, "a changed priority takes effect at once")
{
    L4_ThreadId_t a = counting(0, 90);
    (void)counting(1, 91);
    settle();
    L4_Word_t before = counter[0];
    EXPECT_EQ(L4_Set_Priority(a, 92), 3);
    settle();
    EXPECT(counter[0] != before);
}

TEST(round_robin, "threads of one priority take turns")
{
    for (unsigned i = 0; i < 3; i++) {
        (void)counting(i, 90);
    }
    sleep_us(100 * 1000);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(counter[i] != 0);
    }
}

/* A thread at the priority it was created with. */
static void counting_by_default(unsigned i)
{
    L4_ThreadId_t t = thread_id();
    counter[i] = 0;
    EXPECT(L4_ThreadControl(t, root_thread, L4_Myself(), L4_Myself(), utcb_location(t)));
    restart_thread(t, count, (void *)&counter[i]);
    settle();
}

TEST(default_below, "a new thread's priority is not its creator's: one of priority 101 goes before it")
{
    (void)counting(0, 101);
    counting_by_default(1);
    EXPECT_EQ(counter[1], 0);
}

TEST(default_above, "it is 100: the thread goes before one of priority 99")
{
    (void)counting(0, 99);
    counting_by_default(1);
    L4_Word_t before = counter[0];
    settle();
    EXPECT(counter[1] != 0);
    EXPECT_EQ(counter[0], before);
}

TEST(wake_preempts, "a thread that a time-out wakes preempts one of lower priority")
{
    (void)counting(0, PRIO_TESTER - 1);
    L4_Word_t before = now_us();
    sleep_us(5000);
    EXPECT_LT(now_us() - before, 5000 + 3000);
}

TEST(equal_not_preempted, "a send to a thread of the same priority does not switch to it")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = job_run, .arg = &in, .prio = PRIO_TESTER});
    settle();
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(0, 0, 0))));
    EXPECT(!in.done);
}

TEST(higher_switches, "a send to a thread of higher priority switches to it")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = job_run, .arg = &in, .prio = PRIO_TESTER + 1});
    settle();
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(0, 0, 0))));
    EXPECT(in.done);
}

TEST(default_times, "by default the timeslice is 10 ms and the total quantum infinite")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    L4_Word_t old = old_times(t);
    EXPECT_EQ(old & 0xffff, 0);
    EXPECT_LE(9000, period_us(old >> 16));
    EXPECT_LE(period_us(old >> 16), 10240);
}

TEST(times_set, "the timeslice that was set comes back as old value")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    EXPECT_EQ(L4_Schedule(t, times(L4_TimePeriod(4000), L4_Never), ~0u, ~0u, ~0u), 6);
    L4_Word_t old = old_times(t);
    EXPECT_EQ(old & 0xffff, 0);
    EXPECT_LE(3000, period_us(old >> 16));
    EXPECT_LE(period_us(old >> 16), 4096);
}

TEST(infinite_slice, "a thread with an infinite timeslice is not preempted by its peers")
{
    L4_ThreadId_t t = counting(0, 90);
    EXPECT(L4_Schedule(t, times(L4_Never, L4_Never), ~0u, ~0u, ~0u));
    settle();
    (void)counting(1, 90);
    sleep_us(60 * 1000);
    EXPECT_EQ(counter[1], 0);
    EXPECT(counter[0] != 0);
}

TEST(slice_length, "timeslices of 40 ms and 4 ms divide the processor ten to one, roughly")
{
    L4_ThreadId_t a = counting(0, 90), b = counting(1, 90);
    EXPECT(L4_Schedule(a, times(L4_TimePeriod(40000), L4_Never), ~0u, ~0u, ~0u));
    EXPECT(L4_Schedule(b, times(L4_TimePeriod(4000), L4_Never), ~0u, ~0u, ~0u));
    sleep_us(440 * 1000);
    EXPECT_LT(counter[1] * 4, counter[0]);
    EXPECT(counter[1] != 0);
}

/* ---- total quantum ---- */

static L4_MsgTag_t with_quantum(L4_ThreadId_t *t)
{
    *t = counting(0, 90);
    EXPECT(L4_Schedule(*t, times(L4_TimePeriod(5000), L4_TimePeriod(20000)), ~0u, ~0u, ~0u));
    return receive_soon(*t);
}

TEST(quantum_message, "when the total quantum is over the scheduler gets a message: label 0xFFD0, 2 words")
{
    L4_ThreadId_t t;
    L4_MsgTag_t tag = with_quantum(&t);
    EXPECT(!L4_IpcFailed(tag));
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PREEMPTION);
    EXPECT_EQ(L4_UntypedWords(tag), 2);
}

TEST(quantum_clock, "its words are the clock that SystemClock reads")
{
    L4_ThreadId_t t;
    L4_Word64_t before = L4_SystemClock();
    EXPECT(!L4_IpcFailed(with_quantum(&t)));
    L4_Word64_t then = (L4_Word64_t)L4_StoreMR(2) << 32 | L4_StoreMR(1), now = L4_SystemClock();
    EXPECT(before + 18000 <= then && then <= now && now - then < 1000);
}

TEST(quantum_length, "it comes after the quantum's length of running")
{
    L4_ThreadId_t t;
    L4_Word_t before = now_us();
    EXPECT(!L4_IpcFailed(with_quantum(&t)));
    EXPECT_LE(18000, now_us() - before);
    EXPECT_LT(now_us() - before, 35000);
}

TEST(quantum_stops, "a thread without quantum does not run")
{
    L4_ThreadId_t t;
    (void)with_quantum(&t);
    L4_Word_t before = counter[0];
    settle();
    EXPECT_EQ(counter[0], before);
}

TEST(quantum_renewed, "with a new quantum and the scheduler's reply it runs on")
{
    L4_ThreadId_t t;
    EXPECT(!L4_IpcFailed(with_quantum(&t)));
    L4_Word_t before = counter[0];
    EXPECT(L4_Schedule(t, times(L4_TimePeriod(5000), L4_Never), ~0u, ~0u, ~0u));
    (void)L4_Reply(t, L4_MsgTag(0, 0, 0));
    settle();
    EXPECT(counter[0] != before);
}

TEST(quantum_remaining, "the old value shows what is left of the quantum")
{
    L4_ThreadId_t t = counting(0, 90);
    EXPECT(L4_Schedule(t, times(L4_TimePeriod(5000), L4_TimePeriod(100000)), ~0u, ~0u, ~0u));
    sleep_us(40000);
    L4_Word64_t left = period_us(old_times(t) & 0xffff);
    EXPECT_LT(left, 70000);
    EXPECT_LT(40000, left);
}

TEST(quantum_not_waiting, "a thread that waits uses none of its quantum")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    EXPECT(L4_Schedule(t, times(L4_TimePeriod(5000), L4_TimePeriod(20000)), ~0u, ~0u, ~0u));
    EXPECT(L4_IpcFailed(L4_Receive_Timeout(t, L4_TimePeriod(60000))));
}

/* ---- delayed preemption: `waker' wakes up at priority 110 while `busy' runs at 100 ---- */

static volatile L4_Word_t waker_due, waker_late, busy_flags, busy_stop;

static void busy(void *flags)
{
    L4_SetTcr(UTCB_PREEMPT_FLAGS, (L4_Word_t)flags);
    while (!busy_stop) {
        busy_flags |= L4_Tcr(UTCB_PREEMPT_FLAGS) & FLAG_PENDING;
    }
    sleeper(0);
}

static void waker(void *arg)
{
    (void)arg;
    waker_due = now_us() + 20000;
    sleep_us(20000);
    waker_late = now_us() - waker_due;
}

/* How late the waker came with those flags, sensitive priority and a maximum delay of 10 ms. */
static L4_Word_t lateness(L4_Word_t flags, L4_Word_t sensitive)
{
    waker_late = ~0u;
    busy_flags = busy_stop = 0;
    (void)spawn_with(&(struct spawn){.entry = waker, .prio = 110});
    settle();
    L4_ThreadId_t t = spawn(busy, (void *)flags);
    if (sensitive) {
        EXPECT(L4_Schedule(t, ~0u, ~0u, ~0u, sensitive << 16 | 10000));
    }
    sleep_us(60000);
    busy_stop = 1;
    return waker_late;
}

TEST(no_delay, "without the d flag preemption is not delayed")
{
    EXPECT_LT(lateness(0, 120), 4000);
}

TEST(delay_default, "the d flag has no effect by default: no sensitive priority is set")
{
    EXPECT_LT(lateness(FLAG_DELAY, 0), 4000);
}

TEST(delay, "with d, a preempter up to the sensitive priority waits for the maximum delay")
{
    L4_Word_t late = lateness(FLAG_DELAY, 120);
    EXPECT_LE(7000, late);
    EXPECT_LT(late, 14000);
}

TEST(delay_too_high, "a preempter above the sensitive priority is not delayed")
{
    EXPECT_LT(lateness(FLAG_DELAY, 105), 4000);
}

TEST(pending_flag, "the I flag says that a preemption is pending or was delayed")
{
    (void)lateness(FLAG_DELAY, 120);
    EXPECT_EQ(busy_flags, FLAG_PENDING);
}

TEST(signal, "with s and d, the exception handler gets a message: label 0xFFD0, when the delay is over")
{
    L4_ThreadId_t t = spawn_with(
        &(struct spawn){.entry = busy, .arg = (void *)(FLAG_DELAY | FLAG_SIGNAL), .pager = L4_Myself()});
    busy_stop = 0;
    EXPECT(L4_Schedule(t, ~0u, ~0u, ~0u, 120u << 16 | 5000));
    (void)spawn_with(&(struct spawn){.entry = waker, .prio = 110});
    L4_MsgTag_t tag = receive_soon(t);
    EXPECT_EQ(L4_Label(tag) & 0xfff0, L4_LABEL_PREEMPTION);
    EXPECT_EQ(L4_UntypedWords(tag), 2);
    busy_stop = 1;
}

TEST(processor, "processor number 0 is accepted")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    EXPECT_EQ(L4_Schedule(t, ~0u, 0, ~0u, ~0u), 6);
}
