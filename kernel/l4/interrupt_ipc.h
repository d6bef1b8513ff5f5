/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as messages (interface.md 6.3).  A line is a pseudo thread that sends to its handler.
 * It is masked from the moment an interrupt occurs until the handler's next message to it.
 *
 * A line is INACTIVE, unless its message stands in its handler's queue: then it is SENDING.  A line
 * without a handler is not associated: it is masked, INACTIVE, and nobody waits for it. */
#pragma once

#include "tcb.h"

void interrupt_init(void); /* before any thread is made */

/* The pseudo thread of an interrupt id, associated or not.  NULL: there is no such line. */
struct tcb *interrupt_find(word_t global_id);
bool interrupt_associated(const struct tcb *line);

/* ThreadControl on an interrupt id: `pager' becomes the line's handler; if it is the line's own id,
 * the line has none from now on.  0, or an X.2 error code. */
word_t interrupt_control(struct tcb *caller, word_t dest, word_t pager);

/* t has sent a message to the line, which unmasks it.  false: t is not its handler, and nothing has
 * been done. */
bool interrupt_acknowledge(struct tcb *line, struct tcb *t);

/* An interrupt has occurred, and its line has been masked.  Called by the interrupt entry alone. */
void interrupt_occurred(word_t line);

/* t disappears: the lines that it has handled have no handler any more. */
void interrupt_forget_handler(struct tcb *t);
