/* SPDX-License-Identifier: BSD-2-Clause */
/* One event is one message or one tick.  What an event changes (ground/progress.h) may let parked
 * faults, outswaps or the replacement go on; they are tried again before the event ends, so no
 * wake-up can be lost.  dispatch.c and main.c alone call this,
 * and the boot, whose long work is several events. */
#pragma once

#include <stdbool.h>

void event_init(void);
void event_start(void);

/* Whether there is anything to go on with when the event ends; if not, event_settle leaves all
 * frames where they are. */
bool event_has_work(void);
/* Ends an event: goes on with all that can go on. */
void event_settle(void);

/* True if the event has used up its budget and there is more to do: physmem only looks whether a
 * message has come, and goes on. */
bool event_wants_more(void);

/* True if physmem should be woken by a tick: something may go on just because time passes. */
bool event_wants_tick(void);
