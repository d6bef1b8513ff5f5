/* SPDX-License-Identifier: BSD-2-Clause */
/* The records of tasks and their ids.
 *
 * A record, of a living task or of one that has ended and not been waited for, and a thread are
 * charged to whoever has made the task, and to all that made that one: so nobody can fill the
 * tables for everybody.  A program of the manifest may have three quarters of what there may be
 * below it, any other task three quarters of what its creator may.  When a task ends, what was
 * charged to it is its parent's, as its children are.  An orphan's end is no creator's doing: its
 * record goes when somebody needs the place.
 *
 * How many records there may be is a part of the machine's memory; the ids, of which there are some
 * 16 000, are another bound.  Pure but for what table.h says; the main loop's thread alone calls
 * it.  What making and ending a task takes besides is in create.c and death.c.  Ids are given out
 * counting up, so that one comes back only after all others have had their turn. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bitmap.h"
#include "base/list.h"
#include "protocol/error.h"
#include "protocol/ids.h"
#include "protocol/task.h"

enum task_kind { /* how it came to be; a task of the manifest may do more */
                 KIND_CHILD,
                 KIND_DRIVER,
                 KIND_SERVER,
                 KIND_START,
                 KIND_MAIN,
                 KIND_SEGMAP,
};

struct task {
    uint16_t id;           /* 0 if the record is free */
    uint16_t parent;       /* lives, or is TASK_ID_SYSTEM; pays for it too */
    uint16_t chain;        /* the next one with such an id (task_table.c) */
    uint16_t tree_tasks;   /* charged to it */
    uint16_t tree_orphans; /* of these, orphans that have ended */
    uint16_t tasks_max;
    uint32_t tree_threads, threads_max; /* its own threads too */
    struct list children, of_parent;
    struct list of_orphans; /* in the list of orphans that live, or of those that have ended */
    uint8_t kind, state;    /* enum task_kind, enum task_state */
    bool orphan;            /* its parent has ended: so will it */
    uint8_t priority;
    uint32_t thread_list; /* its first thread (thread.c) */
    uint32_t threads;
    uint32_t utcb_slots[BITMAP_WORDS(TASK_THREADS_MAX)]; /* taken ones */
    L4_ThreadId_t first_thread;
    L4_ThreadId_t waiter; /* the parent's thread that is parked in TASK_WAIT for it, or nil */
    uint8_t status, end;  /* of an ended one */
    char name[TASK_NAME_BYTES + 1];
    L4_Word_t address, cause; /* of an ended one */
};

/* Before anything else: pages for the records, in which there may be so many tasks, and in all of
 * them together so many threads. */
void task_table_init(char *pages, uint32_t pages_max, uint32_t threads_max);
/* Makes a record with the next free id.  ERR_QUOTA: the parent, or one above it, has as many as it
 * may; ERR_NO_MEMORY and the errors of page_make.  The ends of orphans make room.  The parent is a
 * task that lives, or TASK_ID_SYSTEM. */
enum error task_alloc(L4_Word_t parent, const char *name, struct task **task);
/* May the task have one more thread?  OK or ERR_QUOTA. */
enum error task_thread_allowed(const struct task *task);
/* It has one more, or one less. */
void task_thread_added(struct task *task);
void task_thread_removed(struct task *task);
/* The task has no threads any more, and no children. */
void task_free(struct task *task);
/* The task has ended: its children that live become orphans, and the ends of others are forgotten.
 * An orphan's parent is the task's own. */
void task_leave_children(struct task *task);
/* The task has ended, and its record stays. */
void task_has_ended(struct task *task);
/* Returns an orphan that lives, or null. */
struct task *task_living_orphan(void);
/* Returns the task with that id, an ended one too, or null. */
struct task *task_find(L4_Word_t id);
/* Returns the record with the smallest id from that one on, or null. */
struct task *task_find_next(L4_Word_t id);
/* Returns whether `who` is the task itself, its parent or a farther ancestor. */
bool task_has_rights(const struct task *who, const struct task *over);
