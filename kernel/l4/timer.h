/* SPDX-License-Identifier: BSD-2-Clause */
/* Time-outs of IPC: at most one timer for each thread (tcb.timer_armed, deadline), in a wheel of
 * buckets for one tick each.  A bucket holds all deadlines that are equal modulo the wheel's size,
 * so those of later turns are passed over.
 *
 * The files of IPC start and cancel timers, when a thread begins or ends a wait; the timer
 * interrupt calls timer_tick. */
#pragma once

#include "tcb.h"

extern ticks_t ticks; /* since boot */

static inline bool tick_before(ticks_t a, ticks_t b)
{
    return (int32_t)(a - b) < 0;
}

/* An X.2 time (not never) from now as a deadline.  false: it is zero, or a point in time that has
 * passed. */
bool timer_deadline(word_t time, ticks_t *deadline);

/* Starts t's timer, which does not run.  The deadline is later than ticks. */
void timer_arm(struct tcb *t, ticks_t deadline);

/* Stops t's timer, if it runs. */
void timer_cancel(struct tcb *t);

/* Advances ticks by one, and calls expired for each thread whose deadline has come: its timer has
 * been stopped.  expired may arm and cancel any timers. */
void timer_tick(void (*expired)(struct tcb *t));
