/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc.h"

#include "arch.h"
#include "fault_ipc.h"
#include "interrupt_ipc.h"
#include "kdb/counters.h"
#include "kdb/trace.h"
#include "schedule.h"
#include "send_queue.h"
#include "thread.h"

enum { PHASE_SEND = 0, PHASE_RECEIVE = 1 };

unsigned ipc_queued_propagations;

static word_t receive_time(const struct tcb *t)
{
    return t->timeouts & 0xffff;
}

/* t's IPC is over: it goes on at user level, or with the string transfer for which it had asked its pager. */
static void become_ready(struct tcb *t)
{
    if (t->peer) {
        ipc_nested_fault_end(t);
        t = t->transfer_sender ? t : t->peer;
        t->continuing = true;
        schedule_look_closely();
    }
    t->state = THREAD_READY;
    schedule_wake(t);
}

/* ---- entering and leaving the blocked states ---- */

static void await(struct tcb *t, struct tcb *partner)
{
    t->partner = partner;
    if (partner) {
        partner->awaited++;
    }
}

/* Inside a string transfer the timer is that of the transfer. */
static void stop_timer(struct tcb *t)
{
    if (!t->peer) {
        timer_cancel(t);
    }
}

static void leave_receiving(struct tcb *t)
{
    stop_timer(t);
    if (t->partner) {
        t->partner->awaited--;
        t->partner = NULL;
    }
}

static void leave_sending(struct tcb *t)
{
    stop_timer(t);
    ipc_queued_propagations -= t->virtual_id != 0;
    queue_remove(t->partner, t);
    t->partner = NULL;
}

/* t's IPC ends with an error.  What the kernel sent in t's name just ends: the instruction is tried again.  An
 * interrupt line is no thread that could run. */
static void fail(struct tcb *t, word_t error, word_t phase, word_t tag)
{
    if (t->ipc_kind == IPC_INTERRUPT) {
        t->state = THREAD_INACTIVE;
        return;
    }
    trace(TRACE_IPC_ERROR, t->ipc_kind, t->global_id, error << 1 | phase, 0);
    if (t->ipc_kind == IPC_USER) {
        tcb_set_error(t, error << 1 | phase);
        t->utcb[0] = tag | L4_TAG_ERROR;
        arch_ipc_return(t, 0, tag | L4_TAG_ERROR);
    }
    become_ready(t);
}

/* ---- propagation ---- */

/* In whose name s sends to r: NULL = its own.  Re-decided at every step, the thread may be gone. */
static struct tcb *find_virtual_sender(struct tcb *s, const struct tcb *r)
{
    struct tcb *v = thread_resolve(s, s->virtual_id);
    if (!v || v == s || v->ipc_kind == IPC_INTERRUPT) {
        return NULL;
    }
    bool its_redirector = v->space->redirector == s->global_id;
    return v->space == s->space || s->space == r->space || its_redirector ? v : NULL;
}

static inline struct tcb *virtual_sender(struct tcb *s, const struct tcb *r)
{
    return __builtin_expect(s->virtual_id == 0, 1) ? NULL : find_virtual_sender(s, r);
}

static void rematch(struct tcb *r);

/* A virtual sender that waits for the real one will wait for the receiver instead. */
static void retarget(struct tcb *v, struct tcb *from, struct tcb *to)
{
    if (v->state == THREAD_RECEIVING && v->partner == from) {
        from->awaited--;
        await(v, to);
        v->from_spec = to->global_id;
        if (v->senders) {
            rematch(v);
        }
    }
}

/* ---- matching ---- */

static bool accepts(const struct tcb *r, const struct tcb *sender)
{
    if (r->partner) {
        return r->partner == sender;
    }
    return r->from_spec != L4_anylocalthread.raw || sender->space == r->space;
}

/* The first queued sender that r takes; there is at least one in the queue. */
static struct tcb *find_sender(struct tcb *r)
{
    struct tcb *s = r->senders;
    do {
        struct tcb *v = virtual_sender(s, r);
        if (accepts(r, v ? v : s)) {
            return s;
        }
        s = s->next;
    } while (s != r->senders);
    return NULL;
}

/* ---- phases ---- */

