/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: a task's names for containers, with rights.
 *
 * Found by (task, number) in one hash table; numbers are not used again within a task's life.  A
 * handle whose container has been destroyed stays, dead, until it is closed.  Whoever makes a
 * handle, for itself or for another task, is charged for it, dead or alive; so a handle goes with
 * the task that has made it at the latest, as a mapping goes with the space it came from. */
#pragma once

#include "base/list.h"
#include "contents/container.h"
#include "protocol/error.h"
#include "ground/types.h"

struct handle {
    struct handle *hash; /* the next in its chain */
    struct list of_task, of_container, of_payer;
    struct task *task;
    struct task *payer;          /* who has made it */
    struct container *container; /* NULL: dead */
    handle_t number;
    uint8_t rights;
    bool used         : 1;  /* pages may have been mapped through it */
    bool closing      : 1;  /* it is as good as dead */
    uint32_t unmapped : 22; /* closing: pages before it are unmapped */
};

void handle_init(void);
enum { HANDLES_PAID_MAX = 4096 };

/* A new handle of the task, with a number that it never had, which the payer makes.  Errors are
 * those of slab_alloc, and ERR_QUOTA: the payer's quota, or the number of its handles. */
enum error handle_create(struct task *t, struct container *c, L4_Word_t rights, struct task *payer,
                         handle_t *number);
/* The one handle with a fixed number. */
enum error handle_create_designated(struct task *t, struct container *c);

/* Pages may be mapped through it from now on. */
void handle_use(struct handle *h);

/* OK, ERR_NO_HANDLE, ERR_DEAD (also if it or its container is about to end), or ERR_RIGHTS unless
 * it carries all of `rights`. */
enum error handle_find(const struct task *t, handle_t number, L4_Word_t rights, struct handle **result);

/* Gives the handle up; the container stays, even without handles: the caller sees to that
 * (serving/ending.c). */
void handle_free(struct handle *h);
/* A walk over all handles of a task that goes on from event to event (`foreign` of its presence).
 * It begins with the first one; it goes on to the next one, as it does when the present one is
 * freed. */
void handle_walk_start(struct task *t);
void handle_walk_on(struct task *t);

/* The container is about to be destroyed: its handles turn dead, as far as the event's budget goes;
 * true: all of them are.  `last`, if it is not NULL, is the last one. */
bool handle_kill_some(struct container *c, struct handle *last);
