/* SPDX-License-Identifier: BSD-2-Clause */
/* What physmem_random_test holds true: what is in each page of each container, who may reach it,
 * which threads are in the middle of touching one. */
#pragma once

#include "physmem_sim.h"
#include "protocol/physmem.h"

enum { OBJECTS = 24, PAGES_MAX = 200, TASKS = 6, THREADS = 4, FIRST_TASK = 3, HOLE = -1, BAD = -2 };

/* A container as it should be.  A value stands for the contents of a page; 0 is all zero. */
struct object {
    bool alive;
    uint32_t changes; /* how often pages were replaced */
    int designated;   /* task index + 1 */
    uint32_t size;
    int value[PAGES_MAX];
    handle_t handle[TASKS + 1]; /* of each task, 0 = none; TASKS = task 1 */
    L4_Word_t rights[TASKS];
    int maker[TASKS]; /* of that handle: task index */
};

struct actor { /* a thread */
    L4_ThreadId_t id;
    bool busy; /* with a touch that has not succeeded yet */
    struct object *object;
    uint32_t page;
    bool write;
    int tries;
    uint32_t changes;
};

struct world_task {
    bool alive, held, broken; /* held: its last outswap, if any, is to be ended by INSWAP only */
    L4_Word_t id;
    struct actor actors[THREADS]; /* 0 is the pager: it faults in the DC only */
};

extern struct object objects[OBJECTS];
extern struct world_task tasks[TASKS];
extern bool with_errors; /* the disk fails now and then */
extern bool tight;       /* there is not room for everything */
extern uint32_t refused; /* faults, for want of room */

int index_of(const struct world_task *t);

/* Does the frame hold what stands for that value? */
bool holds(frame_t frame, int value);
/* Where the task has the page: its DC 1:1, every other object at a place of its own. */
L4_Word_t address_of(const struct world_task *t, const struct object *o, uint32_t page);
/* An object to which the task has these rights, or NULL. */
struct object *random_object(const struct world_task *t, L4_Word_t rights);
/* Someone of the task who can make a call. */
L4_ThreadId_t caller_of(const struct world_task *t);

/* The actor goes on with its touch: looks at the page, or faults, or asks what went wrong. */
void run_actor(struct world_task *t, struct actor *a);
/* Any actor of any task goes on or starts. */
void step_actor(void);
