/* SPDX-License-Identifier: BSD-2-Clause */
#include "ground/progress.h"

static bool made;

void progress_made(void)
{
    made = true;
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
