/* SPDX-License-Identifier: BSD-2-Clause */
/* X.2 ExchangeRegisters (interface.md 4.3): a thread's registers, pager and user handle, halting
 * and resuming it, and aborting its IPC.  Called for the system call alone. */
#pragma once

#include "tcb.h"

struct exchange { /* in: new values; out: old ones */
    word_t control, sp, ip, flags, user_handle, pager;
};

/* The result id: local for a global dest, global for a local one.  0: error 2, *x is cleared and
 * nothing has changed. */
word_t exchange_registers(struct tcb *caller, word_t dest, struct exchange *x);
