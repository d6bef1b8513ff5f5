/* SPDX-License-Identifier: BSD-2-Clause */
/* The rendezvous: how sender and receiver meet, for all cases. */
#include "ipc_priv.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "kdb/counters.h"
#include "kdb/trace.h"
#include "schedule.h"
#include "send_queue.h"
#include "thread_table.h"
#include "timer.h"

static word_t receive_time(const struct tcb *t)
{
    return t->timeouts & 0xffff;
}

/* ---- matching ---- */

/* For accepts alone, where s itself is not whom r waits for. */
static __attribute__((noinline)) bool accepts_name(const struct tcb *r, struct tcb *s)
{
    const struct tcb *v = ipc_virtual_sender(s, r), *sender = v ? v : s;
    return r->from_spec == L4_anylocalthread.raw ? sender->space == r->space
                                                 : sender->global_id == r->from_spec;
}

/* Does r, which waits, take a message of s?  In another's name it is that one's, but who waits for
 * s alone takes it, too: ActualSender tells. */
static inline __attribute__((always_inline)) bool accepts(const struct tcb *r, struct tcb *s)
{
    return r->from_spec == L4_anythread.raw || r->from_spec == s->global_id || accepts_name(r, s);
}

/* The thread or interrupt line with this global id, active or not; NULL: there is none. */
static struct tcb *find_partner(word_t id)
{
    return id >> L4_VERSION_BITS < SYSTEM_BASE ? interrupt_find(id) : thread_find(id);
}

RARE void ipc_search_begin(struct tcb *r)
{
    r->search = queue_walk(r);
    if (r->from_spec == L4_anylocalthread.raw && !(r->queue & QUEUE_MIXED)) {
        r->search.next[SENDERS_FOREIGN] = NULL;
    }
}

RARE void ipc_search_pass(struct tcb *r, const struct tcb *s)
{
    for (int kind = 0; kind < SENDER_KINDS; kind++) {
        if (r->search.next[kind] == s) {
            r->search.next[kind] = queue_next(r, s);
        }
    }
}

/* The search goes on. */
static RARE struct tcb *search(struct tcb *r, unsigned *looks)
{
    while (*looks > 0) {
        struct tcb *s = queue_step(r, &r->search);
        if (!s || accepts(r, s)) {
            return s;
        }
        --*looks;
    }
    return NULL;
}

/* For r that waits for one thread. */
static struct tcb *find_partner_queued(struct tcb *r, unsigned *looks)
{
    if (r->queue & QUEUE_PROPAGATED) {
        return search(r, looks);
    }
    struct tcb *s = find_partner(r->from_spec);
    return s && s->state == THREAD_SENDING && s->partner == r ? s : NULL;
}

/* For r that waits for threads of its own space.  What others send is none of its business, and
 * must not cost it anything; but for the redirector, who may write in the name of those. */
static struct tcb *find_local_queued(struct tcb *r, unsigned *looks)
{
    struct tcb *s = search(r, looks);
    if (__builtin_expect(r->redirected, 0) && *looks > 0) {
        struct tcb *d = thread_find(r->space->redirector);
        if (d && d->state == THREAD_SENDING && d->partner == r && accepts(r, d) &&
            (!s || queued_before(d, s))) {
            return d;
        }
    }
    return s;
}

struct tcb *ipc_find_sender(struct tcb *r, unsigned *looks)
{
    debug_assert(r->queue);
    if (r->from_spec == L4_anythread.raw) {
        return queue_first(r);
    }
    return r->from_spec == L4_anylocalthread.raw ? find_local_queued(r, looks)
                                                 : find_partner_queued(r, looks);
}

/* ---- delivery ---- */

bool ipc_arrived(struct tcb *s, struct tcb *r)
{
    struct tcb *v = ipc_virtual_sender(s, r);
    ipc_transfer_result(s, r, v);
    ipc_become_ready(r);
    if (v) {
        ipc_retarget(v, s, r);
    }
    if (s->transfer.error) {
        assert(s->ipc_kind == IPC_USER || s->ipc_kind == IPC_EXCEPTION);
        ipc_fail(s, s->transfer.error | s->transfer.bytes << 3, PHASE_SEND, s->tag);
        return false;
    }
    return true;
}

/* Untyped words of a user's or a fault's message, in the sender's own name, to a thread in an IPC
 * of its own: nothing can go wrong. */
static inline bool is_simple(const struct tcb *s, const struct tcb *r)
{
    enum { TYPED_AND_FLAGS = 0xffc0 };
    return (s->tag & TYPED_AND_FLAGS) == 0 && r->ipc_kind == IPC_USER && s->ipc_kind <= IPC_PREEMPTION &&
           s->virtual_id == 0 && s->intended_id == 0;
}

