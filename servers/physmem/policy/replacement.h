/* SPDX-License-Identifier: BSD-2-Clause */
/* Replacement keeps free frames (and those being written) between the two marks of frame.h.  It
 * samples accessed bits, by Unmap, of the frames that the policy names, sends out those that the
 * policy calls victims, each with its old neighbours, and gives up for a while when nothing can be
 * written. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct container;
struct task;

void replacement_init(void);
/* Evicts if frames are short, as far as the event's budget goes.  The event loop alone calls it. */
void replacement_run(void);
/* A run has begun and is to go on. */
bool replacement_under_way(void);

/* Tests: sends out, without regard to their age, all pages of the task that may go for frames, but
 * for those of `kept` (may be NULL).  *count: how many.  ERR_NO_SWAP, ERR_BUSY (no room for a
 * request), ERR_NO_ROOM: the others stay. */
enum error replacement_evict(struct task *t, const struct container *kept, uint32_t *count);
