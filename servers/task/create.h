/* SPDX-License-Identifier: BSD-2-Clause */
/* Making a task in two steps, so that a driver can be wired in between.  Called by boot.c, and for
 * TASK_CREATE.  Between the two steps the task has a thread that does not run, and nobody knows of
 * it. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

enum { PRIORITY_DRIVER = 200, PRIORITY_SEGMAP = 190, PRIORITY_SERVER = 150, PRIORITY_DEFAULT = 100 };

struct create_request {
    const char *name;
    L4_Word_t parent, holder; /* task ids; holder: who has the container */
    handle_t container;
    L4_Word_t quota;
    L4_Word_t stack_start, stack_pages; /* of the first thread, for reports; 0 pages: not told */
    enum task_kind kind;
    uint8_t priority;
    bool console; /* it may use the kernel's console, beside the console server */
};

/* The task with its first thread, not running yet.  On an error nothing has changed, and the
 * container is still its holder's. */
enum error task_prepare(const struct create_request *request, struct task **task);
/* Starts it; on an error, it and its container are gone. */
enum error task_start(struct task *task, L4_Word_t ip, L4_Word_t sp);
/* Takes a prepared task back, the container too. */
void task_discard(struct task *task);
