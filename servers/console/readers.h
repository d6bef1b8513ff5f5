/* SPDX-License-Identifier: BSD-2-Clause */
/* The threads that are parked in CONSOLE_READ, the one that has waited longest first.  A task has a
 * few places, and nobody's are taken for another: who asks for one more is told so.  A thread that
 * has ended while it waited keeps its place until its task needs it, or all are taken; then there
 * are more, as long as there is memory.
 *
 * Pure; main.c alone calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "l4/types.h"
#include "protocol/error.h"

/* READERS_LEAST: places for all tasks together; then twice as many, and so on. */
enum { READERS_PER_TASK = 4, READERS_LEAST = 32 };

struct reader {
    L4_ThreadId_t thread;
    uint32_t count; /* bytes that it wants at most */
};

/* Returns OK; ERR_BUSY: its task has no place for this thread, which is not among them; or
 * ERR_NO_MEMORY.  lives: does that thread still exist? */
enum error readers_add(struct reader reader, bool (*lives)(L4_ThreadId_t thread));
/* Returns the one that has waited longest; null: there is none. */
const struct reader *readers_first(void);
/* Whether it is among them or not. */
void readers_forget(L4_ThreadId_t thread);
