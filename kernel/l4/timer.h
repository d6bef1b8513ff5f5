/* SPDX-License-Identifier: BSD-2-Clause */
/* Time-outs of IPC: at most one timer for each thread (tcb.timer_armed, deadline), in a wheel of
 * buckets for one tick each.  A bucket holds all deadlines that are equal modulo the wheel's size,
 * so those of later turns are passed over.
 *
 * The files of IPC start and cancel timers, when a thread begins or ends a wait; the timer
 * interrupt calls timer_tick. */
#pragma once

#include "tcb.h"

enum { TIMER_WHEEL = 256 };

extern ticks_t ticks; /* since boot */

/* For ia32/ipc_fast.S, beside timer.c: the buckets, each a list through timer_next and timer_prev,
 * and the period that was asked for last, because mostly the next one is the same. */
extern struct tcb *timer_wheel[TIMER_WHEEL];
extern struct timer_period {
    word_t time;    /* as X.2 writes it; 0: there has been none */
    ticks_t length; /* from the tick in which it begins to the deadline */
} timer_last_period;

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
 * been stopped.  expired may arm and cancel any timers.  If there are very many, timer_is_late, and
 * the scheduler, behind a window for interrupts, goes on with them before any thread runs. */
void timer_tick(void (*expired)(struct tcb *t));
extern bool timer_is_late;
RARE void timer_go_on(void (*expired)(struct tcb *t));
