/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of the present event.  The kernel is asked for it once an event at most, and only if
 * somebody wants to know. */
#pragma once

#include <stdint.h>

/* Time since boot in units of 1024 microseconds; it goes round after 50 days, so only differences
 * below half of that mean anything. */
uint32_t clock_now(void);

/* A new event begins: the event loop alone calls this. */
void clock_forget(void);
