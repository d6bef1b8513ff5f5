/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "ipc.h"
#include "kmem.h"
#include "schedule.h"
#include "space.h"

#include <string.h>

/* Thread numbers -> TCBs, in two levels; leaves appear as numbers are used.  Without NULLs, so that a lookup is two
 * loads and a comparison of ids: unused places hold `nobody', unused leaves are `empty'. */
enum {
    LEAF_BITS = THREAD_LEAF_BITS,
    LEAF_ENTRIES = 1 << LEAF_BITS,
    LEAVES = 1 << (L4_NUMBER_BITS - LEAF_BITS)
};
struct tcb **thread_leaves[LEAVES];
static struct tcb nobody;
static struct tcb *empty[LEAF_ENTRIES];
struct kslab tcb_slab = KSLAB_UNCLEARED(struct tcb);
struct space *root_space;

static void fill(struct tcb **leaf)
{
    for (unsigned i = 0; i < LEAF_ENTRIES; i++) {
        leaf[i] = &nobody;
    }
}

void thread_init(void)
{
    fill(empty);
    for (unsigned i = 0; i < LEAVES; i++) {
        thread_leaves[i] = empty;
    }
}

enum { DEFAULT_PRIORITY = 100, DEFAULT_SLICE_US = 10000 };

size_t thread_count(void)
{
    return tcb_slab.objects;
}

struct tcb *thread_find(word_t global_id)
{
    struct tcb *t = thread_slot(global_id);
    return t->global_id == global_id && t != &nobody ? t : NULL;
}

static struct tcb *find_local(const struct space *space, word_t local_id)
{
    word_t *utcb = space_utcb_find(space, local_id);
    struct tcb *found = utcb ? thread_find(utcb[UTCB_MY_GLOBAL_ID]) : NULL;
    return found && found->utcb == utcb && found->space == space ? found : NULL;
}

struct tcb *thread_resolve(struct tcb *t, word_t id)
{
    struct tcb *found;
    if ((id & 0x3f) == 0) {
        found = find_local(t->space, id);
    } else if (id >> L4_VERSION_BITS < SYSTEM_BASE) {
        return interrupt_find(id);
    } else {
        found = thread_find(id);
    }
    return found && tcb_active(found) ? found : NULL;
}

/* ---- creation, activation, deletion ---- */

static RARE bool leaf_make(struct tcb ***leaf)
{
    struct tcb **fresh = kmem_alloc_page(NULL);
    if (!fresh) {
        return false;
    }
    fill(fresh);
    *leaf = fresh;
    return true;
}

static void space_enter(struct tcb *t, struct space *space)
{
    t->space = space;
    t->redirected = space->redirector != 0;
    t->space_prev = NULL;
    t->space_next = space->threads;
    if (space->threads) {
        space->threads->space_prev = t;
    }
    space->threads = t;
    space->thread_count++;
}

static inline void space_leave(struct tcb *t)
{
    struct space *space = t->space;
    if (t->space_prev) {
        t->space_prev->space_next = t->space_next;
    } else {
        space->threads = t->space_next;
    }
    if (t->space_next) {
        t->space_next->space_prev = t->space_prev;
    }
    if (--space->thread_count == 0) {
        space_destroy(space);
    }
}

/* The rest has a value before it is looked at: transfer and outer, fault words, queue links, deadline. */
static void tcb_init(struct tcb *t, word_t global_id, word_t scheduler)
{
    arch_thread_init(t);
    t->global_id = global_id;
    t->utcb = NULL;
    t->local_id = 0;
    t->senders = NULL;
    t->status = TCB_STATUS(THREAD_INACTIVE, IPC_USER);
    t->priority = DEFAULT_PRIORITY;
    t->queued = t->has_receive = false;
    t->sensitive_priority = 0;
    t->partner = NULL;
    t->awaited = 0;
    t->scheduler = scheduler;
    t->slice_ticks = t->slice_left = DEFAULT_SLICE_US / TICK_US;
    t->quantum_left = 0;
    t->max_delay_ticks = t->delay_left = 0;
    t->delay_over = t->handles_interrupts = false;
    t->peer = NULL;
    t->transfer_sender = t->continuing = false;
    t->fpu = NULL;
}

