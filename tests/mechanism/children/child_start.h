/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the start-up record: argv lies in it, behind its head. */
#pragma once

#include "loop.h"
#include "protocol/startup.h"

static void child_start(int argc, char **argv)
{
    const struct startup *s = (const struct startup *)((L4_Word_t)argv & ~(L4_Word_t)(PAGE_SIZE - 1));
    if (argc < 1 || s->magic != STARTUP_MAGIC) {
        task_exit(99);
    }
    loop_layout.image_end = s->image_end;
    loop_layout.stack_start = s->stack_start;
    loop_layout.free_start = s->dc_free;
    loop_layout.dc_end = s->dc_end;
}
