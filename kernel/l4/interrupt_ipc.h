/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as messages.  A line is a pseudo thread that sends to its handler; it stays masked from the moment
 * the interrupt occurs until the handler's next message to it. */
#pragma once

#include "tcb.h"

void interrupt_init(void);

/* The pseudo thread of an interrupt id, associated or not; NULL: no such line. */
struct tcb *interrupt_find(word_t global_id);
bool interrupt_associated(const struct tcb *line);

/* ThreadControl on an interrupt id.  pager == the interrupt's own id: dissociate.  0 or an error code. */
word_t interrupt_control(struct tcb *caller, word_t dest, word_t pager);

/* A message of t to the line: unmasks it.  false: t is not its handler. */
bool interrupt_acknowledge(struct tcb *line, struct tcb *t);

/* From the interrupt entry: the line has been masked. */
void interrupt_occurred(word_t line);

/* t disappears: its lines stay masked. */
void interrupt_forget_handler(struct tcb *t);
