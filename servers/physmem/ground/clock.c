/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/clock.h"

#include "ground/platform.h"

uint32_t clock_of_event;

void clock_start(void)
{
    clock_of_event = platform_clock();
}
