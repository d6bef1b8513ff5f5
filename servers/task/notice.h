/* SPDX-License-Identifier: BSD-2-Clause */
/* The second thread of the task server.  It waits at physmem for notices, so that the main loop
 * never has to, and hands each one to the main loop by a message inside the task.  Called by main.c
 * only. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"

/* The message, which only the notice thread sends: MR1 = enum physmem_notice, MR2 = task id, MR3 =
 * thread id, MR4 = address, MR5 = enum error, MR6 = instruction pointer. */
enum { NOTICE_LABEL = 0x2ff, NOTICE_WORDS = 6 };

enum error notice_start(void);
/* Returns whether a message is one, by its sender as the kernel has told it. */
bool notice_is_sender(L4_ThreadId_t from);
