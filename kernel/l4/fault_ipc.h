/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults, exceptions and preemption as messages in the name of the thread (interface.md 6.1,
 * 6.2, 6.5, 6.7).
 *
 * Each function makes t ask its pager, exception handler or scheduler, and wait for the reply.  If
 * there is no such thread, t asks its scheduler if its space is watched (lib/l4/kernel_memory.h);
 * otherwise it stops with a line on the console, until ExchangeRegisters resumes it or it is
 * deleted.  Called for the running thread, by the traps of kernel/ia32 and the scheduler's
 * tick. */
#pragma once

#include "tcb.h"

enum { EXCEPTION_WORDS = 12 };
#define EXCEPTION_TAG ((word_t)L4_LABEL_EXCEPTION << 16 | EXCEPTION_WORDS)

/* The tag of a fault message.  label: L4_LABEL_PAGE_FAULT or L4_LABEL_IO_FAULT with the rights
 * wanted. */
static inline word_t fault_tag(word_t label)
{
    return label << 16 | 2;
}

/* access: the L4 rights wanted, 5 or 2.  sigma0's own faults are answered here, one-to-one. */
void fault_page(struct tcb *t, vaddr_t address, word_t access);

/* An access to a port that is not there, only with ports that are mapped.  sigma0 has all ports. */
RARE void fault_ports(struct tcb *t, word_t port, word_t log2_count);

void fault_exception(struct tcb *t, word_t vector, word_t error);

/* t has used up its total quantum, or the delay of its preemption: a message with label 0xFFD0 and
 * the clock goes to `to', its scheduler or exception handler. */
void preemption_message(struct tcb *t, word_t to);
