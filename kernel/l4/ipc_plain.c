/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc_plain.h"

#include "arch.h"
#include "fault_ipc.h"
#include "ipc.h"
#include "kdb/counters.h"
#include "mapping_db.h"
#include "schedule.h"
#include "space.h"
#include "thread.h"
#include "timer.h"

bool ipc_plain_off;

/* Does r wait for a message of v?  The questions stand in the order of what costs most
 * elsewhere. */
static inline bool awaits(const struct tcb *r, const struct tcb *v)
{
    return r->from_spec == L4_anythread.raw || r->from_spec == v->global_id ||
           (r->from_spec == L4_anylocalthread.raw && v->space == r->space);
}

/* Does r wait, for a message of v, and may it run at once? */
static inline bool plain_partners(const struct tcb *t, const struct tcb *v, const struct tcb *r)
{
    return (r->status & ~(TCB_STATUS_KIND | TCB_STATUS_TIMER)) < schedule_limit && awaits(r, v) &&
           !t->redirected && !ipc_plain_off;
}

/* Is nobody queued at t whom it takes when it has written to r and waits for from_spec?  r itself,
 * which waits, is not.  For t that is not redirected. */
static inline bool plain_wait(const struct tcb *t, bool call, word_t from_spec)
{
    return __builtin_expect(!t->queue, 1) || (call && !(t->queue & QUEUE_PROPAGATED)) ||
           (from_spec == L4_anylocalthread.raw && !t->senders[SENDERS_LOCAL] && !(t->queue & QUEUE_MIXED));
}

/* Apart, because mostly there is none. */
static __attribute__((noinline)) void plain_stop_timer(struct tcb *r)
{
    timer_cancel(r);
}

/* t waits, as its from_spec says; r has its message and runs. */
static inline struct tcb *hand_over(struct tcb *t, enum ipc_kind kind, struct tcb *r)
{
    debug_assert(!schedule_woken && !t->queued && !t->partner && !t->peer && !t->timer_armed);
    debug_assert(t->state == THREAD_READY && r->state == THREAD_RECEIVING && !r->queued && !r->peer);
    if (__builtin_expect(r->timer_armed, 0)) {
        plain_stop_timer(r);
    }
    r->state = THREAD_READY;
    t->state = THREAD_RECEIVING;
    t->ipc_kind = (uint8_t)kind;
    if (tcb_is_open(r)) {
        r->payer = t->payer;
    } else if (r->payer != t->payer) {
        schedule_charge(t);
    }
    counter_plain_ipcs++;
    debug_assert(current == t);
    if (current != t) { /* the compiler need not ask in arch_switch_to */
        __builtin_unreachable();
    }
    arch_switch_to(r);
    return r;
}

/* A fault or exception of t: its message of `words' words is in r's message registers already. */
static inline struct tcb *hand_over_fault(struct tcb *t, enum ipc_kind kind, word_t tag, struct tcb *r)
{
    r->utcb[0] = tag;
    arch_ipc_return(r, t->space == r->space ? t->local_id : t->global_id, tag);
    t->from_spec = r->global_id;
    tcb_await(r, t->global_id);
    return hand_over(t, kind, r);
}

__attribute__((flatten)) struct tcb *ipc_plain_fault(struct tcb *t, vaddr_t address, word_t access)
{
    word_t pager = *tcb_tcr(t, UTCB_PAGER);
    struct tcb *r = thread_slot(pager);
    if (r->global_id != pager || !plain_partners(t, t, r) || !plain_wait(t, true, 0) ||
        r->ipc_kind != IPC_USER || t->space == sigma0_space) { /* the kernel answers its faults */
        return NULL;
    }
    r->utcb[1] = address;
    r->utcb[2] = arch_user_ip(t);
    return hand_over_fault(t, IPC_FAULT, fault_tag(L4_LABEL_PAGE_FAULT | access), r);
}

__attribute__((flatten)) struct tcb *ipc_plain_exception(struct tcb *t, word_t vector, word_t error)
{
    word_t handler = *tcb_tcr(t, UTCB_EXCEPTION_HANDLER);
    struct tcb *r = thread_slot(handler);
    if (r->global_id != handler || !plain_partners(t, t, r) || !plain_wait(t, true, 0) ||
        r->ipc_kind != IPC_USER) {
        return NULL;
    }
    t->fault_vector = (uint8_t)vector;
    t->fault_error = error;
    arch_exception_words(t, r->utcb + 1);
    return hand_over_fault(t, IPC_EXCEPTION, EXCEPTION_TAG, r);
}

/* The bits of an address that the send base gives: those within the window.  0: the window is none
 * for whole pages. */
static inline word_t window_mask(L4_Fpage_t window)
{
    word_t log2 = L4_SizeLog2(window);
    if (log2 == 1) {
        return PAGE_MASK;
    }
    return log2 >= PAGE_BITS && log2 < 32 ? ((1u << log2) - 1) & PAGE_MASK : 0;
}

/* Maps the item behind u untyped words, if it is one page.  false: it is not, or nothing could be
 * mapped. */
