/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/progress.h"

static bool made, place_changed;

void progress_made(void)
{
    made = true;
}

void progress_place_changed(void)
{
    place_changed = true;
    made = true;
}

bool progress_take_place_changed(void)
{
    bool has_changed = place_changed;
    place_changed = false;
    return has_changed;
}

bool progress_pending(void)
{
    return made;
}

bool progress_take(void)
{
    bool was_made = made;
    made = false;
    return was_made;
}
