/* SPDX-License-Identifier: BSD-2-Clause */
/* The theory of ipc.h, checked over all threads between two events. */
#include "ipc_priv.h"

#include "send_queue.h"
#include "space.h"
#include "thread_table.h"

static size_t queue_check(struct tcb *r)
{
    size_t bad = 0;
    struct queue_walk walk = queue_walk(r);
    const struct tcb *s = queue_step(r, &walk), *last = s;
    bad += !s != (r->queue == 0);
    while (s && !bad) {
        enum sender_kind kind = s->space == r->space ? SENDERS_LOCAL : SENDERS_FOREIGN;
        bad += s->state != THREAD_SENDING || s->partner != r || s->next->prev != s || s->prev->next != s;
        bad += s->virtual_id && !(r->queue & QUEUE_PROPAGATED);
        bad += queued_before(s, last);
        if (!(r->queue & QUEUE_MIXED)) {
            bad += !r->senders[kind] || (s->next->space == r->space) != (s->space == r->space);
        }
        last = s;
        s = queue_step(r, &walk);
    }
    return bad;
}

static bool misses_message(struct tcb *t)
{
    unsigned looks = ~0u;
    if (!t->queue || t->state != THREAD_RECEIVING) {
        return false;
    }
    ipc_search_begin(t);
    return ipc_find_sender(t, &looks) != NULL;
}

static size_t waiting_check(struct tcb *t)
{
    size_t bad = t->partner && t->state != THREAD_SENDING;
    bad += t->state == THREAD_SENDING && (!t->partner || !t->partner->queue);
    bad += t->state == THREAD_TRANSFER && (!t->peer || t->peer->peer != t);
    bad += t->nested && (!t->peer || t->ipc_kind != IPC_FAULT);
    bad += t->continuing && t->state != THREAD_READY;
    bad += (t->continuing == CONTINUES_TRANSFER) !=
           (t->state == THREAD_READY && t->peer && t->transfer_sender && !t->nested);
    bad += t->nested && t->state == THREAD_READY && !tcb_searches(t);
    bad += queue_check(t);
    return bad + (!bad && misses_message(t));
}

/* Is whom t waits for there, and does it know? */
static size_t awaiting_check(struct tcb *t)
{
    if (tcb_is_open(t)) {
        return t->ipc_kind != IPC_USER;
    }
    const struct tcb *partner = thread_resolve(t, t->from_spec);
    if (!partner) {
        return t->ipc_kind != IPC_START;
    }
    return partner->awaiter != AWAITED_BY_MANY && thread_slot(partner->awaiter) != t;
}

RARE size_t ipc_check(void)
{
    size_t bad = 0, propagations = 0;
    for (const struct space *space = all_spaces; space; space = space->next) {
        for (struct tcb *t = space->threads; t; t = t->space_next) {
            bad += waiting_check(t);
            propagations += t->state == THREAD_SENDING && t->virtual_id != 0;
            bad += tcb_waits(t) ? awaiting_check(t) : 0;
        }
    }
    return bad + (propagations != ipc_queued_propagations);
}
