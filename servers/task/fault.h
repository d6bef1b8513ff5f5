/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends a task from outside: exceptions nobody handles, and faults nobody can serve. */
#pragma once

#include "task_table.h"

/* words: the kernel's exception message, twelve of them (interface.md 6.5). */
void on_exception(struct task *task, const L4_Word_t *words);
/* A page fault sent to us, who are nobody's pager. */
void on_page_fault(struct task *task, L4_Word_t address, L4_Word_t ip);
/* words: those of notice.h. */
void on_notice(const L4_Word_t *words);