static inline bool map_plain(struct tcb *t, struct tcb *r, word_t u)
{
    word_t base = t->utcb[u + 1];
    L4_Fpage_t fpage = {t->utcb[u + 2]};
    if ((base & 0xe) != L4_ITEM_MAP || L4_SizeLog2(fpage) != PAGE_BITS || u + 2 >= UTCB_MR_COUNT) {
        return false;
    }
    word_t to = base & PAGE_MASK;
    if (r->ipc_kind == IPC_USER) {
        L4_Fpage_t window = {r->utcb[UTCB_BR0]};
        word_t mask = window_mask(window);
        if ((window.raw & ~0xfu) == 0 || !mask) {
            return false;
        }
        to = (window.raw & ~mask & PAGE_MASK) | (to & mask);
        r->utcb[u + 1] = base;
        r->utcb[u + 2] = fpage.raw;
    }
    return map_page(t->space, fpage.raw & PAGE_MASK, r->space, to, L4_Rights(fpage), false) == MAP_OK;
}

/* In whose name t propagates: a thread of its space that waits for it.  NULL: the case is not
 * plain. */
static inline struct tcb *plain_virtual_sender(const struct tcb *t)
{
    word_t id = t->utcb[UTCB_VIRTUAL_SENDER];
    struct tcb *v = !tcb_id_is_local(id) ? thread_slot(id) : thread_slot_local(t->space, id);
    bool waits = (v->status & ~(TCB_STATUS_KIND | TCB_STATUS_RANK)) == 0 && v->from_spec == t->global_id;
    return waits && (v->global_id == id || v->local_id == id) && v->space == t->space && !v->queue ? v : NULL;
}

/* Everything but the items of a message of t in the name of v goes to r. */
static inline void deliver_plain(struct tcb *t, struct tcb *v, struct tcb *r, word_t tag)
{
    word_t u = tag & 0x3f;
    if (r->ipc_kind == IPC_EXCEPTION) {
        arch_exception_apply(r, t->utcb + 1, u);
    } else if (r->ipc_kind == IPC_USER) {
        for (word_t i = u; i > 0; i--) {
            r->utcb[i] = t->utcb[i];
        }
        r->utcb[0] = tag;
        if (v != t) {
            r->utcb[UTCB_VIRTUAL_SENDER] = t->global_id;
        }
        arch_ipc_return(r, v->space == r->space ? v->local_id : v->global_id, tag);
    }
}

/* The thread that t means by to, or one that plain_names refuses.  Never NULL. */
static inline struct tcb *plain_receiver(const struct tcb *t, word_t to)
{
    return !tcb_id_is_local(to) ? thread_slot(to) : thread_slot_local(t->space, to);
}

static inline bool plain_names(const struct tcb *t, word_t to, const struct tcb *r)
{
    return r->global_id == to || (r->local_id == to && r->space == t->space);
}

static inline bool plain_from_spec(word_t from_spec, word_t to)
{
    return from_spec == to || tcb_spec_is_open(from_spec);
}

/* From here on t waits for r alone, or as from_spec says. */
static inline void plain_receive(struct tcb *t, bool call, word_t from_spec, struct tcb *r)
{
    t->from_spec = from_spec;
    if (call) {
        t->from_spec = r->global_id;
        tcb_await(r, t->global_id);
    }
}

/* words: nothing but untyped words is plain. */
static inline __attribute__((always_inline)) struct tcb *plain(struct tcb *t, word_t to, word_t from_spec,
                                                               word_t tag, bool words)
{
    enum { ONE_ITEM = 2 << 6, TYPED = 0xfc0, OTHER_FLAGS = 0xe000 };
    struct tcb *r = plain_receiver(t, to), *v = t;
    bool call = from_spec == to;
    if ((tag & (words ? OTHER_FLAGS | TYPED | L4_TAG_PROPAGATED : OTHER_FLAGS)) ||
        !plain_from_spec(from_spec, to) || !plain_names(t, to, r) ||
        (!words && (tag & L4_TAG_PROPAGATED) && (call || !(v = plain_virtual_sender(t))))) {
        return NULL;
    }
    if (!plain_partners(t, v, r) || !plain_wait(t, call, from_spec) || r == v ||
        (words && r->ipc_kind != IPC_USER) ||
        (r->ipc_kind > IPC_FAULT && (r->ipc_kind != IPC_EXCEPTION || (tag & TYPED)))) {
        return NULL;
    }
    if (!words && (tag & TYPED) && ((tag & TYPED) != ONE_ITEM || !map_plain(t, r, tag & 0x3f))) {
        return NULL;
    }
    deliver_plain(t, v, r, tag);
    plain_receive(t, call, from_spec, r);
    hand_over(t, IPC_USER, r);
    if (v != t) { /* it waits for the receiver from now on */
        debug_assert(v->from_spec == t->global_id && v->state == THREAD_RECEIVING && t->awaiter);
        v->from_spec = r->global_id;
        tcb_await(r, v->global_id);
    }
    return r;
}

__attribute__((flatten)) struct tcb *ipc_plain(struct tcb *t, word_t to, word_t from_spec, word_t tag)
{
    return plain(t, to, from_spec, tag, false);
}

/* Apart, because most receive phases have no time-out. */
__attribute__((noinline)) struct tcb *ipc_plain_timed(struct tcb *t, word_t to, word_t from_spec, word_t time,
                                                      word_t tag)
{
    ticks_t deadline;
    struct tcb *next = timer_deadline(time, &deadline) ? plain(t, to, from_spec, tag, true) : NULL;
    if (next) {
        timer_arm(t, deadline);
    }
    return next;
}
