/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready queues: 256 priorities, round robin within one.  The current thread stands in no queue.
 *
 * Events wake threads with schedule_wake(); which thread runs is decided once, at the end of the kernel entry, by
 * schedule_exit().  One woken thread is kept aside so that a call switches to its partner without any queue. */
#pragma once

#include "tcb.h"

void schedule_wake(struct tcb *t);   /* t has become READY; halted threads and current: nothing to do */
void schedule_remove(struct tcb *t); /* t must not run for now: blocked from outside, halted, deleted */
/* current goes behind its peers, with a fresh slice; dest (or NULL) runs at once if it can, in current's place until
 * what is left of its slice is over, it blocks or is preempted. */
void schedule_yield(struct tcb *dest);
void schedule_tick(void); /* a timer tick: the current thread's slice */
void schedule_set_priority(struct tcb *t, uint8_t priority);

/* The next schedule_exit() must look closely: a thread has been halted, or has a string transfer to go on with. */
void schedule_look_closely(void);

extern int32_t schedule_top; /* highest priority with a queued thread; -1: none */

/* For the two functions below alone: who is kept aside; whether there is anything else to decide. */
extern struct tcb *schedule_woken;
extern bool schedule_changed;
struct tcb *schedule_choose(void);

/* Who runs next; NULL = nobody.  Takes it out of its queue and makes it current.  As long as nothing has changed, the
 * current thread goes on: nobody can have come before it. */
static inline struct tcb *schedule_exit(void)
{
    bool goes_on = !schedule_changed && !schedule_woken && current && current->state == THREAD_READY;
    return goes_on ? current : schedule_choose();
}

/* The same after a call of `caller', the current thread, that does not block it. */
static inline struct tcb *schedule_return(struct tcb *caller)
{
    return !schedule_changed && !schedule_woken ? caller : schedule_choose();
}

const struct tcb *schedule_queue(unsigned priority); /* first of a ready queue, or NULL; for the debugger */
size_t schedule_check(void);                         /* number of violations in the queues */
