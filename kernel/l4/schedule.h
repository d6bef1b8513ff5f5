/* SPDX-License-Identifier: BSD-2-Clause */
/* Who runs: 256 priorities, a ready queue for each, round robin within one.
 *
 * During an event, threads are woken, blocked, halted and given other priorities; which thread runs
 * is decided once, at its end, by schedule_exit().  A thread that is READY and may run is therefore
 * one of these: the current one, in the ready queue of its priority (`queued'), schedule_woken, or
 * the one that schedule_yield has named.  One woken thread is kept aside, outside the queues, so
 * that a call switches to its partner without touching any.
 *
 * schedule.c has the protocol of the variables that say what is to be decided. */
#pragma once

#include "tcb.h"

/* ---- what happens to threads: called by all parts of kernel/l4, during an event ---- */

/* t has become READY.  Nothing is done for the current thread, for a halted one, and for one that
 * has been woken before. */
void schedule_wake(struct tcb *t);

/* t must not run for the time being, because it is blocked from outside, halted or deleted.  Its
 * state is still the old one. */
void schedule_remove(struct tcb *t);

void schedule_set_priority(struct tcb *t, uint8_t priority);

/* c, the current thread (NULL: nobody), gives the processor to a thread with another payer, or a
 * tick has come: the time since the last call is taken from the slice of c's payer. */
void schedule_charge(struct tcb *c);

/* The next schedule_exit() must look closely: a thread has been halted, or has a string transfer to
 * go on with. */
void schedule_look_closely(void);

/* ---- called by the system call ThreadSwitch and by the timer interrupt ---- */

/* The current thread goes behind its peers, with a fresh slice.  dest, unless it is NULL or cannot
 * run, runs at once in its place, until what is left of the slice is over, or dest blocks or is
 * preempted. */
void schedule_yield(struct tcb *dest);

/* The timer has ticked: time-outs come to their end, and then schedule_tick. */
void schedule_timer(void);

/* A tick of the current thread's quantum and delay; its time is charged.  It may block that thread
 * with a message to its scheduler. */
void schedule_tick(void);

/* ---- the end of an event ---- */

extern int32_t schedule_top; /* highest priority with a queued thread; -1: none */

/* For the short ways of IPC: tcb.status of a thread is below the limit iff it waits for a message
 * of its own, nothing else is to be heeded, and no queued thread has a higher priority. */
extern uint32_t schedule_limit, schedule_fast_limit;

/* May the current thread take the fast path (ia32/ipc_fast.S)?  If not, its limit is 0, below which
 * nobody is.  Called by ia32 alone, with whom it makes current. */
void schedule_fast_path(bool open);

/* For the two functions below alone; schedule.c says what they mean. */
extern struct tcb *schedule_woken;
extern bool schedule_changed;
struct tcb *schedule_choose(void);

/* Who runs next; NULL: nobody.  It leaves its queue and becomes current.  As long as nothing has
 * changed, the current thread goes on, because nobody can have come before it. */
static inline struct tcb *schedule_exit(void)
{
    bool goes_on = !schedule_changed && !schedule_woken && current && current->state == THREAD_READY;
    return goes_on ? current : schedule_choose();
}

/* The same after a call of `caller', the current thread, that does not block it. */
static inline struct tcb *schedule_return(struct tcb *caller)
{
    debug_assert(caller == current && caller->state == THREAD_READY);
    return !schedule_changed && !schedule_woken ? caller : schedule_choose();
}

/* ---- for the debugger and the whole-state checkers ---- */

const struct tcb *schedule_queue(unsigned priority); /* first of a ready queue, or NULL */
size_t schedule_check(void);                         /* number of violations in the queues */