static void deliver_simple(struct tcb *s, struct tcb *r)
{
    const word_t *words = s->ipc_kind == IPC_USER ? s->utcb : s->fault_words;
    debug_assert(!r->peer && !r->queued && !r->timer_armed && tcb_active(r));
    for (word_t i = s->tag & 0x3f; i > 0; i--) {
        r->utcb[i] = words[i];
    }
    r->utcb[0] = s->tag;
    arch_ipc_return(r, s->space == r->space ? s->local_id : s->global_id, s->tag);
    r->state = THREAD_READY;
    schedule_wake(r);
}

bool ipc_deliver(struct tcb *s, struct tcb *r)
{
    debug_assert(s != r && s->state != THREAD_RECEIVING && !s->queued);
    if (tcb_is_open(r)) {
        r->payer = s->ipc_kind == IPC_INTERRUPT ? r->global_id : s->payer;
    }
    ipc_leave_receiving(r);
    counters.ipcs++;
    trace(TRACE_IPC, s->ipc_kind, s->global_id, r->global_id, s->tag);
    if (is_simple(s, r)) {
        deliver_simple(s, r);
        return true;
    }
    return ipc_transfer(s, r) && ipc_arrived(s, r);
}

/* ---- phases ---- */

/* t's send phase has ended well, and there is no receive phase. */
static void finish_send(struct tcb *t)
{
    debug_assert(!t->has_receive && !t->partner && !t->timer_armed);
    if (t->ipc_kind == IPC_INTERRUPT) {
        t->state = THREAD_INACTIVE;
        return;
    }
    if (t->ipc_kind == IPC_USER) {
        arch_ipc_return(t, 0, t->tag);
    }
    ipc_become_ready(t);
}

/* Whom t's receive phase is for; NULL: anybody whom from_spec admits.  false: there is no such
 * thread. */
static bool receive_from(struct tcb *t, struct tcb **partner)
{
    *partner = NULL;
    if (tcb_is_open(t)) {
        return true;
    }
    *partner = thread_resolve(t, t->from_spec);
    return *partner != NULL;
}

/* Starts the time-out of the phase that t is about to wait in.  false: it has no time to wait. */
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

/* t, for which no message is there, waits as ipc_await has said.  Its time may run already. */
static void block_receiving(struct tcb *t)
{
    if (!t->timer_armed && !start_timer(t, receive_time(t))) {
        ipc_leave_receiving(t);
        ipc_fail(t, L4_IpcTimeout, PHASE_RECEIVE, 0);
        return;
    }
    debug_assert(t->state != THREAD_RECEIVING && t->state != THREAD_INACTIVE);
    t->state = THREAD_RECEIVING;
}

/* t goes on with its receive phase when it runs next: others have waited for long enough. */
static RARE void receive_later(struct tcb *t)
{
    t->continuing = CONTINUES_RECEIVING;
    t->state = THREAD_READY;
    schedule_look_closely();
    schedule_wake(t);
}

RARE void ipc_rematch(struct tcb *r)
{
    if (r->queue && tcb_waits(r)) {
        ipc_search_begin(r);
        if (r->state == THREAD_RECEIVING) {
            r->timeouts = r->timer_armed ? r->timeouts : 0; /* of the short ways' it is not known */
            receive_later(r);
        }
    }
}

/* t's receive phase begins, for messages of partner (NULL: as from_spec says). */
static void receive_begin(struct tcb *t, struct tcb *partner)
{
    ipc_await(t, partner);
    if (t->queue) {
        ipc_search_begin(t);
    }
}

static bool has_items(const struct tcb *s)
{
    enum { TYPED = 0xfc0 };
    return (s->tag & TYPED) != 0;
}

/* t's receive phase, which has begun, goes on.  If a queued sender is taken, that one's follows in
 * the next round of the loop, and so on. */
static __attribute__((noinline)) void receive_on(struct tcb *t)
{
    enum { LOOKS_MOST = 120, HOP_LOOKS = 6 /* what a message costs, in looks at senders */ };
    struct tcb *partner;
    for (unsigned looks = LOOKS_MOST;; looks -= HOP_LOOKS) {
        struct tcb *s = t->queue ? ipc_find_sender(t, &looks) : NULL;
        if (!s && looks > 0) {
            block_receiving(t);
            return;
        }
        if (!s) {
            receive_later(t);
            return;
        }
        ipc_leave_sending(s);
        if (!ipc_deliver(s, t)) {
            return;
        }
        if (!s->has_receive) {
            finish_send(s);
            return;
        }
        bool enough = looks <= HOP_LOOKS || has_items(s);
        t = s;
        if (!receive_from(t, &partner)) {
            ipc_fail(t, L4_IpcNonExisting, PHASE_RECEIVE, 0);
            return;
        }
        receive_begin(t, partner);
        if (enough) {
            ipc_search_begin(t);
            receive_later(t);
            return;
        }
    }
}

