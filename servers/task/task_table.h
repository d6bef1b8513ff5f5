/* SPDX-License-Identifier: BSD-2-Clause */
/* The records of tasks and their ids.
 *
 * A record, of a living task or of one that has ended and not been waited for, and a thread are
 * charged to whoever has made the task, and to all that made that one: so nobody can fill the
 * tables for everybody.  A program of the manifest may have three quarters of the table below it,
 * any other task three quarters of what its creator may.  When a task's record goes, what was
 * charged to it is still charged to its creator.  An orphan's end is no creator's doing: its record
 * goes when somebody needs the place.
 *
 * Pure; the main loop's thread alone calls it.  What making
 * and ending a task takes besides is in create.c and death.c.  Ids are given out counting up, so
 * that one comes back only after all others have had their turn. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bitmap.h"
#include "protocol/error.h"
#include "protocol/ids.h"
#include "protocol/task.h"

enum { TASKS_MAX = 320, TREE_THREADS_MAX = 1536 };

enum task_kind { /* how it came to be; a task of the manifest may do more */
                 KIND_CHILD,
                 KIND_DRIVER,
                 KIND_SERVER,
                 KIND_START,
                 KIND_MAIN,
};

struct task {
    L4_Word_t id; /* 0 if the record is free */
    L4_Word_t parent;
    L4_Word_t payer;                   /* whom it is charged to; TASK_ID_SYSTEM: to nobody */
    unsigned tree_tasks, tree_threads; /* charged to it; its own threads too */
    unsigned tasks_max, threads_max;
    enum task_kind kind;
    enum task_state state;
    bool orphan; /* its parent has ended: so will it */
    uint8_t priority;
    uint16_t chain;       /* the next one with such an id (task_table.c) */
    uint16_t thread_list; /* its first thread (thread.c) */
    unsigned threads;
    uint32_t utcb_slots[BITMAP_WORDS(TASK_THREADS_MAX)]; /* taken ones */
    L4_ThreadId_t first_thread;
    L4_ThreadId_t waiter; /* the parent's thread that is parked in TASK_WAIT for it, or nil */
    L4_Word_t status, end, address, cause; /* of an ended one */
    char name[TASK_NAME_BYTES + 1];
};

/* May a task make one more?  OK, ERR_QUOTA (it, or one above it, has as many as it may), or
 * ERR_NO_MEMORY.  The ends of orphans make room for it.  The parent is a task or
 * TASK_ID_SYSTEM. */
enum error task_allowed(L4_Word_t parent);
/* Returns a fresh record with the next free id, or null if it is not allowed. */
struct task *task_alloc(L4_Word_t parent, const char *name);
/* May the task have one more thread?  OK or ERR_QUOTA. */
enum error task_thread_allowed(const struct task *task);
/* It has one more, or one less. */
void task_thread_added(struct task *task);
void task_thread_removed(struct task *task);
/* The task has no threads any more. */
void task_free(struct task *task);
/* Returns the task with that id, an ended one too, or null. */
struct task *task_find(L4_Word_t id);
/* Returns the record with the smallest id from that one on, or null. */
struct task *task_find_next(L4_Word_t id);
/* Returns the record at a place below TASKS_MAX, for walks; null if it is free. */
struct task *task_at(unsigned index);
unsigned task_index(const struct task *task);
/* Returns whether `who` is the task itself, its parent or a farther ancestor. */
bool task_has_rights(const struct task *who, const struct task *over);
