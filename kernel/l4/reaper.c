/* SPDX-License-Identifier: BSD-2-Clause */
#include "reaper.h"

#include "space.h"

struct space *reaper_spaces;

void reaper_add(struct space *space)
{
    space_leave_list(space);
    space->next = reaper_spaces;
    reaper_spaces = space;
}

RARE bool reaper_step(void)
{
    struct space *space;
    while ((space = reaper_spaces) != NULL) {
        struct space *next = space->next;
        if (!space_destroy_step(space)) {
            return false;
        }
        reaper_spaces = next;
    }
    return true;
}