/* The message of s has arrived at r, or been cut: r goes on.  true: so may s. */
static bool arrived(struct tcb *s, struct tcb *r)
{
    struct tcb *v = virtual_sender(s, r);
    ipc_transfer_result(s, r, v);
    become_ready(r);
    if (v) {
        retarget(v, s, r);
    }
    if (s->transfer.error) {
        fail(s, s->transfer.error | s->transfer.bytes << 3, PHASE_SEND, s->tag);
        return false;
    }
    return true;
}

/* Untyped words of user or fault message, in the sender's own name, to a user thread: nothing can go wrong. */
static inline bool is_simple(const struct tcb *s, const struct tcb *r)
{
    enum { TYPED_AND_FLAGS = 0xffc0 };
    return (s->tag & TYPED_AND_FLAGS) == 0 && r->ipc_kind == IPC_USER && s->ipc_kind <= IPC_PREEMPTION &&
           s->virtual_id == 0 && s->intended_id == 0;
}

static void deliver_simple(struct tcb *s, struct tcb *r)
{
    const word_t *words = s->ipc_kind == IPC_USER ? s->utcb : s->fault_words;
    for (word_t i = s->tag & 0x3f; i > 0; i--) {
        r->utcb[i] = words[i];
    }
    r->utcb[0] = s->tag;
    arch_ipc_return(r, s->space == r->space ? s->local_id : s->global_id, s->tag);
    r->state = THREAD_READY;
    schedule_wake(r);
}

/* Hands s's message to r, which waits for it (and is in no queue).  true: s's send phase has ended well.  false: it
 * failed, or a string transfer has begun that ends later. */
static bool deliver(struct tcb *s, struct tcb *r)
{
    leave_receiving(r);
    counters.ipcs++;
    trace(TRACE_IPC, s->ipc_kind, s->global_id, r->global_id, s->tag);
    if (is_simple(s, r)) {
        deliver_simple(s, r);
        return true;
    }
    return ipc_transfer(s, r) && arrived(s, r);
}

/* A successful send without a receive phase. */
static void finish_send(struct tcb *t)
{
    if (t->ipc_kind == IPC_INTERRUPT) {
        t->state = THREAD_INACTIVE;
        return;
    }
    if (t->ipc_kind == IPC_USER) {
        arch_ipc_return(t, 0, t->tag);
    }
    become_ready(t);
}

/* Who t's receive phase is for, NULL = anybody; false: there is no such thread. */
static bool receive_from(struct tcb *t, struct tcb **partner)
{
    *partner = NULL;
    if (t->from_spec == L4_anythread.raw || t->from_spec == L4_anylocalthread.raw) {
        return true;
    }
    *partner = thread_resolve(t, t->from_spec);
    return *partner != NULL;
}

/* The time-out of the phase that t is about to wait in.  false: there is no time at all. */
static bool start_timer(struct tcb *t, word_t time)
{
    ticks_t deadline;
    if (time == L4_Never.raw) {
        return true;
    }
    if (!timer_deadline(time, &deadline)) {
        return false;
    }
    timer_arm(t, deadline);
    return true;
}

static void block_receiving(struct tcb *t)
{
    if (!start_timer(t, receive_time(t))) {
        leave_receiving(t);
        fail(t, L4_IpcTimeout, PHASE_RECEIVE, 0);
        return;
    }
    t->state = THREAD_RECEIVING;
}

/* t's receive phase, for messages of partner (NULL: as from_spec says); if a queued sender is taken, that one's receive
 * phase follows, and so on. */
static void receive_from_partner(struct tcb *t, struct tcb *partner)
{
    for (;;) {
        await(t, partner);
        struct tcb *s = t->senders ? find_sender(t) : NULL;
        if (!s) {
            block_receiving(t);
            return;
        }
        leave_sending(s);
        if (!deliver(s, t)) {
            return;
        }
        if (!s->has_receive) {
            finish_send(s);
            return;
        }
        t = s;
        if (!receive_from(t, &partner)) {
            fail(t, L4_IpcNonExisting, PHASE_RECEIVE, 0);
            return;
        }
    }
}

static void receive_phase(struct tcb *t)
{
    struct tcb *partner;
    if (receive_from(t, &partner)) {
        receive_from_partner(t, partner);
    } else {
        fail(t, L4_IpcNonExisting, PHASE_RECEIVE, 0);
    }
}

