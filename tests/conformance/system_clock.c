/* SPDX-License-Identifier: BSD-2-Clause */
/* SystemClock (l4-x2 4.7). */
#include "harness.h"

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

/* Waits for a new second of the machine's own clock, sleeping in between. */
static void await_rtc_second(void)
{
    out8(0x70, 0);
    L4_Word_t second = in8(0x71);
    while (in8(0x71) == second) {
        sleep_us(1000);
    }
}

TEST(against_rtc, "a second of the machine's real-time clock is a million, within 2 %")
{
    await_rtc_second();
    L4_Word64_t start = L4_SystemClock();
    await_rtc_second();
    L4_Word_t took = (L4_Word_t)(L4_SystemClock() - start);
    EXPECT_LE(980 * 1000, took);
    EXPECT_LE(took, 1020 * 1000);
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