static void receive_from_partner(struct tcb *t, struct tcb *partner)
{
    receive_begin(t, partner);
    receive_on(t);
}

static void receive_phase(struct tcb *t)
{
    struct tcb *partner;
    if (receive_from(t, &partner)) {
        receive_from_partner(t, partner);
    } else {
        ipc_fail(t, L4_IpcNonExisting, PHASE_RECEIVE, 0);
    }
}

RARE void ipc_receive(struct tcb *t)
{
    assert(tcb_searches(t) && t->state == THREAD_READY);
    t->continuing = CONTINUES_NOTHING;
    if (t->peer) {
        t->state = THREAD_TRANSFER;
    }
    receive_on(t);
}

void ipc_send_phase_over(struct tcb *t)
{
    if (t->has_receive) {
        receive_phase(t);
    } else {
        finish_send(t);
    }
}

/* t's partner does not take the message now: t waits for that, if it has time. */
static void block_sending(struct tcb *t, struct tcb *partner)
{
    if (!start_timer(t, t->timeouts >> 16)) {
        ipc_fail(t, L4_IpcTimeout, PHASE_SEND, 0);
        return;
    }
    trace(TRACE_SEND_WAIT, t->ipc_kind, t->global_id, partner->global_id, t->tag);
    ipc_enter_sending(t, partner);
}

/* Has r not yet looked through all of its queue for one thread?  That one need not wait for it: a
 * reply without patience finds its caller waiting. */
static bool searches_for_one(const struct tcb *r)
{
    return tcb_searches(r) && !tcb_is_open(r);
}

/* true: the message is with the partner, and t's receive phase (if any) is next.  false: t waits,
 * has failed, or is in a string transfer. */
static bool send_phase(struct tcb *t, struct tcb *partner)
{
    if ((partner->state == THREAD_RECEIVING || searches_for_one(partner)) && accepts(partner, t)) {
        return ipc_deliver(t, partner);
    }
    block_sending(t, partner);
    return false;
}

/* Who gets t's message for partner: what leaves a space with a redirector goes to that thread, as
 * long as it exists. */
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

/* ---- where an IPC begins ---- */

void ipc_system_call(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag)
{
    struct tcb *partner = NULL;
    debug_assert(t->state == THREAD_READY && !t->queued && !t->peer && !t->partner && !t->timer_armed);
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
            ipc_fail(t, L4_IpcNonExisting, PHASE_SEND, 0);
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
    debug_assert(t->ipc_kind == IPC_FAULT || t->ipc_kind == IPC_EXCEPTION || t->ipc_kind == IPC_PREEMPTION);
    debug_assert(t->state == (t->peer ? THREAD_TRANSFER : THREAD_READY) && !t->partner && !t->queued);
    debug_assert(!t->continuing);
    if (!partner || partner == t || partner->ipc_kind == IPC_INTERRUPT) {
        return false;
    }
    t->timeouts = 0;
    t->has_receive = true;
    t->from_spec = partner->global_id;
    t->virtual_id = t->intended_id = 0;
    if (!send_phase(t, partner)) {
        return true;
    }
    if (t->peer) { /* inside a delivery, whose caller is such a loop already */
        receive_begin(t, partner);
        block_receiving(t);
        ipc_rematch(t);
    } else {
        receive_from_partner(t, partner);
    }
    return true;
}

void ipc_await_start(struct tcb *t, word_t pager)
{
    static bool awaited_early;
    struct tcb *partner = find_partner(pager);
    debug_assert(t->state == THREAD_INACTIVE && !t->queue);
    t->ipc_kind = IPC_START;
    t->from_spec = pager;
    if (partner && (tcb_active(partner) || partner->ipc_kind == IPC_INTERRUPT)) {
        tcb_await(partner, t->global_id);
    } else if (partner != t) {
        awaited_early = true;
    }
    if (__builtin_expect(awaited_early, 0)) {
        t->awaiter = AWAITED_BY_MANY; /* perhaps in this way */
    }
    t->state = THREAD_RECEIVING;
}

void ipc_interrupt(struct tcb *line, struct tcb *handler)
{
    debug_assert(line->ipc_kind == IPC_INTERRUPT && line->state == THREAD_READY && tcb_active(handler));
    line->tag = (word_t)L4_LABEL_INTERRUPT << 16;
    line->timeouts = 0;
    line->has_receive = false;
    if (send_phase(line, handler)) {
        finish_send(line);
    }
}
