/* SPDX-License-Identifier: BSD-2-Clause */
/* String transfers that stop: for a page fault, which one side asks its pager about with an IPC
 * inside its own, or for others to run. */
#include "arch.h"
#include "fault_ipc.h"
#include "ipc_priv.h"
#include "schedule.h"
#include "timer.h"

static void link_peers(struct tcb *s, struct tcb *r)
{
    assert(s->peer ? s->peer == r && r->peer == s : !r->peer);
    s->peer = r;
    r->peer = s;
    s->transfer_sender = true;
    r->transfer_sender = false;
}

static void unlink_peers(struct tcb *s, struct tcb *r)
{
    assert(s->peer == r && r->peer == s && s->transfer_sender && !s->nested && !r->nested);
    timer_cancel(s);
    s->continuing = CONTINUES_NOTHING;
    s->peer = r->peer = NULL;
}

void ipc_nested_fault_end(struct tcb *t)
{
    assert((!t->nested || t->ipc_kind == IPC_FAULT) && !t->partner);
    if (t->nested) {
        t->ipc_kind = IPC_USER;
        t->nested = false;
        t->state = THREAD_TRANSFER;
        t->tag = t->outer.tag;
        t->timeouts = t->outer.timeouts;
        t->from_spec = t->outer.from_spec;
        t->virtual_id = t->outer.virtual_id;
        t->intended_id = t->outer.intended_id;
        t->has_receive = t->outer_has_receive;
        t->outer_has_receive = false;
    }
}

/* t, which is in the middle of its own IPC, is about to ask its pager: its IPC is put aside, and
 * what follows is a fault's. */
static void begin_nested_fault(struct tcb *t, vaddr_t address, word_t access)
{
    assert(!t->nested && t->ipc_kind == IPC_USER && t->peer);
    t->outer.tag = t->tag;
    t->outer.timeouts = t->timeouts;
    t->outer.from_spec = t->from_spec;
    t->outer.virtual_id = t->virtual_id;
    t->outer.intended_id = t->intended_id;
    t->outer_has_receive = t->has_receive;
    t->ipc_kind = IPC_FAULT;
    t->nested = true;
    t->tag = fault_tag(L4_LABEL_PAGE_FAULT | access);
    t->fault_words[1] = address;
    t->fault_words[2] = t->transfer_sender ? arch_user_ip(t) : ~0u;
}

/* Starts the transfer time-out, which runs from the first fault on: the sender's for sends or the
 * receiver's for receives, whichever is shorter.  false: it is zero. */
static bool start_transfer_timeout(struct tcb *s, struct tcb *r)
{
    word_t mine = *tcb_tcr(s, UTCB_XFER_TIMEOUTS) >> 16, its = *tcb_tcr(r, UTCB_XFER_TIMEOUTS) & 0xffff;
    ticks_t my_deadline = 0, its_deadline = 0;
    bool i_time = mine != L4_Never.raw, it_times = its != L4_Never.raw;
    bool i_wait = !i_time || timer_deadline(mine, &my_deadline);
    bool it_waits = !it_times || timer_deadline(its, &its_deadline);
    s->transfer.timed = true;
    s->transfer.receiver_shorter =
        i_wait && (!it_waits || (it_times && (!i_time || tick_before(its_deadline, my_deadline))));
    if (!i_wait || !it_waits) {
        return false;
    }
    assert(!s->timer_armed);
    if (i_time || it_times) {
        timer_arm(s, s->transfer.receiver_shorter ? its_deadline : my_deadline);
    }
    return true;
}

void ipc_transfer_timed_out(struct transfer *x)
{
    x->error = x->receiver_shorter ? L4_IpcXferTimeoutPartner : L4_IpcXferTimeoutOwn;
    x->receiver_error = x->receiver_shorter ? L4_IpcXferTimeoutOwn : L4_IpcXferTimeoutPartner;
}

bool ipc_transfer_fault(struct tcb *s, struct tcb *r, bool at_sender, vaddr_t address, word_t access)
{
    struct tcb *t = at_sender ? s : r;
    bool goes_on = s->peer != NULL; /* it has stopped before, and ends in ipc_transfer_over */
    if (!s->transfer.timed && !start_transfer_timeout(s, r)) {
        ipc_transfer_timed_out(&s->transfer);
        return false;
    }
    link_peers(s, r);
    s->state = r->state = THREAD_TRANSFER;
    begin_nested_fault(t, address, access);
    if (!ipc_kernel_call(t, *tcb_tcr(t, UTCB_PAGER))) {
        ipc_nested_fault_end(t);
        if (!goes_on) {
            unlink_peers(s, r);
        }
        s->transfer.error = s->transfer.receiver_error = L4_IpcAborted;
        return false;
    }
    return true;
}

void ipc_transfer_pause(struct tcb *s, struct tcb *r)
{
    link_peers(s, r);
    r->state = THREAD_TRANSFER;
    s->state = THREAD_READY;
    s->continuing = CONTINUES_TRANSFER;
    schedule_look_closely();
    schedule_wake(s);
}

/* What the callers of ipc_deliver do, for a transfer that ends later. */
void ipc_transfer_over(struct tcb *s, struct tcb *r)
{
    unlink_peers(s, r);
    s->state = THREAD_TRANSFER;
    if (ipc_arrived(s, r)) {
        ipc_send_phase_over(s);
    }
}

void ipc_continue(struct tcb *t)
{
    struct tcb *r = t->peer;
    assert(t->state == THREAD_READY && t->transfer_sender && r->peer == t && r->state == THREAD_TRANSFER);
    t->continuing = CONTINUES_NOTHING;
    t->state = THREAD_TRANSFER;
    if (ipc_transfer_run(t, r)) {
        ipc_transfer_over(t, r);
    }
}
