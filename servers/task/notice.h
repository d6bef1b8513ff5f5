/* SPDX-License-Identifier: BSD-2-Clause */
/* The second thread: it waits at physmem for notices, so that the main loop never has to, and hands each
 * one to the main loop by a message inside the task. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"

/* From the notice thread alone: MR1 = enum physmem_notice, MR2 = task id, MR3 = thread id, MR4 = address,
 * MR5 = enum error, MR6 = instruction pointer. */
enum { NOTICE_LABEL = 0x2ff, NOTICE_WORDS = 6 };

enum error notice_start(void);
/* Whether a message is one, by its sender as the kernel told it. */
bool notice_is_sender(L4_ThreadId_t from);