/* An inactive thread in space (NULL: a new one).  NULL: no kernel memory. */
static inline struct tcb *create(word_t global_id, struct space *space, word_t scheduler)
{
    word_t number = global_id >> L4_VERSION_BITS;
    struct tcb ***leaf = &thread_leaves[number >> LEAF_BITS];
    if (*leaf == empty && !leaf_make(leaf)) {
        return NULL;
    }
    struct tcb *t = space ? kslab_take(&tcb_slab, space) : kslab_alloc(&tcb_slab, NULL);
    if (!t) {
        return NULL;
    }
    if (!space) {
        space = space_create();
        if (!space) {
            kslab_free(&tcb_slab, t, NULL);
            return NULL;
        }
        kmem_move_charge(NULL, space, tcb_slab.object_bytes);
    }
    tcb_init(t, global_id, scheduler);
    space_enter(t, space);
    (*leaf)[number & (LEAF_ENTRIES - 1)] = t;
    return t;
}

static void discard(struct tcb *t)
{
    thread_leaves[t->global_id >> (LEAF_BITS + L4_VERSION_BITS)][tcb_number(t) & (LEAF_ENTRIES - 1)] =
        &nobody;
    struct space *payer = t->space;
    bool last = payer->thread_count == 1;
    space_leave(t);
    if (last) {
        kslab_free(&tcb_slab, t, NULL);
    } else {
        kslab_give(&tcb_slab, t, payer);
    }
}

static void delete_thread(struct tcb *t)
{
    if (tcb_active(t)) {
        if (!ipc_leave(t)) {
            schedule_remove(t);
        }
        t->state = THREAD_INACTIVE; /* nobody can send to it */
        if (t->senders || t->awaited) {
            ipc_forget_partner(t);
        }
        if (t->handles_interrupts) {
            interrupt_forget_handler(t);
        }
        t->utcb[UTCB_MY_GLOBAL_ID] = 0;
    }
    arch_thread_destroy(t);
    discard(t);
    if (__builtin_expect(ipc_queued_propagations != 0, 0)) {
        ipc_look_again();
    }
}

/* The memory of the UTCB at `location', which has been checked with space_utcb_valid: 0, or an error.  The id that
 * tells whether an active thread has it can be overwritten by the space's threads; a space that does may get two
 * threads with one UTCB, its own damage. */
static inline word_t claim_utcb(struct space *space, vaddr_t location, word_t **utcb)
{
    *utcb = space_utcb_map(space, location);
    if (!*utcb) {
        return L4_ErrNoMem;
    }
    word_t id = (*utcb)[UTCB_MY_GLOBAL_ID];
    struct tcb *t = id ? thread_find(id) : NULL;
    return t && t->utcb == *utcb ? L4_ErrUtcbArea : 0;
}

/* A former thread's messages may still be there, of this same space.  What is not cleared here has no value before a
 * message brings one. */
static void make_active(struct tcb *t, word_t *utcb, word_t pager)
{
    utcb[UTCB_BR0] = utcb[UTCB_PROCESSOR_NO] = utcb[UTCB_USER_HANDLE] = utcb[UTCB_EXCEPTION_HANDLER] = 0;
    utcb[UTCB_PREEMPT_FLAGS] = utcb[UTCB_ERROR_CODE] = utcb[UTCB_XFER_TIMEOUTS] = 0;
    utcb[UTCB_THREAD_WORD0] = utcb[UTCB_THREAD_WORD1] = 0;
    t->utcb = utcb;
    utcb[UTCB_MY_GLOBAL_ID] = t->global_id;
    utcb[UTCB_PAGER] = pager;
}

struct tcb *thread_boot(word_t number, struct space *space, word_t pager, word_t scheduler, word_t ip,
                        word_t sp)
{
    struct tcb *t = create(number << L4_VERSION_BITS | 1, space, scheduler);
    assert(t);
    t->local_id = space->utcb_base + UTCB_MR0_OFFSET;
    t->priority = 255;
    word_t *utcb, error = claim_utcb(space, space->utcb_base, &utcb);
    assert(!error);
    make_active(t, utcb, pager);
    arch_set_user_ip(t, ip);
    arch_set_user_sp(t, sp);
    t->state = THREAD_READY;
    schedule_wake(t);
    return t;
}

