/* SPDX-License-Identifier: BSD-2-Clause */
/* Who of the tasks that are out may come in, when not all that want to can be in memory at once.
 *
 * A task gets on only if what one of its instructions needs stays until that is done.  So of those
 * that are at work only so many are let in as memory has room for, by counts alone: a task in
 * memory counts for what the kernel keeps for it, and one that was given a page lately for its
 * shields besides.  The others wait at the door, first come first served, and for them whoever has
 * been given nothing the longest goes out as a whole.  Tasks that are made find no door: they are
 * charged to whom makes them, and what is too much goes out. */
#pragma once

#include "ground/types.h"
#include "tasks/task.h"

void admission_init(void);

/* The task, which is not in memory, has a fault, or is to run: if it is out and need not stay there
 * it comes in at once if there is room, or stands at the door.  Whether it is in memory now. */
bool admission_ask_for(struct task *t);

/* The same for any task. */
static inline bool admission_ask(struct task *t)
{
    return t->state == TASK_MEMORY_IN || admission_ask_for(t);
}

/* It ends. */
void admission_forget(struct task *t);

/* The kernel lacks memory that only whole tasks can give: one of those in memory that are not at
 * work, or even of those that are, goes out.  False: none does. */
bool admission_make_room(bool at_work);

/* Lets in who can come in, and moves out who has to. */
void admission_step(void);
/* Somebody stands at the door, where time opens it too. */
bool admission_under_way(void);
