/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread_control.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "ipc.h"
#include "kmem.h"
#include "reaper.h"
#include "schedule.h"
#include "space.h"
#include "strip.h"
#include "thread.h"

#include <string.h>

struct control { /* a call for a thread that exists, decoded: 0 means no change */
    struct tcb *caller, *thread;
    word_t dest, scheduler, pager, utcb;
    struct space *space;
};

enum { UTCB_UNCHANGED = ~0u };

static bool utcb_given(const struct control *c)
{
    return c->utcb != UTCB_UNCHANGED;
}

/* A thread has gone, and may have left something to do. */
static RARE void clean_up(struct tcb *caller)
{
    if (ipc_queued_propagations) {
        reaper_look_again();
    }
    if (reaper_has_work()) {
        reaper_begin(caller);
    }
}

/* The result of a call that has done nothing yet.  If the step is over, the caller makes it again,
 * behind a window for interrupts. */
static RARE word_t begin_again(struct tcb *caller, word_t error)
{
    if (error == THREAD_MORE) {
        arch_call_again(caller);
        caller->continuing = CONTINUES_REAPING; /* at nothing, perhaps */
        schedule_look_closely();
    }
    return error;
}

/* The global id of the pager that caller means.  Nobody need have it yet.  0: nobody ever can. */
static inline word_t pager_named(const struct tcb *caller, word_t id)
{
    if (!tcb_id_is_local(id) && id >> L4_VERSION_BITS >= SYSTEM_BASE) {
        return id >> L4_VERSION_BITS < THREAD_COUNT ? id : 0;
    }
    const struct tcb *t = thread_resolve(caller, id);
    return t ? t->global_id : 0;
}

/* Makes a thread in `space' (NULL: in a new space of its own).  With a pager it becomes active,
 * else it stays inactive. */
static inline word_t control_create(struct tcb *caller, word_t dest, struct space *space, word_t scheduler,
                                    word_t pager_id, word_t location)
{
    word_t *utcb = NULL, pager = 0;
    if (pager_id) {
        if (!space || !space_initialised(space)) {
            return L4_ErrInvalidSpace;
        }
        bool fits = location != UTCB_UNCHANGED && space_utcb_valid(space, location);
        word_t error = fits ? thread_claim_utcb(space, location, &utcb) : (word_t)L4_ErrUtcbArea;
        if (error) {
            return begin_again(caller, error);
        }
        pager = pager_named(caller, pager_id);
        if (!pager) {
            return L4_ErrInvalidThread;
        }
    } else if (space && space->stripped && !space_restore(space)) {
        return L4_ErrNoMem;
    }
    struct tcb *t = thread_create(dest, space, scheduler);
    if (!t) {
        return L4_ErrNoMem;
    }
    t->local_id = location != UTCB_UNCHANGED ? location + UTCB_MR0_OFFSET : 0;
    if (pager) {
        thread_activate(t, utcb, pager);
    }
    return 0;
}

/* An active thread goes to another space, with its UTCB at the same place there.  It keeps its
 * registers and nothing of its memory.  A string transfer under way is aborted.  0, or an X.2 error
 * code: then it has not moved. */
static word_t migrate(struct tcb *t, struct space *to)
{
    vaddr_t location = t->local_id - UTCB_MR0_OFFSET;
    if (t == current || tcb_number(t) == USER_BASE_NO) {
        return L4_ErrInvalidThread;
    }
    if (!space_initialised(to) || !space_utcb_valid(to, location)) {
        return L4_ErrUtcbArea;
    }
    word_t *utcb, error = thread_claim_utcb(to, location, &utcb);
    if (error) {
        return error;
    }
    if (!kmem_affordable(to, thread_charged_bytes(t))) {
        return L4_ErrNoMem;
    }
    if (t->peer) {
        ipc_abort(t, L4_IpcAborted);
        if (!kmem_affordable(to, thread_charged_bytes(t))) { /* a delivery has taken it */
            return L4_ErrNoMem;
        }
    }
    assert(t->state != THREAD_INACTIVE && !t->peer && t->utcb && t->utcb != utcb);
    memcpy((char *)utcb - UTCB_MR0_OFFSET, (char *)t->utcb - UTCB_MR0_OFFSET, UTCB_SIZE);
    t->utcb[UTCB_MY_GLOBAL_ID] = 0;
    if (t->space->stripped) {
        strip_leave(t);
    }
    t->utcb = utcb;
    thread_move(t, to);
    return 0;
}

/* 0, or the X.2 error code of what can be said before anything is done. */
static word_t modify_check(const struct control *c, word_t pager)
{
    const struct tcb *t = c->thread;
    word_t local = utcb_given(c) ? c->utcb + UTCB_MR0_OFFSET : t->local_id;
    if (tcb_active(t)) {
        return utcb_given(c) && local != t->local_id ? L4_ErrUtcbArea : 0;
    }
    if (utcb_given(c) && space_initialised(c->space) && !space_utcb_valid(c->space, c->utcb)) {
        return L4_ErrUtcbArea;
    }
    if (!c->pager) {
        return 0;
    }
    if (!pager) {
        return L4_ErrInvalidThread;
    }
    word_t location = local - UTCB_MR0_OFFSET;
    bool fits = local && space_initialised(c->space) && space_utcb_valid(c->space, location);
    return fits ? 0 : L4_ErrUtcbArea;
}