/* ---- ThreadControl ---- */

struct control { /* a call for a thread that exists, decoded */
    struct tcb *caller, *thread;
    word_t dest, scheduler, pager, utcb;
    struct space *space;
};

enum { UTCB_UNCHANGED = ~0u };

static bool utcb_given(const struct control *c)
{
    return c->utcb != UTCB_UNCHANGED;
}

static void activate(struct tcb *t, word_t *utcb, struct tcb *pager)
{
    make_active(t, utcb, pager->global_id);
    ipc_await_start(t, pager);
}

/* A thread in `space' (NULL: a space of its own).  pager_id: 0 = it stays inactive. */
static inline word_t control_create(struct tcb *caller, word_t dest, struct space *space, word_t scheduler,
                                    word_t pager_id, word_t location)
{
    word_t *utcb = NULL;
    struct tcb *pager = NULL;
    if (pager_id) {
        if (!space || !space_initialised(space)) {
            return L4_ErrInvalidSpace;
        }
        bool fits = location != UTCB_UNCHANGED && space_utcb_valid(space, location);
        word_t error = fits ? claim_utcb(space, location, &utcb) : (word_t)L4_ErrUtcbArea;
        if (error) {
            return error;
        }
        pager = thread_slot(pager_id);
        if (pager->global_id != pager_id || !tcb_active(pager)) {
            pager = thread_resolve(caller, pager_id);
        }
        if (!pager) {
            return L4_ErrInvalidThread;
        }
    }
    struct tcb *t = create(dest, space, scheduler);
    if (!t) {
        return L4_ErrNoMem;
    }
    t->local_id = location != UTCB_UNCHANGED ? location + UTCB_MR0_OFFSET : 0;
    if (pager) {
        activate(t, utcb, pager);
    }
    return 0;
}

static size_t charged_bytes(const struct tcb *t)
{
    return tcb_slab.object_bytes + (t->fpu ? fpu_slab.object_bytes : 0u);
}

static void move(struct tcb *t, struct space *to)
{
    if (t->space != to) {
        kmem_move_charge(t->space, to, charged_bytes(t));
        space_leave(t);
        space_enter(t, to);
    }
}

/* An active thread goes to another space, with its UTCB at the same place there.  It keeps its registers and nothing of
 * its memory.  A string transfer under way is aborted. */
static word_t migrate(struct tcb *t, struct space *to)
{
    vaddr_t location = t->local_id - UTCB_MR0_OFFSET;
    if (t == current || tcb_number(t) == USER_BASE_NO) {
        return L4_ErrInvalidThread;
    }
    if (!space_initialised(to) || !space_utcb_valid(to, location)) {
        return L4_ErrUtcbArea;
    }
    word_t *utcb, error = claim_utcb(to, location, &utcb);
    if (error) {
        return error;
    }
    if (!kmem_affordable(to, charged_bytes(t))) {
        return L4_ErrNoMem;
    }
    if (t->peer) {
        ipc_abort(t, L4_IpcAborted);
        if (!kmem_affordable(to, charged_bytes(t))) { /* what was delivered then has taken it */
            return L4_ErrNoMem;
        }
    }
    memcpy((char *)utcb - UTCB_MR0_OFFSET, (char *)t->utcb - UTCB_MR0_OFFSET, UTCB_SIZE);
    t->utcb[UTCB_MY_GLOBAL_ID] = 0;
    t->utcb = utcb;
    move(t, to);
    return 0;
}

static word_t modify_check(const struct control *c, const struct tcb *pager)
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

