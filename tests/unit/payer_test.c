// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose slice a thread's time is taken from: that of the thread whose message a server works at, by
 * the clock. */
#include "schedule_fixture.h"

enum { CALLER = 0, PEER = 1, SERVER = 7, SLICE = 5 };

/* The caller runs, its peer is ready, and the server is in the thread table with them. */
static void start(uint8_t server_priority)
{
    reset();
    EXPECT(thread_place_take(threads[0].global_id)); /* one leaf holds all of them */
    for (int i = 0; i < THREADS; i++) {
        *thread_place(threads[i].global_id) = &threads[i];
    }
    threads[SERVER].priority = server_priority;
    threads[SERVER].turn_over = false;
    wake(CALLER);
    EXPECT_EQ(leave(), CALLER);
    wake(PEER);
    EXPECT_EQ(leave(), CALLER);
}

/* The caller waits for the server, which works at its message. */
static void call(void)
{
    threads[SERVER].payer = threads[CALLER].payer;
    wake(SERVER);
    EXPECT_EQ(block(), SERVER);
}

/* Answers; returns who runs after that. */
static int reply(void)
{
    wake(CALLER);
    return block();
}

static void test_server(void)
{
    ktap_begin("a server's time is its caller's");
    start(200);
    for (int i = 1; i <= SLICE - 1; i++) {
        call();
        EXPECT_EQ(tick(), SERVER);
        EXPECT_EQ(threads[CALLER].slice_left, SLICE - i);
        EXPECT_EQ(reply(), CALLER); /* it is still its turn */
    }
    call();
    EXPECT_EQ(tick(), SERVER); /* nobody keeps a server from finishing */
    EXPECT(threads[CALLER].turn_over);
    EXPECT_EQ(threads[SERVER].slice_left, SLICE);
    EXPECT_EQ(reply(), PEER);
    EXPECT_EQ(block(), CALLER);
    EXPECT(!threads[CALLER].turn_over);
    (void)ktap_end();

    ktap_begin("more than a slice is remembered, up to another one");
    start(200);
    call();
    mock_clock_us += (SLICE + 1) * TICK_US;
    EXPECT_EQ(tick(), SERVER);
    EXPECT_EQ(reply(), PEER);
    EXPECT_EQ(threads[CALLER].slice_left, SLICE - 2);
    EXPECT_EQ(block(), CALLER);
    call();
    mock_clock_us += 100 * TICK_US;
    EXPECT_EQ(tick(), SERVER);
    EXPECT_EQ(reply(), CALLER); /* no peer waits */
    EXPECT_EQ(threads[CALLER].slice_left, 1);
    (void)ktap_end();
}

/* It stands among the caller's peers, and takes the caller's turns. */
static void test_server_of_same_priority(void)
{
    ktap_begin("a server that is no more important shares its caller's turn");
    start(100);
    call();
    for (int i = 1; i < SLICE; i++) {
        EXPECT_EQ(tick(), SERVER);
    }
    EXPECT_EQ(tick(), PEER);
    EXPECT_EQ(block(), SERVER);
    EXPECT(!threads[CALLER].turn_over);
    wake(PEER);
    EXPECT_EQ(reply(), CALLER);
    (void)ktap_end();
}

static void test_clock(void)
{
    enum { BEFORE_TICK_US = TICK_US - 100 };
    ktap_begin("who waits before each tick pays as well");
    start(200);
    uint32_t left = threads[CALLER].slice_left;
    threads[PEER].priority = 100;
    for (int i = 0; i < 3; i++) {
        mock_clock_us += BEFORE_TICK_US;
        EXPECT_EQ(block(), PEER);
        mock_clock_us += TICK_US - BEFORE_TICK_US;
        schedule_tick();
        wake(CALLER);
        EXPECT_EQ(leave(), PEER);
        EXPECT_EQ(block(), CALLER);
        wake(PEER);
        EXPECT_EQ(leave(), CALLER);
    }
    EXPECT_EQ(threads[CALLER].used_us + (left - threads[CALLER].slice_left) * TICK_US, 3 * BEFORE_TICK_US);
    EXPECT_EQ(threads[PEER].used_us, 3 * (TICK_US - BEFORE_TICK_US));
    (void)ktap_end();

    ktap_begin("nobody pays for the time in which the processor is idle");
    start(200);
    (void)block();
    EXPECT_EQ(block(), -1);
    mock_clock_us += 3 * TICK_US;
    schedule_tick();
    wake(CALLER);
    EXPECT_EQ(leave(), CALLER);
    EXPECT_EQ(threads[CALLER].slice_left, SLICE);
    EXPECT_EQ(threads[CALLER].used_us, 0);
    (void)ktap_end();
}

static void test_gone(void)
{
    ktap_begin("the server pays where the caller is gone");
    start(200);
    call();
    *thread_place(threads[CALLER].global_id) = &thread_nobody;
    EXPECT_EQ(tick(), SERVER);
    EXPECT_EQ(threads[SERVER].slice_left, SLICE - 1);
    EXPECT_EQ(threads[CALLER].slice_left, SLICE);
    (void)ktap_end();
}

int main(void)
{
    mock_init(16);
    ktap_start(mock_write, 6);
    test_server();
    test_server_of_same_priority();
    test_clock();
    test_gone();
    return ktap_finish();
}
