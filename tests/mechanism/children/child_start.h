/* SPDX-License-Identifier: BSD-2-Clause */
/* The child's layout, from its start-up record. */
#pragma once

#include <pilotfish/startup.h>

#include "loop.h"

static void child_start(void)
{
    const struct startup *s = pilotfish_startup();
    loop_layout.image_end = s->image_end;
    loop_layout.stack_start = s->stack_start;
    loop_layout.free_start = s->dc_free;
    loop_layout.dc_end = s->dc_end;
}
