/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults, exceptions and preemption as messages in the name of the thread (interface.md 6.1, 6.5, 6.7). */
#pragma once

#include "tcb.h"

enum { EXCEPTION_WORDS = 12 };
#define EXCEPTION_TAG ((word_t)L4_LABEL_EXCEPTION << 16 | EXCEPTION_WORDS)

/* label: L4_LABEL_PAGE_FAULT or L4_LABEL_IO_FAULT with the rights wanted. */
static inline word_t fault_tag(word_t label)
{
    return label << 16 | 2;
}

/* access: L4 rights wanted (5 or 2). */
void fault_page(struct tcb *t, vaddr_t address, word_t access);
RARE void fault_ports(struct tcb *t, word_t port,
                      word_t log2_count); /* an access to a port that is not there */
void fault_exception(struct tcb *t, word_t vector, word_t error);

/* The running thread t has used up its total quantum, or the delay of its preemption: label 0xFFD0 with the clock, to
 * its scheduler or exception handler.  It waits for the reply; nobody there: it stops. */
void preemption_message(struct tcb *t, word_t to);