/* t's send phase has ended well. */
static void send_phase_over(struct tcb *t)
{
    if (t->has_receive) {
        receive_phase(t);
    } else {
        finish_send(t);
    }
}

/* If r waits: whom for, or in whose name a message in its queue seems to be, may not be what it was.  If one fits now, r takes
 * it.  That may concern the next receiver, and so on: they stand in a list, the stack has an end. */
static RARE void rematch(struct tcb *r)
{
    static struct tcb *list;
    static bool busy;
    for (const struct tcb *t = list; t; t = t->rematch_next) {
        if (t == r) {
            return;
        }
    }
    r->rematch_next = list;
    list = r;
    while (!busy && list) {
        r = list;
        list = r->rematch_next;
        struct tcb *s = r->state == THREAD_RECEIVING && r->senders ? find_sender(r) : NULL;
        if (!s) {
            continue;
        }
        leave_sending(s);
        busy = true;
        if (deliver(s, r)) {
            send_phase_over(s);
        }
        busy = false;
    }
}

RARE void ipc_look_again(void)
{
    for (struct space *space = all_spaces; space; space = space->next) {
        for (struct tcb *r = space->threads; r; r = r->space_next) {
            rematch(r);
        }
    }
}

RARE void ipc_moved(struct tcb *t)
{
    rematch(t->state == THREAD_SENDING ? t->partner : t);
}

static void block_sending(struct tcb *t, struct tcb *partner)
{
    if (!start_timer(t, t->timeouts >> 16)) {
        fail(t, L4_IpcTimeout, PHASE_SEND, 0);
        return;
    }
    trace(TRACE_SEND_WAIT, t->ipc_kind, t->global_id, partner->global_id, t->tag);
    t->partner = partner;
    t->state = THREAD_SENDING;
    queue_append(partner, t);
    ipc_queued_propagations += t->virtual_id != 0;
}

/* true: the message is with the partner, and t's receive phase (if any) is next. */
static bool send_phase(struct tcb *t, struct tcb *partner)
{
    if (partner->state == THREAD_RECEIVING) {
        struct tcb *v = virtual_sender(t, partner);
        if (accepts(partner, v ? v : t)) {
            return deliver(t, partner);
        }
    }
    block_sending(t, partner);
    return false;
}

/* Messages that leave a space with a redirector go to that thread, as long as it exists. */
static struct tcb *redirect(struct tcb *t, struct tcb *partner)
{
    if (__builtin_expect(t->space->redirector == 0, 1) || partner->space == t->space ||
        partner->global_id == t->space->redirector) {
        return partner;
    }
    struct tcb *redirector = thread_find(t->space->redirector);
    if (!redirector || !tcb_active(redirector)) {
        return partner;
    }
    t->intended_id = partner->global_id;
    return redirector;
}

void ipc_system_call(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag)
{
    struct tcb *partner = NULL;
    t->ipc_kind = IPC_USER;
    t->tag = tag;
    t->utcb[0] = tag;
    t->timeouts = timeouts;
    t->from_spec = from_spec;
    t->has_receive = from_spec != 0;
    t->virtual_id = t->intended_id = 0;
    if (to != 0) {
        partner = thread_resolve(t, to);
        if (tag & L4_TAG_PROPAGATED) {
            t->virtual_id = t->utcb[UTCB_VIRTUAL_SENDER];
        }
        if (!partner || (partner->ipc_kind == IPC_INTERRUPT && !interrupt_acknowledge(partner, t))) {
            fail(t, L4_IpcNonExisting, PHASE_SEND, 0);
            return;
        }
        if (partner->ipc_kind != IPC_INTERRUPT && !send_phase(t, redirect(t, partner))) {
            return;
        }
    }
    if (!t->has_receive) {
        finish_send(t);
    } else if (from_spec == L4_anythread.raw) {
        receive_from_partner(t, NULL);
    } else if (from_spec == to) {
        receive_from_partner(t, partner);
    } else {
        receive_phase(t);
    }
}

