/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults that cannot be served.
 *
 * A forwarded one is answered empty, and a note says what is wrong: the thread faults again, its
 * pager sees the same place once more and asks (PHYSMEM_ASK).  So no error message can get lost.  A
 * last-resort fault has nobody above it who could ask: it is not answered, and the task server
 * hears that the task is broken. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"

struct fault_record;
struct task;

/* Lets the thread fault again, if it still waits. */
void fault_answer_empty(L4_ThreadId_t id);

/* Refuses a parked fault. */
void fault_refuse(struct fault_record *record, enum error why);
/* Refuses one that has no record yet. */
void fault_refuse_new(const struct fault_record *fault, enum error why);

/* What is wrong with the thread's last fault, and where it was; the note is gone afterwards.  OK:
 * nothing is noted. */
enum error fault_take_note(struct task *t, L4_ThreadId_t id, L4_Word_t *address);
/* The note goes that is kept for want of memory for another. */
void fault_forget_spare_note(struct task *t);
