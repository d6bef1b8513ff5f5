/* SPDX-License-Identifier: BSD-2-Clause */
/* Shields: a page just answered is no victim until its asker has had time to use it.  Bounded in
 * time and in number, so that they can only delay the replacement: a frame is shielded up to
 * SHIELD_TICKS after the last answer with it, and as long as the ring of some task names it; a ring
 * names the last SHIELDS_PER_TASK frames that its task was answered with.  What one task is
 * answered with meanwhile never takes away the shield of another.  Outswaps, being asked for, pass
 * over the shields of what their task has alone. */
#pragma once

#include "ground/types.h"

struct task;

enum { SHIELD_TICKS = 20 }; /* of platform_clock: about 20 ms */

void shield_add(struct task *t, frame_t f);
void shield_drop_all(struct task *t); /* it ends, or is out */
bool shield_covers(frame_t f);