bool ipc_kernel_call(struct tcb *t, word_t partner_id)
{
    struct tcb *partner = thread_resolve(t, partner_id);
    if (!partner || partner == t || partner->ipc_kind == IPC_INTERRUPT) {
        return false;
    }
    t->timeouts = 0;
    t->from_spec = partner->global_id;
    t->has_receive = true;
    t->virtual_id = t->intended_id = 0;
    if (!send_phase(t, partner)) {
        return true;
    }
    if (t->peer) { /* below a delivery: what has been queued is taken by its loop, the stack has an end */
        await(t, partner);
        block_receiving(t);
        if (t->senders) {
            rematch(t);
        }
    } else {
        receive_from_partner(t, partner);
    }
    return true;
}

void ipc_await_start(struct tcb *t, struct tcb *pager)
{
    t->ipc_kind = IPC_START;
    t->from_spec = pager->global_id;
    await(t, pager);
    t->state = THREAD_RECEIVING;
}

void ipc_interrupt(struct tcb *line, struct tcb *handler)
{
    line->ipc_kind = IPC_INTERRUPT;
    line->tag = (word_t)L4_LABEL_INTERRUPT << 16;
    line->timeouts = 0;
    line->has_receive = false;
    if (send_phase(line, handler)) {
        finish_send(line);
    }
}

/* ---- string transfers ---- */

/* The transfer is over: the rest of what deliver's callers do. */
static void transfer_over(struct tcb *s, struct tcb *r)
{
    ipc_transfer_unlink(s, r);
    s->state = THREAD_TRANSFER;
    if (arrived(s, r)) {
        send_phase_over(s);
    }
}

void ipc_continue(struct tcb *t)
{
    t->continuing = false;
    t->state = THREAD_TRANSFER;
    struct tcb *r = t->peer;
    if (ipc_transfer_run(t, r)) {
        transfer_over(t, r);
    }
}

static void leave_nested_fault(struct tcb *t)
{
    if (t->state == THREAD_SENDING) {
        leave_sending(t);
    } else if (t->state == THREAD_RECEIVING) {
        leave_receiving(t);
    }
    ipc_nested_fault_end(t);
}

/* The errors are in the sender's transfer. */
static void transfer_break(struct tcb *s)
{
    schedule_remove(s);
    leave_nested_fault(s);
    leave_nested_fault(s->peer);
    transfer_over(s, s->peer);
}

/* ---- from outside ---- */

RARE void ipc_abort(struct tcb *t, word_t error)
{
    if (t->peer) {
        struct tcb *s = t->transfer_sender ? t : t->peer;
        s->transfer.error = s->transfer.receiver_error = L4_IpcAborted;
        transfer_break(s);
    } else if (t->state == THREAD_SENDING) {
        leave_sending(t);
        fail(t, error, PHASE_SEND, error == L4_IpcTimeout ? t->tag : 0);
    } else if (t->state == THREAD_RECEIVING) {
        leave_receiving(t);
        fail(t, error, PHASE_RECEIVE, 0);
    }
}

bool ipc_leave(struct tcb *t)
{
    if (t->peer) {
        ipc_abort(t, L4_IpcCanceled);
        return false;
    }
    if (t->state == THREAD_SENDING) {
        leave_sending(t);
    } else if (t->state == THREAD_RECEIVING) {
        leave_receiving(t);
    }
    return t->state != THREAD_READY;
}

void ipc_timeout(struct tcb *t)
{
    if (t->peer) {
        ipc_transfer_timed_out(&t->transfer);
        transfer_break(t);
    } else {
        ipc_abort(t, L4_IpcTimeout);
    }
}

static void abort_if_awaiting(struct tcb *t, struct tcb *gone)
{
    if (t->state == THREAD_RECEIVING && t->partner == gone) {
        t->halted = t->halted || t->ipc_kind == IPC_START; /* nobody has said where it begins */
        ipc_abort(t, L4_IpcNonExisting);
    }
}

RARE void ipc_forget_partner(struct tcb *t)
{
    while (t->senders || t->awaited) { /* again if who goes on sends to t, which its space may still name */
        while (t->senders) {
            ipc_abort(t->senders, L4_IpcNonExisting);
        }
        for (struct space *space = all_spaces; space && t->awaited; space = space->next) {
            for (struct tcb *w = space->threads; w; w = w->space_next) {
                abort_if_awaiting(w, t);
            }
        }
    }
}
