/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of a program.  Any thread of it may call these functions.  Each thread has its own errno
 * and newlib's other state for a thread.  A thread's stack has a guard page below; an exception in
 * one thread ends the task unless it is handled. */
#pragma once

#include "l4/types.h"
#include "protocol/error.h"

struct thread; /* from thread_start until thread_join */

/* Runs entry(argument) in a new thread with a stack of so many pages. */
enum error thread_start(void (*entry)(void *), void *argument, unsigned stack_pages, struct thread **thread);
/* Waits until the thread has ended and gives back all it had.  To be called once for a thread, and
 * not by itself. */
enum error thread_join(struct thread *thread);
/* Ends the calling thread, as returning from its entry does.  In the first thread it ends the task,
 * with status 0. */
__attribute__((noreturn)) void thread_exit(void);
L4_ThreadId_t thread_id(const struct thread *thread);