static RARE word_t control_modify(struct control *c)
{
    struct tcb *t = c->thread;
    struct tcb *pager = c->pager ? thread_resolve(c->caller, c->pager) : NULL;
    word_t error = modify_check(c, pager);
    if (error) {
        return error;
    }
    word_t *utcb = NULL;
    if (pager && !tcb_active(t)) { /* memory for the UTCB now, so that nothing fails half-way */
        word_t local = utcb_given(c) ? c->utcb + UTCB_MR0_OFFSET : t->local_id;
        error = claim_utcb(c->space, local - UTCB_MR0_OFFSET, &utcb);
        if (error) {
            return error;
        }
    }
    if (!tcb_active(t) && t->space != c->space && !kmem_affordable(c->space, charged_bytes(t))) {
        return L4_ErrNoMem;
    }
    bool moves = tcb_active(t) && t->space != c->space;
    if (moves && (error = migrate(t, c->space)) != 0) {
        return error;
    }
    if (utcb_given(c)) {
        t->local_id = c->utcb + UTCB_MR0_OFFSET;
    }
    bool renamed = t->global_id != c->dest && tcb_active(t);
    t->global_id = c->dest;
    if (renamed) {
        ipc_forget_partner(t);
        t->utcb[UTCB_MY_GLOBAL_ID] = c->dest;
    }
    move(t, c->space);
    if (moves) {
        ipc_moved(t);
    }
    if (ipc_queued_propagations) {
        ipc_look_again();
    }
    if (c->scheduler) {
        t->scheduler = c->scheduler;
    }
    if (c->pager && tcb_active(t)) {
        *tcb_tcr(t, UTCB_PAGER) = pager ? pager->global_id : c->pager;
        return 0;
    }
    if (pager) {
        activate(t, utcb, pager);
    }
    return 0;
}

struct tcb *thread_find_any(struct tcb *caller, word_t id)
{
    return (id & 0x3f) == 0 ? find_local(caller->space, id) : thread_find(id);
}

word_t thread_delete(struct tcb *caller, word_t dest, word_t pager)
{
    word_t number = dest >> L4_VERSION_BITS;
    struct tcb *t = thread_slot(dest);
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    if ((dest & 0x3f) == 0) {
        return L4_ErrInvalidSpace;
    }
    if (number < SYSTEM_BASE) {
        return interrupt_control(caller, dest, pager);
    }
    if (number <= USER_BASE_NO || number >= THREAD_COUNT || t == caller) { /* nor sigma0's first one */
        return L4_ErrInvalidThread;
    }
    if (t != &nobody) {
        delete_thread(t);
    }
    return 0;
}

word_t thread_control(struct tcb *caller, word_t dest, word_t space_spec, word_t scheduler_id, word_t pager,
                      word_t location)
{
    word_t number = dest >> L4_VERSION_BITS;
    struct tcb *t = thread_slot(dest), *scheduler = NULL;
    if (space_spec == 0 || number < SYSTEM_BASE) {
        return thread_delete(caller, dest, pager);
    }
    if (!caller->space->privileged) {
        return L4_ErrNoPrivilege;
    }
    if ((dest & 0x3f) == 0) {
        return L4_ErrInvalidSpace;
    }
    if (number < USER_BASE_NO || number >= THREAD_COUNT) {
        return L4_ErrInvalidThread;
    }
    struct space *space = NULL; /* its own */
    if (space_spec != dest || t != &nobody) {
        const struct tcb *space_thread = thread_find_any(caller, space_spec);
        if (!space_thread) {
            return L4_ErrInvalidSpace;
        }
        space = space_thread->space;
    }
    if (scheduler_id && !(scheduler = thread_find_any(caller, scheduler_id))) {
        return L4_ErrInvalidThread;
    }
    if (t != &nobody && space) { /* never one without the other */
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

size_t thread_check(void)
{
    size_t bad = 0, seen = 0, propagations = 0;
    for (struct space *space = all_spaces; space; space = space->next) {
        size_t n = 0;
        for (struct tcb *t = space->threads; t; t = t->space_next) {
            n++;
            bad += t->space != space || thread_find(t->global_id) != t;
            bad += t->state == THREAD_SENDING && !t->partner;
            propagations += t->state == THREAD_SENDING && t->virtual_id != 0;
            bad += t->state == THREAD_READY && !t->halted && t != current && !t->queued;
        }
        bad += n != space->thread_count;
        seen += n;
    }
    return bad + (seen != tcb_slab.objects) + (propagations != ipc_queued_propagations);
}
