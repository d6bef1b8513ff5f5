/* SPDX-License-Identifier: BSD-2-Clause */
/* Time-outs of Ipc: periods, points, zero and never (interface.md 1.3, 4.2). */
#include "harness.h"

enum { TOLERANCE_US = 4000 };

/* A point `us' microseconds from now with exponent e: mantissa and the bit above it of the clock
 * then. */
static L4_Time_t point(L4_Word_t us, unsigned e)
{
    L4_Word64_t then = L4_SystemClock() + us;
    L4_Word_t mantissa = (L4_Word_t)(then >> e) & 1023, c = (L4_Word_t)(then >> (e + 10)) & 1;
    return (L4_Time_t){(uint16_t)(1u << 15 | e << 11 | c << 10 | mantissa)};
}

static L4_Word_t time_sleep(L4_Time_t t)
{
    L4_Word_t before = now_us();
    L4_Sleep(t);
    return now_us() - before;
}

static void expect_sleep(L4_Time_t t, L4_Word_t us)
{
    L4_Word_t took = time_sleep(t);
    EXPECT_LE(us, took);
    EXPECT_LT(took, us + us / 8 + TOLERANCE_US);
}

TEST(sleep_short, "a receive time-out of 1 ms lasts 1 ms")
{
    expect_sleep((L4_Time_t){0x03e8}, 1000);
}

TEST(sleep_exponent, "m * 2^e: 10 ms as 0x1271")
{
    expect_sleep((L4_Time_t){0x1271}, 625 << 4);
}

TEST(sleep_long, "m * 2^e: half a second as 0x27D0")
{
    expect_sleep((L4_Time_t){0x27d0}, 976u << 9);
}

TEST(sleep_error, "a sleep ends with a receive time-out: tag 0x8000, error 3")
{
    L4_MsgTag_t tag = L4_Receive_Timeout(L4_Myself(), L4_TimePeriod(1000));
    EXPECT_EQ(tag.raw, 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 3);
}

TEST(sleep_local, "one may wait for oneself by the local id as well")
{
    L4_MsgTag_t tag = L4_Receive_Timeout(L4_MyLocalId(), L4_TimePeriod(1000));
    EXPECT_EQ(tag.raw, 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 3);
}

TEST(zero_receive, "a receive with zero time-out returns at once: tag 0x8000, error 3")
{
    L4_ThreadId_t from;
    L4_Word_t before = now_us();
    L4_MsgTag_t tag = L4_Wait_Timeout(L4_ZeroTime, &from);
    EXPECT_EQ(tag.raw, 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 3);
    EXPECT_LT(now_us() - before, 2000);
}

TEST(zero_receive_queued, "a receive with zero time-out takes a message that waits")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(3, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, true);
    settle();
    EXPECT_EQ(L4_Receive_Timeout(t, L4_ZeroTime).raw, 0x30000);
}

TEST(zero_other_exponent, "a period with m = 0 and e > 1 is zero too")
{
    L4_Word_t before = now_us();
    (void)L4_Receive_Timeout(L4_Myself(), (L4_Time_t){0x3c00});
    EXPECT_EQ(L4_ErrorCode(), 3);
    EXPECT_LT(now_us() - before, 2000);
}

TEST(zero_send, "a send with zero time-out to a thread that is not waiting fails: error 2")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    L4_Word_t before = now_us();
    L4_MsgTag_t tag = L4_Send_Timeout(t, L4_MsgTag(1, 0, 0), L4_ZeroTime);
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode(), 2);
    EXPECT_LT(now_us() - before, 2000);
}

TEST(zero_send_ready, "a send with zero time-out to a thread that waits succeeds")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    settle();
    EXPECT(!L4_IpcFailed(L4_Send_Timeout(t, L4_MsgTag(1, 0, 0), L4_ZeroTime)));
}

TEST(send_expires, "a finite send time-out expires: own tag with E, error 2")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    L4_Word_t before = now_us();
    L4_MsgTag_t tag = L4_Send_Timeout(t, L4_MsgTag(0x12, 1, 0), L4_TimePeriod(20000));
    EXPECT_EQ(tag.raw, L4_MsgTag(0x12, 1, 0).raw | 0x8000);
    EXPECT_EQ(L4_ErrorCode(), 2);
    EXPECT_LE(20000, now_us() - before);
    EXPECT_LT(now_us() - before, 20000 + 2500 + TOLERANCE_US);
}

TEST(send_expired_gone, "after an expired send the receiver does not get the message")
{
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(1, 0, 0));
    j.timeouts = L4_Timeouts(L4_TimePeriod(2000), L4_Never);
    L4_ThreadId_t t = job_spawn(&j, true);
    EXPECT(job_finish(&j));
    EXPECT(L4_IpcFailed(L4_Receive_Timeout(t, L4_ZeroTime)));
}

