/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "ipc.h"
#include "kmem.h"
#include "reaper.h"
#include "schedule.h"
#include "space.h"
#include "strip.h"
#include "unmap_call.h"

enum { DEFAULT_PRIORITY = 100, BOOT_PRIORITY = 255, DEFAULT_SLICE_US = 10000 };

struct kslab tcb_slab = KSLAB_UNCLEARED(struct tcb);
struct space *root_space;

size_t thread_count(void)
{
    return tcb_slab.objects;
}

/* ---- the threads of a space ---- */

/* t is not redirected yet. */
static void space_enter(struct tcb *t, struct space *space)
{
    debug_assert(!space->threads == (space->thread_count == 0));
    debug_assert(!space->threads || !space->threads->space_prev);
    t->space = space;
    if (__builtin_expect(space->redirector != 0, 0)) {
        t->redirected = true;
    }
    t->cr3 = arch_space_root(space);
    t->space_prev = NULL;
    t->space_next = space->threads;
    if (space->threads) {
        space->threads->space_prev = t;
    }
    space->threads = t;
    space->thread_count++;
}

/* The space goes with its last thread, by and by. */
static inline void space_leave(struct tcb *t)
{
    struct space *space = t->space;
    debug_assert(space->thread_count > 0 && (t->space_prev || space->threads == t));
    debug_assert(!t->space_next || t->space_next->space_prev == t);
    if (t->space_prev) {
        t->space_prev->space_next = t->space_next;
    } else {
        space->threads = t->space_next;
    }
    if (t->space_next) {
        t->space_next->space_prev = t->space_prev;
    }
    if (--space->thread_count == 0) {
        reaper_add(space);
    }
}

size_t thread_charged_bytes(const struct tcb *t)
{
    return tcb_slab.object_bytes + arch_thread_bytes(t);
}

void thread_move(struct tcb *t, struct space *to)
{
    assert(t->space != to && t != current && kmem_affordable(to, thread_charged_bytes(t)));
    unmap_cut(t);
    kmem_move_charge(t->space, to, thread_charged_bytes(t));
    space_leave(t);
    t->redirected = false;
    space_enter(t, to);
}

/* ---- creation and activation ---- */

/* The fields that are missing here get a value before they are looked at: transfer and outer, fault
 * words, queue links, deadline. */
static void tcb_init(struct tcb *t, word_t global_id, word_t scheduler)
{
    arch_thread_init(t);
    t->global_id = global_id;
    t->utcb = NULL;
    t->local_id = 0;
    t->senders[SENDERS_FOREIGN] = t->senders[SENDERS_LOCAL] = NULL;
    t->queue = 0;
    t->status = TCB_STATUS_OVER;
    t->state = THREAD_INACTIVE;
    t->ipc_kind = IPC_USER;
    tcb_set_priority(t, DEFAULT_PRIORITY);
    t->queued = t->has_receive = false;
    t->sensitive_priority = t->fault_vector = 0;
    t->partner = NULL;
    t->awaiter = 0;
    t->scheduler = scheduler;
    t->payer = global_id;
    t->used_us = 0;
    t->slice_ticks = t->slice_left = DEFAULT_SLICE_US / TICK_US;
    t->quantum_left = 0;
    t->max_delay_ticks = t->delay_left = 0;
    t->delay_over = t->handles_interrupts = false;
    t->peer = NULL;
    t->transfer_sender = false;
    t->continuing = CONTINUES_NOTHING;
    t->fpu = NULL;
}

struct tcb *thread_create(word_t global_id, struct space *space, word_t scheduler)
{
    struct tcb *t = space ? kslab_take(&tcb_slab, space) : kslab_alloc(&tcb_slab, NULL);
    if (!t) {
        return NULL;
    }
    if (!thread_place_take(global_id)) {
        kslab_free(&tcb_slab, t, space);
        return NULL;
    }
    if (!space) {
        space = space_create();
        if (!space) {
            thread_place_give(global_id);
            kslab_free(&tcb_slab, t, NULL);
            return NULL;
        }
        kmem_move_charge(NULL, space, tcb_slab.object_bytes);
    }
    debug_assert(thread_slot(global_id) == &thread_nobody);
    tcb_init(t, global_id, scheduler);
    space_enter(t, space);
    *thread_place(global_id) = t;
    return t;
}

