/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of the present event: the kernel is asked for it once. */
#pragma once

#include <stdint.h>

extern uint32_t clock_of_event;

/* Time since boot in units of 1024 microseconds; it goes round after 50 days, so only differences
 * below half of that mean anything. */
static inline uint32_t clock_now(void)
{
    return clock_of_event;
}

/* A new event begins: the event loop alone calls this. */
void clock_start(void);
