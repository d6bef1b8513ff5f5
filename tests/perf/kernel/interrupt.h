/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial line's interrupt `transmitter empty', which comes at once when it is enabled. */
#pragma once

#include "l4/types.h"

/* Answers to `from', handles `count' interrupts, and returns with the next message of `from'. */
void interrupt_handle(L4_ThreadId_t from, L4_Word_t count);
void interrupt_trigger(L4_Word_t count);