/* The UTCB may still hold messages of a former thread, which was of this same space.  What is not
 * cleared here has no value before a message brings one. */
static void set_utcb(struct tcb *t, word_t *utcb, word_t pager)
{
    debug_assert(t->state == THREAD_INACTIVE && !t->utcb && space_utcb_find(t->space, t->local_id) == utcb);
    utcb[UTCB_BR0] = utcb[UTCB_PROCESSOR_NO] = utcb[UTCB_USER_HANDLE] = utcb[UTCB_EXCEPTION_HANDLER] = 0;
    utcb[UTCB_PREEMPT_FLAGS] = utcb[UTCB_ERROR_CODE] = utcb[UTCB_XFER_TIMEOUTS] = 0;
    utcb[UTCB_THREAD_WORD0] = utcb[UTCB_THREAD_WORD1] = 0;
    t->utcb = utcb;
    utcb[UTCB_MY_GLOBAL_ID] = t->global_id;
    utcb[UTCB_PAGER] = pager;
}

void thread_activate(struct tcb *t, word_t *utcb, word_t pager)
{
    set_utcb(t, utcb, pager);
    ipc_await_start(t, pager);
}

struct tcb *thread_boot(word_t number, struct space *space, word_t pager, word_t scheduler, word_t ip,
                        word_t sp)
{
    struct tcb *t = thread_create(number << L4_VERSION_BITS | 1, space, scheduler);
    assert(t);
    t->local_id = space->utcb_base + UTCB_MR0_OFFSET;
    tcb_set_priority(t, BOOT_PRIORITY);
    word_t *utcb, error = thread_claim_utcb(space, space->utcb_base, &utcb);
    assert(!error);
    set_utcb(t, utcb, pager);
    arch_set_user_ip(t, ip);
    arch_set_user_sp(t, sp);
    t->state = THREAD_READY;
    schedule_wake(t);
    return t;
}

/* ---- deletion ---- */

static void discard(struct tcb *t)
{
    debug_assert(t->state == THREAD_INACTIVE && !t->queued && !t->timer_armed && !t->peer && !t->partner);
    debug_assert(!t->queue && !t->awaiter && thread_slot(t->global_id) == t);
    arch_thread_destroy(t);
    thread_place_give(t->global_id);
    struct space *payer = t->space;
    space_leave(t);
    kslab_give(&tcb_slab, t, payer);
}

void thread_delete(struct tcb *t)
{
    debug_assert(t != current && t != &thread_nobody);
    if (tcb_active(t)) {
        if (!ipc_leave(t)) {
            schedule_remove(t);
        }
        t->state = THREAD_INACTIVE; /* nobody can send to it from now on */
        t->continuing = CONTINUES_NOTHING;
        if (t->handles_interrupts) {
            interrupt_forget_handler(t);
        }
        t->utcb[UTCB_MY_GLOBAL_ID] = 0;
        if (__builtin_expect(t->redirected, 0) && t->space->stripped) {
            strip_leave(t);
        }
        if (t->queue || t->awaiter) {
            reaper_add_thread(t);
            return;
        }
    }
    discard(t);
}

/* ---- halting ---- */

void thread_set_halted(struct tcb *t, bool halted)
{
    if (t->halted == halted) {
        return;
    }
    if (halted && !t->continuing) {
        schedule_remove(t);
    }
    t->halted = halted;
    schedule_look_closely();
    if (!halted && t->state == THREAD_READY) {
        schedule_wake(t);
    }
}

/* ---- checking ---- */

size_t thread_check(void)
{
    size_t bad = ipc_check(), seen = 0;
    for (struct space *space = all_spaces; space; space = space->next) {
        size_t n = 0;
        for (struct tcb *t = space->threads; t; t = t->space_next) {
            n++;
            bad += t->space != space || thread_find(t->global_id) != t;
            bad += t->redirected != (space->redirector != 0 || space->stripped) && !reaper_has_work();
            bad += t->state == THREAD_READY && !t->halted && t != current && !t->queued;
        }
        bad += n != space->thread_count;
        seen += n;
    }
    return bad + (seen != tcb_slab.objects);
}
