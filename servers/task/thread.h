/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of tasks: their numbers, UTCB slots, and the kernel calls that make and end them. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

/* Bounds the thread numbers by what the kernel has. */
void thread_table_init(void);

/* The first thread, and with it the space: active, waiting for its start, physmem its pager. */
enum error thread_create_first(struct task *task);
/* One more thread, waiting for its start by its pager or its task.  sibling: any thread of the task. */
enum error thread_create(struct task *task, L4_ThreadId_t sibling, L4_ThreadId_t pager, L4_ThreadId_t *id,
                         L4_ThreadId_t *local);
/* The first thread runs. */
enum error thread_start_first(const struct task *task, L4_Word_t ip, L4_Word_t sp);

/* Ends a thread in the kernel and takes its interrupts away; its number stays taken. */
void thread_stop(L4_ThreadId_t id);
/* Gives number and slot back: after physmem has forgotten the thread. */
void thread_free(L4_ThreadId_t id);
void thread_stop_all(const struct task *task);
void thread_free_all(struct task *task);

/* Whether that id is a living thread of the task. */
bool thread_belongs(L4_ThreadId_t id, const struct task *task);

/* Where the thread's stack lies, below TASK_REGIONS_BASE: for reports of an overflow.  pages = 0: not known. */
void thread_set_stack(L4_ThreadId_t id, L4_Word_t start, L4_Word_t pages);
/* Pages of the thread's stack if the address is in the page below it, where it has overflowed to; otherwise 0. */
L4_Word_t thread_stack_above(L4_ThreadId_t id, L4_Word_t address);

/* The task for whose end the thread is parked: 0 = none. */
L4_Word_t thread_waits_for(L4_ThreadId_t id);
void thread_set_wait(L4_ThreadId_t id, L4_Word_t task);

/* An interrupt line for a thread of the task; a line that another task has is ERR_BUSY. */
enum error interrupt_attach(const struct task *task, L4_Word_t line, L4_ThreadId_t handler);
