/* SPDX-License-Identifier: BSD-2-Clause */
/* The ends of containers, handles and tasks: first whoever waits for something in them hears of it,
 * then they go. */
#pragma once

#include "ground/types.h"

struct container;
struct handle;
struct task;

/* Faults parked in the container are refused, its handles turn dead, it is destroyed. */
void container_end(struct container *c);

/* Closes the handle.  The container ends with its last handle, unless it is a boot module;
 * otherwise what was mapped through this handle is unmapped, and the task's faults parked in the
 * container are answered empty. */
void handle_close(struct handle *h);

/* The task ends, with its containers, handles and records; returns how many containers there were.
 * Not for task 1. */
uint32_t task_end(struct task *t);
