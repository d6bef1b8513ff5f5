/* SPDX-License-Identifier: BSD-2-Clause */
/* The records of tasks and their ids.  Pure: who makes and ends tasks is elsewhere (create.c, death.c).
 * Ids are given out counting up, so that one comes back only after all others had their turn. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/bitmap.h"
#include "protocol/ids.h"
#include "protocol/task.h"

enum { TASKS_MAX = 256 };

enum task_kind { /* how it came to be; the manifest's tasks may do more */
                 KIND_CHILD,
                 KIND_DRIVER,
                 KIND_SERVER,
                 KIND_START,
                 KIND_MAIN,
};

struct task {
    L4_Word_t id; /* 0: the record is free */
    L4_Word_t parent;
    enum task_kind kind;
    enum task_state state;
    uint8_t priority;
    unsigned threads;
    uint32_t utcb_slots[BITMAP_WORDS(TASK_THREADS_MAX)]; /* taken ones */
    L4_ThreadId_t first_thread;
    L4_ThreadId_t waiter;                  /* the parent's thread parked in TASK_WAIT for this task, or nil */
    L4_Word_t status, end, address, cause; /* of an ended one */
    char name[TASK_NAME_BYTES + 1];
};

/* A fresh record with the next free id, or null: there are TASKS_MAX. */
struct task *task_alloc(L4_Word_t parent, const char *name);
void task_free(struct task *task);
/* null: no task with that id, ended ones included. */
struct task *task_find(L4_Word_t id);
/* The record with the smallest id >= id; null: none. */
struct task *task_find_next(L4_Word_t id);
/* Records by place, for walks: null where free. */
struct task *task_at(unsigned index);
unsigned task_index(const struct task *task);
/* It is the task itself, its parent or a farther ancestor. */
bool task_has_rights(const struct task *who, const struct task *over);
