/* SPDX-License-Identifier: BSD-2-Clause */
/* X.2 Schedule (interface.md 4.6): a thread's priority, time slice, quantum and delay of
 * preemption, and what it is doing.  And X.2 ThreadSwitch (4.7).  Called for the system calls
 * alone. */
#pragma once

#include "tcb.h"

struct schedule_call { /* all ones: unchanged */
    word_t priority, time, processor, preemption;
};

/* The result word (the thread's state), with the old time control in *old_time.  0, with an X.2
 * error code in *error: nothing has changed. */
word_t schedule_control(struct tcb *caller, word_t dest, const struct schedule_call *c, word_t *old_time,
                        word_t *error);

/* dest runs at once if it can; nilthread: whoever is next. */
void thread_switch(const struct tcb *caller, word_t dest);