/* The id may be the one that t has. */
static void give_id(struct tcb *t, word_t id)
{
    word_t old_id = t->global_id;
    t->payer = t->payer == old_id ? id : t->payer;
    t->global_id = id;
    if (old_id != id && tcb_active(t)) {
        if (t->queue || t->awaiter) {
            reaper_add_renamed(t, old_id);
        }
        t->utcb[UTCB_MY_GLOBAL_ID] = id;
    }
}

static RARE word_t control_modify(struct control *c)
{
    struct tcb *t = c->thread;
    if (reaper_threads) { /* t may be one of them */
        return begin_again(c->caller, THREAD_MORE);
    }
    word_t pager = c->pager ? pager_named(c->caller, c->pager) : 0;
    word_t error = modify_check(c, pager);
    if (error) {
        return error;
    }
    word_t *utcb = NULL;
    bool comes = !tcb_active(t) || t->space != c->space;
    if (c->space->stripped && comes && !space_restore(c->space)) {
        return L4_ErrNoMem;
    }
    if (pager && !tcb_active(t)) { /* memory for the UTCB now, so that nothing fails half-way */
        word_t local = utcb_given(c) ? c->utcb + UTCB_MR0_OFFSET : t->local_id;
        error = thread_claim_utcb(c->space, local - UTCB_MR0_OFFSET, &utcb);
        if (error) {
            return begin_again(c->caller, error);
        }
    }
    if (!tcb_active(t) && t->space != c->space && !kmem_affordable(c->space, thread_charged_bytes(t))) {
        return L4_ErrNoMem;
    }
    bool moves = tcb_active(t) && t->space != c->space;
    if (moves && (error = migrate(t, c->space)) != 0) {
        return begin_again(c->caller, error);
    }
    /* from here on nothing fails */
    if (utcb_given(c)) {
        t->local_id = c->utcb + UTCB_MR0_OFFSET;
    }
    give_id(t, c->dest);
    if (t->space != c->space) { /* an inactive thread */
        thread_move(t, c->space);
    }
    assert(t->space == c->space && thread_find(c->dest) == t);
    if (moves) {
        ipc_moved(t);
    }
    clean_up(c->caller);
    if (c->scheduler) {
        t->scheduler = c->scheduler;
    }
    if (c->pager && tcb_active(t)) {
        *tcb_tcr(t, UTCB_PAGER) = pager ? pager : c->pager;
        return 0;
    }
    if (pager) {
        thread_activate(t, utcb, pager);
    }
    return 0;
}

word_t thread_control_delete(struct tcb *caller, word_t dest, word_t pager)
{
    word_t number = dest >> L4_VERSION_BITS;
    struct tcb *t = thread_slot(dest);
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    if (tcb_id_is_local(dest)) {
        return L4_ErrInvalidSpace;
    }
    bool is_line = number < SYSTEM_BASE;
    /* nor sigma0's first */
    if (!is_line && (number <= USER_BASE_NO || number >= THREAD_COUNT || t == caller)) {
        return L4_ErrInvalidThread;
    }
    if (reaper_threads) { /* it may be one of them */
        return begin_again(caller, THREAD_MORE);
    }
    word_t error = is_line ? interrupt_control(caller, dest, pager) : 0;
    if (!is_line && t != &thread_nobody) {
        thread_delete(t);
    }
    if (__builtin_expect(
            (ipc_queued_propagations | (uintptr_t)reaper_spaces | (uintptr_t)reaper_threads) != 0, 0)) {
        clean_up(caller);
    }
    return error;
}

word_t thread_control(struct tcb *caller, word_t dest, word_t space_spec, word_t scheduler_id, word_t pager,
                      word_t location)
{
    word_t number = dest >> L4_VERSION_BITS;
    struct tcb *t = thread_slot(dest), *scheduler = NULL;
    if (space_spec == 0 || number < SYSTEM_BASE) {
        return thread_control_delete(caller, dest, pager);
    }
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    if (tcb_id_is_local(dest)) {
        return L4_ErrInvalidSpace;
    }
    if (number < USER_BASE_NO || number >= THREAD_COUNT) {
        return L4_ErrInvalidThread;
    }
    struct space *space = NULL; /* a new one */
    if (space_spec != dest || t != &thread_nobody) {
        const struct tcb *space_thread = thread_find_any(caller, space_spec);
        if (!space_thread) {
            return L4_ErrInvalidSpace;
        }
        space = space_thread->space;
    }
    if (scheduler_id && !(scheduler = thread_find_any(caller, scheduler_id))) {
        return L4_ErrInvalidThread;
    }
    if (t != &thread_nobody && space) { /* whoever exists has a space */
        struct control c = {.caller = caller,
                            .thread = t,
                            .dest = dest,
                            .scheduler = scheduler ? scheduler->global_id : 0,
                            .pager = pager,
                            .utcb = location,
                            .space = space};
        return control_modify(&c);
    }
    if (!scheduler) {
        return L4_ErrInvalidThread;
    }
    return control_create(caller, dest, space, scheduler->global_id, pager, location);
}
