/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of a program.  Each has errno, and newlib's other per-thread state, of its own.  A thread's stack
 * is a region with a guard page below; an exception in one thread ends the task unless it is handled. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"

struct thread; /* from thread_start until thread_join */

/* Runs entry(argument) in a new thread. */
enum error thread_start(void (*entry)(void *), void *argument, unsigned stack_pages, struct thread **thread);
/* Waits until it has ended and gives back all it had.  Once a thread, and not by itself. */
enum error thread_join(struct thread *thread);
/* Returning from the entry does the same.  In the first thread: ends the task, with status 0. */
__attribute__((noreturn)) void thread_exit(void);
L4_ThreadId_t thread_id(const struct thread *thread);
