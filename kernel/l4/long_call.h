/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that go on in steps: between two steps interrupts come in, and whatever they lead to.
 *
 * A thread that has not finished is READY and `continuing' (tcb.h), is scheduled as any other, and
 * goes on when it runs next, also when it has been halted.  In between
 *   - everything it has done is whole: lists are in order, and counters right;
 *   - it holds no pointer to what others can take away;
 *   - it can be deleted like any thread that runs, and what it has done stays done. */
#pragma once

#include "tcb.h"

/* The next step of t, the current thread.  Called by the scheduler alone, behind a window for
 * interrupts. */
void long_call_continue(struct tcb *t);
