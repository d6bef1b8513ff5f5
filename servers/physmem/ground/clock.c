/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/clock.h"

#include <stdbool.h>

#include "ground/platform.h"

static bool is_known;
static uint32_t value;

void clock_forget(void)
{
    is_known = false;
}

uint32_t clock_now(void)
{
    if (!is_known) {
        value = platform_clock();
        is_known = true;
    }
    return value;
}
