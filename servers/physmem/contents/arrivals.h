/* SPDX-License-Identifier: BSD-2-Clause */
/* The wanted pages (page.h) whose transfers have ended in this event.  page.c adds them, and
 * serving/parking.c takes them to find the faults that waited. */
#pragma once

#include "ground/types.h"

enum { ARRIVALS_MAX = 64 };

void arrivals_init(void);
void arrivals_add(frame_t f);
/* Takes all, at most ARRIVALS_MAX.  False: there were more, and none is told; then all faults that
 * wait for the disk have to look.  A frame may have been freed meanwhile, and have got another
 * page: who waits for that one looks in vain. */
bool arrivals_take(frame_t *frames, uint32_t *count);
