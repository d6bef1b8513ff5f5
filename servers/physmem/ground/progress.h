/* SPDX-License-Identifier: BSD-2-Clause */
/* One bit: has this event changed anything that somebody may wait for?
 *
 * Every storey tells it here, and the event loop (serving/event.c) alone reads it, so that a part
 * below need not know who waits above. */
#pragma once

#include <stdbool.h>

/* A frame, a slot or a request became free, or frames became short; a page arrived, left or went
 * bad; a container, but for a page in the place of an implied zero, or the state of a task
 * changed. */
void progress_made(void);

/* A place in a container that a fault waits for refers to something else now: every fault that
 * waits for the disk has to look again. */
void progress_place_changed(void);
bool progress_take_place_changed(void);

/* Whether progress was made since the last progress_take(). */
bool progress_pending(void);
/* The same, and forgets it. */
bool progress_take(void);
