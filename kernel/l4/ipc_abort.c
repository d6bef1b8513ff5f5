/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC that ends from outside: by ExchangeRegisters, a time-out, or because a thread disappears. */
#include "ipc_priv.h"

#include "schedule.h"
#include "send_queue.h"
#include "space.h"
#include "thread.h"
#include "work.h"

static void leave_nested_fault(struct tcb *t)
{
    ipc_leave_waiting(t);
    ipc_nested_fault_end(t);
}

/* Ends the string transfer of s in the middle.  The errors for both sides are in s->transfer. */
static void transfer_break(struct tcb *s)
{
    assert(s->transfer_sender && s->peer->peer == s && !s->peer->transfer_sender);
    assert(s->transfer.error && s->transfer.receiver_error);
    schedule_remove(s);
    leave_nested_fault(s);
    leave_nested_fault(s->peer);
    ipc_transfer_over(s, s->peer);
}

RARE void ipc_abort(struct tcb *t, word_t error)
{
    if (t->peer) {
        struct tcb *s = t->transfer_sender ? t : t->peer;
        s->transfer.error = s->transfer.receiver_error = L4_IpcAborted;
        transfer_break(s);
    } else if (t->state == THREAD_SENDING) {
        ipc_leave_sending(t);
        ipc_fail(t, error, PHASE_SEND, error == L4_IpcTimeout ? t->tag : 0);
    } else if (tcb_waits(t)) {
        ipc_leave_receiving(t);
        ipc_fail(t, error, PHASE_RECEIVE, 0);
    }
}

void ipc_timeout(struct tcb *t)
{
    assert(!t->timer_armed);
    if (t->peer) {
        assert(t->transfer_sender && t->transfer.timed);
        ipc_transfer_timed_out(&t->transfer);
        transfer_break(t);
    } else {
        ipc_abort(t, L4_IpcTimeout);
    }
}

/* Whoever waits for a start message that cannot come stays halted: nobody has said where it
 * begins. */
static RARE void abort_if_awaiting(struct tcb *t, word_t gone)
{
    if (t->from_spec == gone && tcb_waits(t)) {
        t->halted = t->halted || t->ipc_kind == IPC_START;
        ipc_abort(t, L4_IpcNonExisting);
        work_done(WORK_ABORT);
    }
}

/* Who begins again finds those that are left.  false: the step is over. */
static RARE bool abort_all_awaiting(word_t gone)
{
    for (struct space *space = all_spaces; space; space = space->next) {
        for (struct tcb *w = space->threads; w; w = w->space_next) {
            if (work_over()) {
                return false;
            }
            abort_if_awaiting(w, gone);
        }
    }
    return true;
}

/* If there is but one to tell: true. */
static bool tell_awaiter(struct tcb *t, word_t id)
{
    word_t awaiter = t->awaiter;
    if (awaiter != AWAITED_BY_MANY) {
        abort_if_awaiting(thread_slot(awaiter), id);
    }
    return awaiter != AWAITED_BY_MANY;
}

/* Where the search for those who wait for `gone' goes on: a thread number.  Who finds another
 * thread's begins anew. */
static struct {
    const struct tcb *gone;
    word_t next;
} search;

/* Tells all who wait for t by this id, by which nobody begins to.  false: the step is over. */
static RARE bool tell_awaiting(const struct tcb *t, word_t id)
{
    if (few_threads()) {
        return abort_all_awaiting(id);
    }
    if (search.gone != t) {
        search.gone = t;
        search.next = 0;
    }
    while (search.next < THREAD_COUNT) {
        if (work_over()) {
            return false;
        }
        work_done(WORK_PLACE);
        abort_if_awaiting(thread_next(&search.next), id);
    }
    search.gone = NULL;
    return true;
}

/* New ones may begin to wait for an interrupt line meanwhile, and are its awaiters. */
RARE bool ipc_forget_step(struct tcb *t)
{
    debug_assert(!tcb_active(t));
    while (t->queue) {
        ipc_abort(queue_first(t), L4_IpcNonExisting);
        work_done(WORK_ABORT);
        if (work_over()) {
            return false;
        }
    }
    if (t->awaiter && !tell_awaiter(t, t->global_id) && !tell_awaiting(t, t->global_id)) {
        return false;
    }
    if (t->ipc_kind != IPC_INTERRUPT) {
        t->awaiter = 0;
    }
    return !t->queue;
}

RARE bool ipc_forget_id_step(struct tcb *renamed)
{
    struct tcb *t = renamed->partner, *s;
    while ((s = queue_first(t)) != NULL && (int32_t)(s->queue_stamp - renamed->queue_stamp) < 0) {
        ipc_abort(s, L4_IpcNonExisting);
        work_done(WORK_ABORT);
        if (work_over()) {
            return false;
        }
    }
    return !renamed->awaiter || tell_awaiter(renamed, renamed->global_id) ||
           tell_awaiting(renamed, renamed->global_id);
}
