/* SPDX-License-Identifier: BSD-2-Clause */
/* ExchangeRegisters and Schedule (X.2 chapters 2 and 3; interface.md 4.3, 4.6). */
#pragma once

#include "tcb.h"

struct exchange { /* in: new values; out: old ones */
    word_t control, sp, ip, flags, user_handle, pager;
};

/* The result id (local for a global dest, global for a local one), or 0: error 2, *x cleared. */
word_t exchange_registers(struct tcb *caller, word_t dest, struct exchange *x);

struct schedule_call {
    word_t priority, time, processor, preemption;
};

/* Result word; *old_time receives the old time control.  0 with *error for errors. */
word_t schedule_control(struct tcb *caller, word_t dest, const struct schedule_call *c, word_t *old_time,
                        word_t *error);
