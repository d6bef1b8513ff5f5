/* SPDX-License-Identifier: BSD-2-Clause */
/* Parked faults and notes that are over before they are served: their thread, their place or their
 * task has gone. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"
#include "ground/types.h"

struct container;
struct task;

/* A new message of the thread, or in its name, has come: what was parked for it is over. */
void fault_supersede(L4_ThreadId_t id);
/* The same, and its note goes, too.  t: the task of the thread; NULL: there is none. */
void fault_forget_thread(struct task *t, L4_ThreadId_t id);
/* Faults of the task at the addresses start .. end are answered empty; returns how many. */
uint32_t fault_forget_range(struct task *t, L4_Word_t start, L4_Word_t end);
/* The same for its forwarded faults in a container: one of its handles is going.  As far as the
 * event's budget goes; true: all of them are answered. */
bool fault_forget_container(struct task *t, const struct container *c);
void fault_forget_task(struct task *t);
/* The container is about to be destroyed: faults in it are refused, in the same way. */
bool fault_refuse_container(struct container *c, enum error why);
