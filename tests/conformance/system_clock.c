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

/* Seconds of the machine's own clock. */
static L4_Word_t rtc_seconds(void)
{
    out8(0x70, 0xa);
    while (in8(0x71) & 0x80) {
    }
    out8(0x70, 0);
    return in8(0x71);
}

TEST(against_rtc, "a second of the machine's real-time clock is a million, within 2 %")
{
    L4_Word_t second = rtc_seconds();
    while (rtc_seconds() == second) {
    }
    L4_Word64_t start = L4_SystemClock();
    second = rtc_seconds();
    while (rtc_seconds() == second) {
    }
    L4_Word_t took = (L4_Word_t)(L4_SystemClock() - start);
    EXPECT_LE(980 * 1000, took);
    EXPECT_LE(took, 1020 * 1000);
}

TEST(fine,
     "two readings a little apart differ by less than a tick: the clock is finer than the timer, with a TSC")
{
    L4_Word_t differing = 0;
    L4_Word64_t before = L4_SystemClock(), start = before;
    while (before - start < 1500) {
        L4_Word64_t now = L4_SystemClock();
        differing += now != before;
        before = now;
    }
    if (differing < 10) {
        ktap_skip_rest("machine: no time stamp counter");
        return;
    }
    EXPECT_LE(10, differing);
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
