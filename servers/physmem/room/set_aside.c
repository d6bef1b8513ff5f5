/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/set_aside.h"

static uint32_t parts[SET_ASIDE_PARTS], amount;
static bool is_open;

void set_aside_init(void)
{
    parts[SET_ASIDE_FOR_DRIVER] = parts[SET_ASIDE_FOR_SEGMAP] = amount = 0;
    is_open = false;
}

void set_aside(enum set_aside_for whom, uint32_t frames)
{
    parts[whom] = frames;
    amount = parts[SET_ASIDE_FOR_DRIVER] + parts[SET_ASIDE_FOR_SEGMAP];
}

void set_aside_open(bool open)
{
    is_open = open;
}

bool set_aside_is_open(void)
{
    return is_open;
}

uint32_t set_aside_from_me(void)
{
    return is_open ? 0 : amount;
}

uint32_t set_aside_leave(uint32_t leave)
{
    if (is_open) {
        return amount > 0 ? 0 : leave;
    }
    return leave + amount;
}
