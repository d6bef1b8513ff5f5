/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of tasks: their numbers, UTCB slots, and the kernel calls that make and end them.  The
 * main loop's thread alone calls it.  An id that is passed in belongs to a living thread unless the
 * line says otherwise. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

/* Pages for the records, which bound the threads as the kernel's thread numbers do, and how many
 * frames the machine has, of which the kernel's quotas are parts.  To be called once, at the
 * start. */
void thread_table_init(char *pages, uint32_t pages_max, L4_Word_t frames);
/* How many threads there may be. */
uint32_t thread_table_places(void);

/* Makes the first thread, and with it the space.  It is active and waits for its start.  console:
 * the space may use the kernel's console. */
enum error thread_create_first(struct task *task, bool console);
/* Makes one more thread, which waits for its start by its pager or its task. sibling is any thread
 * of the task. */
enum error thread_create(struct task *task, L4_ThreadId_t sibling, L4_ThreadId_t pager, L4_ThreadId_t *id,
                         L4_ThreadId_t *local);
/* Starts the first thread, with physmem as its pager. */
enum error thread_start_first(const struct task *task, L4_Word_t ip, L4_Word_t sp);

/* Ends a thread in the kernel and takes its interrupts away; its number stays taken. */
void thread_stop(L4_ThreadId_t id);
/* Gives number and slot back.  The thread is stopped, and physmem has forgotten it. */
void thread_free(L4_ThreadId_t id);
void thread_stop_all(const struct task *task);
void thread_free_all(struct task *task);

/* Returns whether any id at all is that of a living thread of the task. */
bool thread_belongs(L4_ThreadId_t id, const struct task *task);

/* Notes where the thread's stack lies, below TASK_REGIONS_BASE, for reports of an overflow; 0 pages
 * if it is not known. */
void thread_set_stack(L4_ThreadId_t id, L4_Word_t start, L4_Word_t pages);
/* Returns the pages of the thread's stack if the address is in the page below it, into which it has
 * overflowed; otherwise, or for an id of no thread, 0. */
L4_Word_t thread_stack_above(L4_ThreadId_t id, L4_Word_t address);

/* Returns the task for whose end the thread is parked, or 0. */
L4_Word_t thread_waits_for(L4_ThreadId_t id);
void thread_set_wait(L4_ThreadId_t id, L4_Word_t task);

/* Gives an interrupt line to a thread of the task, whatever the ids are.  ERR_BUSY if another task
 * has the line. */
enum error interrupt_attach(const struct task *task, L4_Word_t line, L4_ThreadId_t handler);
