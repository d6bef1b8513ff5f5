/* SPDX-License-Identifier: BSD-2-Clause */
/* X.2 ThreadControl (interface.md 4.4): creates, activates, modifies and deletes threads, and
 * associates interrupt lines with their handlers.  Called for the system call alone.  Everything is
 * checked, and memory that is needed is there, before anything changes. */
#pragma once

#include "tcb.h"

/* Not an X.2 error, and not for the caller's eyes: nothing has been done but what others have left
 * undone, and the caller makes the call again.  Its registers must stay as they are. */
#define THREAD_MORE 0xffffffffu

/* Whatever ThreadControl may do.  0, or an X.2 error code: then nothing has changed; or
 * THREAD_MORE. */
word_t thread_control(struct tcb *caller, word_t dest, word_t space_spec, word_t scheduler, word_t pager,
                      word_t utcb_location);

/* ThreadControl with nilthread as space: deletes a thread, or associates an interrupt line with
 * `pager'. */
word_t thread_control_delete(struct tcb *caller, word_t dest, word_t pager);
