/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/budget.h"

static uint32_t left;

void budget_start(void)
{
    left = BUDGET_EVENT;
}

void budget_spend(uint32_t units)
{
    left = left > units ? left - units : 0;
}

bool budget_left(void)
{
    return left > 0;
}

bool budget_allows(uint32_t units)
{
    if (left < units) {
        left = 0;
    }
    return left > 0;
}
