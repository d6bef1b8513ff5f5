/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/set_aside.h"

static uint32_t amount;
static bool is_open;

void set_aside_init(void)
{
    amount = 0;
    is_open = false;
}

void set_aside(uint32_t frames)
{
    amount = frames;
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
