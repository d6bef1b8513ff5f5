/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends a task from outside: exceptions that nobody handles, and faults that nobody can serve.
 * Called by main.c only; the task of the first three is running. */
#pragma once

#include "l4/kernel_memory.h"
#include "task_table.h"

/* words are the twelve of the kernel's exception message (interface.md 6.5).  Returns true if the
 * thread is to be answered with the same words: it tries its instruction again. */
bool on_exception(struct task *task, const L4_Word_t *words);
/* A page fault has come to the task server, which is nobody's pager. */
void on_page_fault(struct task *task, L4_Word_t address, L4_Word_t ip);
/* The kernel has nobody to ask about a thread (lib/l4/kernel_memory.h). */
void on_stopped(struct task *task, enum l4_stopped why, L4_Word_t what, L4_Word_t ip);
/* words are those of notice.h.  The task may have ended meanwhile. */
void on_notice(const L4_Word_t *words);
