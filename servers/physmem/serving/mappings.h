/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings are a cache: what the kernel keeps for them, nodes and page tables, comes free when they
 * are taken away, and they fault in again.  So a space at its bound of kernel memory, or a kernel
 * that can be lent nothing more, loses mappings, and nobody is refused a page for that. */
#pragma once

#include "protocol/error.h"

struct task;

/* After the kernel has refused something for that task (NULL: for nobody known) for want of memory.
 * Lends the kernel frames, or takes some mappings away: from the task, or, if the kernel itself is
 * short and the task has none, from any.  OK: try again, for there is more room, or there will be
 * when shields end; ERR_BUSY: no frame is free just now; ERR_KERNEL_MEMORY: there is nothing to be
 * had. */
enum error mappings_make_room(struct task *t);

/* For who has the turn (serving/turn.h), when the kernel is to be lent nothing: takes all mappings
 * away but those that are kept, and those of pages in transit, until there is room for one.  OK:
 * there is; ERR_BUSY: it goes on when it is called in the next event; ERR_KERNEL_MEMORY: there is
 * nothing else to take. */
enum error mappings_make_room_by_force(void);
