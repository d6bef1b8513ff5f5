/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults and exceptions as messages in the name of the faulting thread (l4-x2 6.1, 6.5). */
#pragma once

#include "tcb.h"

/* access: L4 rights wanted (5 or 2). */
void fault_page(struct tcb *t, vaddr_t address, word_t access);
void fault_exception(struct tcb *t, word_t vector, word_t error);
