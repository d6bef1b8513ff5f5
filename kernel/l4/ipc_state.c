/* SPDX-License-Identifier: BSD-2-Clause */
/* Entering and leaving the blocked states of IPC.  Each function is one transition of one
 * thread. */
#include "ipc_priv.h"

#include "arch.h"
#include "kdb/trace.h"
#include "schedule.h"
#include "send_queue.h"
#include "timer.h"

unsigned ipc_queued_propagations;
static word_t next_stamp;

/* Can somebody send to t? */
static bool is_partner(const struct tcb *t)
{
    return tcb_active(t) || t->ipc_kind == IPC_INTERRUPT;
}

void ipc_await(struct tcb *t, struct tcb *partner)
{
    debug_assert(!t->partner && (!t->queued || tcb_searches(t)) && (!partner || is_partner(partner)));
    if (partner) {
        t->from_spec = partner->global_id;
        tcb_await(partner, t->global_id);
    }
    debug_assert(partner || tcb_is_open(t));
}

word_t ipc_next_stamp(void)
{
    return next_stamp;
}

void ipc_enter_sending(struct tcb *t, struct tcb *r)
{
    debug_assert(!t->partner && is_partner(r));
    debug_assert(t->state == THREAD_READY || t->state == THREAD_TRANSFER);
    t->partner = r;
    t->state = THREAD_SENDING;
    t->queue_stamp = next_stamp++;
    queue_insert(r, t);
    ipc_queued_propagations += t->virtual_id != 0;
}

/* Inside a string transfer the timer is that of the transfer, and runs on. */
static void stop_timer(struct tcb *t)
{
    if (!t->peer) {
        timer_cancel(t);
    }
}

static RARE void search_end(struct tcb *t)
{
    schedule_remove(t);
    t->continuing = CONTINUES_NOTHING;
}

void ipc_leave_receiving(struct tcb *t)
{
    stop_timer(t);
    if (__builtin_expect(tcb_searches(t), 0)) {
        search_end(t);
    }
}

void ipc_leave_sending(struct tcb *t)
{
    debug_assert(t->state == THREAD_SENDING && t->partner);
    debug_assert(t->virtual_id == 0 || ipc_queued_propagations > 0);
    stop_timer(t);
    ipc_queued_propagations -= t->virtual_id != 0;
    queue_remove(t->partner, t);
    t->partner = NULL;
}

void ipc_leave_waiting(struct tcb *t)
{
    if (t->state == THREAD_SENDING) {
        ipc_leave_sending(t);
    } else if (tcb_waits(t)) {
        ipc_leave_receiving(t);
    }
}

bool ipc_leave(struct tcb *t)
{
    if (t->peer) {
        ipc_abort(t, L4_IpcCanceled);
        return false;
    }
    ipc_leave_waiting(t);
    debug_assert(!t->partner && !t->timer_armed);
    return t->state != THREAD_READY;
}

void ipc_become_ready(struct tcb *t)
{
    debug_assert(!t->queued && !t->partner && tcb_active(t));
    if (t->peer) {
        assert(t->nested && t->peer->peer == t);
        ipc_nested_fault_end(t);
        t = t->transfer_sender ? t : t->peer;
        t->continuing = CONTINUES_TRANSFER;
        schedule_look_closely();
    }
    debug_assert(t->continuing || !t->timer_armed);
    t->state = THREAD_READY;
    schedule_wake(t);
}

void ipc_fail(struct tcb *t, word_t error, enum ipc_phase phase, word_t tag)
{
    assert(error != 0);
    if (t->ipc_kind == IPC_INTERRUPT) { /* an interrupt line is no thread that could run */
        assert(t->state == THREAD_SENDING || t->state == THREAD_READY);
        t->state = THREAD_INACTIVE;
        return;
    }
    trace(TRACE_IPC_ERROR, t->ipc_kind, t->global_id, error << 1 | phase, 0);
    if (phase == PHASE_RECEIVE && tcb_is_open(t)) {
        t->payer = t->global_id;
    }
    if (t->ipc_kind == IPC_USER) {
        tcb_set_error(t, error << 1 | phase);
        t->utcb[0] = tag | L4_TAG_ERROR;
        arch_ipc_return(t, 0, tag | L4_TAG_ERROR);
    }
    ipc_become_ready(t);
}
