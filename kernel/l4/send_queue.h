/* SPDX-License-Identifier: BSD-2-Clause */
/* The FIFO send queue of a receiver: circular through next and prev of the senders; r->senders is
 * the first.  Used by ipc_state.c alone. */
#pragma once

#include "tcb.h"

static inline void queue_append(struct tcb *r, struct tcb *s)
{
    debug_assert(!s->queued);
    if (!r->senders) {
        r->senders = s->next = s->prev = s;
        return;
    }
    s->next = r->senders;
    s->prev = r->senders->prev;
    s->prev->next = s;
    s->next->prev = s;
}

static inline void queue_remove(struct tcb *r, struct tcb *s)
{
    debug_assert(r->senders && s->next->prev == s && s->prev->next == s);
    if (s->next == s) {
        debug_assert(r->senders == s);
        r->senders = NULL;
        return;
    }
    s->next->prev = s->prev;
    s->prev->next = s->next;
    if (r->senders == s) {
        r->senders = s->next;
    }
}