TEST(send_fails_no_receive, "when the send phase of a call fails there is no receive phase")
{
    L4_ThreadId_t t = spawn(sleeper, 0), from;
    L4_Word_t before = now_us();
    L4_MsgTag_t tag = L4_Ipc(t, L4_anythread, L4_Timeouts(L4_ZeroTime, SOON), L4_MsgTag(1, 0, 0), &from);
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode() & 1, 0);
    EXPECT_LT(now_us() - before, 5000);
}

TEST(receive_starts_late, "the receive time-out starts when the receive phase begins")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = spawn_with(&(struct spawn){.entry = sleeper});
    (void)t;
    struct job j;
    job_send(&j, L4_Myself(), L4_MsgTag(2, 0, 0));
    j.from_spec = L4_Myself();
    j.timeouts = L4_Timeouts(L4_Never, L4_TimePeriod(20000));
    L4_ThreadId_t s = job_spawn(&j, true);
    sleep_us(40000);
    EXPECT_EQ(L4_Label(receive_soon(s)), 2);
    L4_Word_t before = now_us();
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 3);
    EXPECT_LE(15000, now_us() - before);
}

TEST(zero_receive_hands_over,
     "after a send, a zero receive time-out fails with error 3, and the receiver ran or runs")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    settle();
    L4_MsgTag_t tag = L4_Ipc(t, t, L4_Timeouts(SOON, L4_ZeroTime), L4_MsgTag(1, 0, 0), 0);
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode(), 3);
    EXPECT(job_finish(&in));
}

TEST(never_waits, "time-out never waits longer than any other test here")
{
    struct job in;
    job_receive(&in, L4_Myself());
    L4_ThreadId_t t = job_spawn(&in, true);
    sleep_us(400 * 1000);
    EXPECT(!in.done);
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(1, 0, 0))));
    EXPECT(job_finish(&in));
}

TEST(long_period, "periods near the largest do not expire at once")
{
    struct job in;
    job_receive(&in, L4_Myself());
    in.timeouts = L4_Timeouts(L4_Never, (L4_Time_t){0x7fff});
    (void)job_spawn(&in, false);
    sleep_us(50 * 1000);
    EXPECT(!in.done);
}

TEST(cancelled_by_message, "a message in time ends the time-out: it does not strike later")
{
    struct job in, second;
    struct remote r;
    REQUIRE(remote_new(&r, true));
    job_receive(&in, L4_Myself());
    in.timeouts = L4_Timeouts(L4_Never, L4_TimePeriod(20000));
    REQUIRE(remote_start(&r, job_run, &in));
    EXPECT(!L4_IpcFailed(send_soon(r.id, L4_MsgTag(1, 0, 0))));
    EXPECT_EQ(remote_wait(&r), DONE);
    job_receive(&second, L4_Myself());
    REQUIRE(remote_start(&r, job_run, &second));
    sleep_us(40000);
    EXPECT(!second.done);
}

static volatile L4_Word_t woken[3], order;

static void wake_in(void *arg)
{
    unsigned index = (unsigned)(L4_Word_t)arg;
    L4_Sleep(L4_TimePeriod(10000u * (3 - index)));
    woken[index] = ++order;
}

TEST(order_of_expiry, "time-outs strike in the order of their times, not of their making")
{
    order = 0;
    for (L4_Word_t i = 0; i < 3; i++) {
        (void)spawn(wake_in, (void *)i);
    }
    sleep_us(60000);
    EXPECT_EQ(woken[0], 3);
    EXPECT_EQ(woken[1], 2);
    EXPECT_EQ(woken[2], 1);
}

TEST(point_receive, "a time point is an absolute time: 20 ms from now")
{
    L4_Word_t took = time_sleep(point(20000, 5));
    EXPECT_LE(20000 - 64, took);
    EXPECT_LT(took, 20000 + TOLERANCE_US);
}

TEST(point_carry, "a time point beyond a carry of the mantissa")
{
    while (((L4_Word_t)L4_SystemClock() >> 6 & 1023) < 900) {
    }
    L4_Word_t took = time_sleep(point(30000, 6));
    EXPECT_LE(30000 - 128, took);
    EXPECT_LT(took, 30000 + TOLERANCE_US);
}

TEST(point_send, "a time point serves as send time-out")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    L4_Word_t before = now_us();
    L4_MsgTag_t tag = L4_Send_Timeout(t, L4_MsgTag(1, 0, 0), point(20000, 5));
    L4_Word_t took = now_us() - before;
    EXPECT(L4_IpcFailed(tag));
    EXPECT_EQ(L4_ErrorCode(), 2);
    EXPECT_LE(20000 - 64, took);
    EXPECT_LT(took, 20000 + TOLERANCE_US);
}

TEST(point_now, "a time point a moment away ends the wait within its unit")
{
    EXPECT_LT(time_sleep(point(100, 0)), 2000 + TOLERANCE_US);
}
