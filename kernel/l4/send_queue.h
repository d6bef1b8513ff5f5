/* SPDX-License-Identifier: BSD-2-Clause */
/* The send queues of a receiver, one for senders of its own space and one for all others, so that
 * who waits for local threads passes by nobody else.  Each is FIFO, circular through next and prev
 * of the senders; the stamps tell in which order both queued up together.
 *
 * Who changes its space stays where it stands, and QUEUE_MIXED says that the queues no longer tell
 * who is local.  Where a receiver's search stands (tcb.search) holds as others come and go.
 *
 * Changed by ipc_state.c alone. */
#pragma once

#include "tcb.h"

/* s queued up before t. */
static inline bool queued_before(const struct tcb *s, const struct tcb *t)
{
    return (int32_t)(s->queue_stamp - t->queue_stamp) < 0;
}

/* The one that queued up first, of all.  NULL: nobody is queued. */
static inline struct tcb *queue_first(const struct tcb *r)
{
    struct tcb *local = r->senders[SENDERS_LOCAL], *foreign = r->senders[SENDERS_FOREIGN];
    if (!local || !foreign) {
        return local ? local : foreign;
    }
    return queued_before(local, foreign) ? local : foreign;
}

/* The one behind s in its queue.  NULL: s is the last. */
static inline struct tcb *queue_next(const struct tcb *r, const struct tcb *s)
{
    return s->next == r->senders[SENDERS_LOCAL] || s->next == r->senders[SENDERS_FOREIGN] ? NULL : s->next;
}

/* The walk begins. */
static inline struct queue_walk queue_walk(const struct tcb *r)
{
    return (struct queue_walk){{r->senders[SENDERS_FOREIGN], r->senders[SENDERS_LOCAL]}};
}

/* Everybody in r's queues, in the order in which they queued up.  NULL: that is all. */
static inline struct tcb *queue_step(const struct tcb *r, struct queue_walk *walk)
{
    struct tcb *foreign = walk->next[SENDERS_FOREIGN], *local = walk->next[SENDERS_LOCAL];
    bool is_local = local && (!foreign || queued_before(local, foreign));
    struct tcb *s = is_local ? local : foreign;
    if (s) {
        walk->next[is_local ? SENDERS_LOCAL : SENDERS_FOREIGN] = queue_next(r, s);
    }
    return s;
}

/* s goes to the end of its queue. */
static inline void queue_insert(struct tcb *r, struct tcb *s)
{
    enum sender_kind kind = s->space == r->space ? SENDERS_LOCAL : SENDERS_FOREIGN;
    struct tcb *behind = r->senders[kind];
    debug_assert(!s->queued);
    r->queue = (uint16_t)(r->queue | QUEUE_FILLED | (s->virtual_id ? QUEUE_PROPAGATED : 0));
    if (!behind) {
        r->senders[kind] = s->next = s->prev = s;
    } else {
        s->next = behind;
        s->prev = behind->prev;
        s->prev->next = s;
        behind->prev = s;
    }
    if (r->continuing == CONTINUES_RECEIVING && !r->search.next[kind]) {
        r->search.next[kind] = s;
    }
}

/* For queue_remove alone: r looks no more at s, where its search stands. */
RARE void ipc_search_pass(struct tcb *r, const struct tcb *s);

static inline void queue_remove(struct tcb *r, struct tcb *s)
{
    debug_assert(r->queue && s->next->prev == s && s->prev->next == s);
    if (r->continuing == CONTINUES_RECEIVING) {
        ipc_search_pass(r, s);
    }
    for (int kind = 0; kind < SENDER_KINDS; kind++) {
        if (r->senders[kind] == s) {
            r->senders[kind] = s->next == s ? NULL : s->next;
        }
    }
    s->next->prev = s->prev;
    s->prev->next = s->next;
    if (!r->senders[SENDERS_LOCAL] && !r->senders[SENDERS_FOREIGN]) {
        r->queue = 0;
    }
}
