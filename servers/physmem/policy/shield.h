/* SPDX-License-Identifier: BSD-2-Clause */
/* Shields: a page just answered is no victim until its asker has had time to use it.  Bounded per
 * task, and in time, so that they can only delay the replacement.  Outswaps, being asked for,
 * ignore them. */
#pragma once

#include "ground/types.h"

struct task;

enum { SHIELD_TICKS = 20 }; /* of platform_clock: about 20 ms */

void shield_add(struct task *t, frame_t f);
bool shield_covers(frame_t f);
