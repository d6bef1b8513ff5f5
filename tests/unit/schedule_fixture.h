/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads for the tests of the scheduler: made, woken, blocked, without the rest of the kernel. */
#pragma once

#include <string.h>

#include "ktap/ktap.h"
#include "mock.h"

enum { THREADS = 8 };

static struct tcb threads[THREADS];

static void reset(void)
{
    for (int i = 0; i < THREADS; i++) {
        schedule_remove(&threads[i]);
    }
    if (current) {
        current->state = THREAD_RECEIVING;
        (void)schedule_exit();
    }
    memset(threads, 0, sizeof threads);
    for (word_t i = 0; i < THREADS; i++) {
        threads[i] = (struct tcb){.global_id = i << L4_VERSION_BITS | 1,
                                  .payer = i << L4_VERSION_BITS | 1,
                                  .state = THREAD_RECEIVING,
                                  .turn_over = true,
                                  .priority = 100,
                                  .slice_ticks = 5,
                                  .slice_left = 5};
    }
}

static void wake(int i)
{
    threads[i].state = THREAD_READY;
    schedule_wake(&threads[i]);
}

static inline void set_halted(int i, bool halted)
{
    threads[i].halted = halted;
    schedule_look_closely();
}

static int leave(void)
{
    struct tcb *t = schedule_exit();
    EXPECT(t == current);
    EXPECT_EQ(schedule_check(), 0);
    return t ? (int)(t - threads) : -1;
}

static int block(void)
{
    current->state = THREAD_RECEIVING;
    return leave();
}

static int tick(void)
{
    mock_clock_us += TICK_US;
    schedule_tick();
    return leave();
}
