/* SPDX-License-Identifier: BSD-2-Clause */
/* One event is one message or one tick.  What an event changes may let parked faults, outswaps or the replacement
 * go on; they are tried again before the event ends (event_settle), so no wake-up can be lost. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Something that others may wait for has changed: a frame or request became free, a page arrived, left or
 * went bad, a container or the state of a task changed. */
void event_progress(void);

void event_init(void);
void event_start(void);

/* platform_clock(), read at most once an event. */
uint32_t event_clock(void);

/* Ends an event: goes on with all that can go on. */
void event_settle(void);

/* True if physmem should be woken by a tick: something may go on just because time passes. */
bool event_wants_tick(void);
