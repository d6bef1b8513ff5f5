/* SPDX-License-Identifier: BSD-2-Clause */
/* SystemClock (interface.md 4.7). */
#include "harness.h"

#include "l4/kdb.h"

/* The KIP's SchedulePrecision; without that, 10 ms. */
static L4_Word_t tick_us(void)
{
    L4_Word_t raw = kip->clock_info >> 16;
    return raw ? (raw & 0x3ff) << (raw >> 10 & 31) : 10000;
}

TEST(runs, "the clock advances")
{
    L4_Word64_t before = L4_SystemClock();
    sleep_us(2000);
    EXPECT(L4_SystemClock() > before);
}

TEST(monotonic, "it never goes back: 100000 readings")
{
    L4_Word64_t before = L4_SystemClock();
    for (unsigned i = 0; i < 100000; i++) {
        L4_Word64_t now = L4_SystemClock();
        REQUIRE(now >= before);
        before = now;
    }
}

TEST(microseconds, "it counts microseconds: 100 ms of sleep are 100000, by both clocks of the machine")
{
    L4_Word64_t before = L4_SystemClock();
    sleep_us(100 * 1000);
    L4_Word_t took = (L4_Word_t)(L4_SystemClock() - before);
    EXPECT_LE(100 * 1000, took);
    EXPECT_LT(took, 115 * 1000);
}

TEST(time_outs, "no time-out ends early by it, nor later than two timer ticks after its time")
{
    static const L4_Word_t sleeps[] = {1000, 2500, 7000, 40 * 1000, 250 * 1000, 1000 * 1000};
    L4_Word_t late = 2 * tick_us() + 100;
    for (unsigned i = 0; i < sizeof(sleeps) / sizeof(sleeps[0]); i++) {
        L4_Time_t time = L4_TimePeriod(sleeps[i]);
        L4_Word_t us = (L4_Word_t)(time.raw & 0x3ff) << (time.raw >> 10 & 31), before = now_us();
        L4_Sleep(time);
        L4_Word_t took = now_us() - before;
        EXPECT_LE(us, took);
        EXPECT_LE(took, us + us / 1000 + late);
    }
}

/* Whether the processor has a time-stamp counter that programs can read. */
static bool has_tsc(void)
{
    enum { FLAG_ID = 0x200000, TSC = 0x10 };
    L4_Word_t before, after, a = 1, c, d;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl %2, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after)
                     : "i"(FLAG_ID));
    if (!((before ^ after) & FLAG_ID)) {
        return false;
    }
    __asm__ volatile("cpuid" : "+a"(a), "=c"(c), "=d"(d) : : "ebx");
    return (d & TSC) != 0;
}

TEST(user_mode, "with a time-stamp counter it is read without entering the kernel")
{
    L4_Word_t before = L4_KDB_Counter(KDB_ENTRIES);
    if (L4_KDB_Counter(KDB_ENTRIES) == before) {
        ktap_skip_rest("kernel: does not count its entries");
        return;
    }
    if (!has_tsc()) {
        ktap_skip_rest("machine: no time-stamp counter");
        return;
    }
    before = L4_KDB_Counter(KDB_ENTRIES);
    for (unsigned i = 0; i < 1000; i++) {
        (void)L4_SystemClock();
    }
    EXPECT_LE(L4_KDB_Counter(KDB_ENTRIES) - before, 10); /* the counter's own, and timer ticks */
}

/* Waits for a new second of the machine's own clock, sleeping in between. */
static void await_rtc_second(void)
{
    out8(0x70, 0);
    L4_Word_t second = in8(0x71);
    while (in8(0x71) == second) {
        sleep_us(1000);
    }
}

TEST(against_rtc, "a second of the machine's real-time clock is a million, within 0.4 %")
{
    await_rtc_second();
    L4_Word64_t start = L4_SystemClock();
    await_rtc_second();
    L4_Word_t took = (L4_Word_t)(L4_SystemClock() - start);
    EXPECT_LE(996 * 1000, took);
    EXPECT_LE(took, 1004 * 1000);
}

/* The largest step between two readings, in 20 ms of reading. */
static L4_Word_t largest_step(void)
{
    L4_Word64_t start = L4_SystemClock(), before = start;
    L4_Word_t largest = 0;
    while (before - start < 20000) {
        L4_Word64_t now = L4_SystemClock();
        largest = now - before > largest ? (L4_Word_t)(now - before) : largest;
        before = now;
    }
    return largest;
}

TEST(precision, "it is as fine as the KIP's ClockInfo says; without that, as a timer tick of 10 ms")
{
    L4_Word_t raw = kip->clock_info & 0xffff;
    L4_Word_t precision = raw ? (raw & 0x3ff) << (raw >> 10 & 31) : 10000;
    EXPECT_LE(largest_step(), precision + precision / 4 + 50);
}

static volatile L4_Word_t there;

static void read_clock(void *arg)
{
    (void)arg;
    there = now_us();
}

TEST(one_clock, "all spaces see one clock")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    L4_Word_t before = now_us();
    EXPECT_EQ(remote_run(&r, read_clock, 0), DONE);
    EXPECT_LE(before, there);
    EXPECT_LE(there, now_us());
}
