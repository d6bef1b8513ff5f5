/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: a task's names for containers, with rights.
 *
 * Found by (task, number) in one hash table; numbers are not used again within a task's life.  A
 * handle whose container has been destroyed stays, dead, until it is closed. */
#pragma once

#include "base/list.h"
#include "contents/container.h"
#include "protocol/error.h"
#include "ground/types.h"

struct handle {
    struct list hash, of_task, of_container;
    struct task *task;
    struct container *container; /* NULL: dead */
    handle_t number;
    L4_Word_t rights;
    bool used; /* pages may have been mapped through it */
};

void handle_init(void);
/* A new handle of the task, with a number that it never had.  Errors are those of slab_alloc. */
enum error handle_create(struct task *t, struct container *c, L4_Word_t rights, handle_t *number);
/* The one handle with a fixed number. */
enum error handle_create_designated(struct task *t, struct container *c);

/* OK, ERR_NO_HANDLE, ERR_DEAD, or ERR_RIGHTS unless it carries all of `rights`. */
enum error handle_find(const struct task *t, handle_t number, L4_Word_t rights, struct handle **result);

/* Gives the handle up; the container stays, even without handles: the caller sees to that
 * (serving/ending.c). */
void handle_free(struct handle *h);
/* The container is about to be destroyed: its handles turn dead. */
void handle_kill_all(struct container *c);

uint32_t handle_bytes(const struct task *t); /* memory its handles take */
