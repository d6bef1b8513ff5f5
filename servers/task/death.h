/* SPDX-License-Identifier: BSD-2-Clause */
/* How tasks end.  Everything of theirs is given back at once; what stays until the parent has asked
 * for it (TASK_WAIT) is the record with the status.  Children of an ended task are orphans: their
 * parent is the next ancestor that lives, or the task server, which wants no status, and they end
 * one by one, between messages.  The main loop's thread alone calls it. */
#pragma once

#include "protocol/physmem.h"
#include "task_table.h"

struct task_ending {
    L4_Word_t status;
    enum task_end end;
    L4_Word_t address, cause;
};

/* Ends a running task.  Does not return if it is the manifest's main program. */
void task_end(struct task *task, const struct task_ending *ending);

/* Returns whether orphans are to be ended. */
bool death_is_pending(void);
/* Ends one of them, if there are any. */
void death_go_on(void);

/* Ends a living thread's wait for a task, if it has one: any message from a thread does that. */
void wait_cancel(L4_ThreadId_t waiter);
