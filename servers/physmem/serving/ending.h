/* SPDX-License-Identifier: BSD-2-Clause */
/* The ends of containers, handles and tasks: first whoever waits for something in them hears of it,
 * then they go. */
#pragma once

#include "ground/types.h"

struct container;
struct handle;
struct task;

/* All of these go as far as the event's budget does, and are called again, in another event, until
 * they say true: then it is done. */

/* Faults parked in the container are refused, its handles turn dead, it is destroyed.  From the
 * first call on nothing can be done with it any more.  The handle through which it is asked for, or
 * NULL, turns dead last. */
bool container_end(struct container *c, struct handle *h);

/* What was mapped through this handle is unmapped, and the task's faults parked in the container
 * are answered empty.  The handle is as good as dead from the first call on, until it is freed or
 * kept after all. */
bool handle_give_up(struct handle *h);
void handle_keep(struct handle *h);

/* Closes the handle.  The container ends with its last handle, unless it is a boot module;
 * otherwise the handle is given up. */
bool handle_close(struct handle *h);

/* The task, whose space is gone, ends, with its containers, handles and records; adds to
 * *containers how many of its containers ended in this event.  Not for task 1. */
bool task_end(struct task *t, uint32_t *containers);
