/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include "arch.h"
#include "fault_ipc.h"
#include "ipc.h"
#include "long_call.h"
#include "thread_table.h"
#include "timer.h"

enum { PRIORITIES = 256, PREEMPT_SIGNAL = 0x20, PREEMPT_DELAY = 0x40, PREEMPT_PENDING = 0x80 };

struct tcb *current;

static struct tcb *queues[PRIORITIES]; /* circular through next and prev; NULL: empty */
static uint32_t filled[PRIORITIES / 32];
static uint32_t filled_words; /* bit n: filled[n] is not zero */
int32_t schedule_top = -1;
uint32_t schedule_limit = 256, schedule_fast_limit = 256;

/* The protocol of one decision: what an event leaves for choose() to decide upon.
 *
 *                     between events   set during an event by
 *   schedule_woken    NULL             schedule_wake: the thread woken last; it stands in no queue
 *   forced            NULL             schedule_yield: the thread named, taken out of its queue
 *   rotate            false            schedule_yield, the end of a slice: current goes behind its
 *                                      peers
 *   gift.to           NULL, or who     schedule_yield: the thread named
 *                     was current
 *   schedule_changed  see below        whatever may make another thread than the current or the
 *                                      woken one come first: a thread in a queue, another priority,
 *                                      the end of a slice or of a delay, a thread that is halted, a
 *                                      transfer that goes on
 *
 * choose() consumes all of it: it makes a thread current and brings the variables back to the first
 * column.  Where nothing but schedule_woken has changed, the decision is also taken without it: by
 * schedule_choose's short ways here, and by the short ways of IPC (ipc_plain.c, ia32/ipc_fast.S),
 * which run only while all of the first column holds.
 *
 * Between any two functions of this file (protocol_holds):
 *   - schedule_woken and forced are runnable, not current, not queued, and never the same thread;
 *   - forced implies rotate;
 *   - while schedule_changed is false, there is no forced thread, no rotation and no gift.
 * At the end of choose() schedule_changed stays true only if the next event has to decide again:
 * the thread that runs has been given its turn, or, because its preemption is delayed, is less
 * important than one in a queue.
 *
 * A blocked or deleted thread leaves schedule_woken, forced and its queue at once
 * (schedule_remove).  It stays in gift.to, which is compared with current and never followed, and
 * which the next choose() clears: schedule_changed is true. */
struct tcb *schedule_woken;
bool schedule_changed;
static struct tcb *forced;
static bool rotate;

/* What ThreadSwitch has given: as long as this thread is the current one, it runs in the place of
 * another, with that one's priority and the rest of its time slice. */
static struct {
    struct tcb *to; /* NULL: nothing is given */
    uint8_t priority;
    uint32_t ticks; /* 0: without end */
} gift;

/* A halted thread still goes on with its call, because what is under way completes first. */
static bool may_run(const struct tcb *t)
{
    return t->state == THREAD_READY && (!t->halted || t->continuing);
}

static bool runnable(const struct tcb *t)
{
    return t && may_run(t);
}

/* May t stand aside, outside all queues, because choose() is about to look at it? */
static bool stands_aside(const struct tcb *t)
{
    return may_run(t) && !t->queued && t != current;
}

static bool protocol_holds(void)
{
    return (!schedule_woken || stands_aside(schedule_woken)) &&
           (!forced || (stands_aside(forced) && forced != schedule_woken && rotate)) &&
           (schedule_changed || (!forced && !rotate && !gift.to));
}

/* ---- the ready queues ---- */

static inline void set_top(int32_t top)
{
    schedule_top = top;
    schedule_limit = top < 0 ? 256 : 256 - (uint32_t)top;
    if (schedule_fast_limit) {
        schedule_fast_limit = schedule_limit;
    }
}

void schedule_fast_path(bool open)
{
    schedule_fast_limit = open ? schedule_limit : 0;
}

static void enqueue(struct tcb *t, bool at_head)
{
    struct tcb **queue = &queues[t->priority];
    debug_assert(!t->queued && may_run(t));
    debug_assert(!*queue || ((*queue)->priority == t->priority && (*queue)->prev->next == *queue));
    t->queued = schedule_changed = true;
    if (!*queue) {
        t->next = t->prev = t;
        *queue = t;
        filled[t->priority / 32] |= 1u << t->priority % 32;
        filled_words |= 1u << t->priority / 32;
        if (t->priority > schedule_top) {
            set_top(t->priority);
        }
        return;
    }
    t->next = *queue;
    t->prev = (*queue)->prev;
    t->prev->next = t;
    t->next->prev = t;
    if (at_head) {
        *queue = t;
    }
}

static int32_t highest_filled(void)
{
    if (!filled_words) {
        return -1;
    }
    int32_t word = 31 - __builtin_clz(filled_words);
    return word * 32 + 31 - __builtin_clz(filled[word]);
}

static void dequeue(struct tcb *t)
{
    struct tcb **queue = &queues[t->priority];
    debug_assert(t->queued && *queue && t->next->prev == t && t->prev->next == t);
    t->queued = false;
    if (t->next == t) {
        *queue = NULL;
        filled[t->priority / 32] &= ~(1u << t->priority % 32);
        if (!filled[t->priority / 32]) {
            filled_words &= ~(1u << t->priority / 32);
        }
        if (t->priority == schedule_top) {
            set_top(highest_filled());
        }
        return;
    }
    t->next->prev = t->prev;
    t->prev->next = t->next;
    if (*queue == t) {
        *queue = t->next;
    }
}

static struct tcb *first_ready(void)
{
    debug_assert(schedule_top == highest_filled());
    return schedule_top < 0 ? NULL : queues[schedule_top];
}

/* A thread that has been woken and still has its turn goes before its peers, but not before one
 * that peers never preempt. */
static bool goes_first(const struct tcb *t)
{
    const struct tcb *head = queues[t->priority];
    return !t->turn_over && !(head && head->slice_ticks == 0 && !head->turn_over);
}

/* ---- what happens to threads ---- */

void schedule_wake(struct tcb *t)
{
    if (t == current || t->queued || t == schedule_woken || !runnable(t)) {
        return;
    }
    if (schedule_woken) {
        enqueue(schedule_woken, goes_first(schedule_woken));
    }
    schedule_woken = t;
    debug_assert(protocol_holds());
}

void schedule_remove(struct tcb *t)
{
    if (t == schedule_woken) {
        schedule_woken = NULL;
    }
    if (t == forced) {
        forced = NULL;
    }
    if (t->queued) {
        dequeue(t);
    }
    debug_assert(!t->queued && t != schedule_woken && t != forced);
}

void schedule_look_closely(void)
{
    schedule_changed = true;
}

/* The priority with which c, the current thread, runs. */
static uint8_t priority_of(const struct tcb *c)
{
    return c == gift.to && gift.priority > c->priority ? gift.priority : c->priority;
}

void schedule_yield(struct tcb *dest)
{
    struct tcb *c = current;
    bool own = c != gift.to;
    assert(runnable(c) && !forced && !rotate);
    rotate = schedule_changed = true;
    if (dest && dest != c && dest->queued) {
        dequeue(dest);
        forced = dest;
        gift.priority = priority_of(c);
        gift.ticks = !own ? gift.ticks : c->slice_ticks != 0 ? c->slice_left : 0;
        gift.to = dest;
    }
    if (own) {
        c->slice_left = c->slice_ticks;
    }
    assert(protocol_holds());
}

/* ---- whose time it is ---- */

static word_t payer_id(const struct tcb *t)
{
    return t ? t->payer : 0;
}

static struct tcb *payer_of(struct tcb *t)
{
    if (t->payer == t->global_id) {
        return t;
    }
    struct tcb *payer = thread_slot(t->payer);
    return payer->global_id == t->payer ? payer : t;
}

/* Takes n ticks from the gift; true: it has come to its end. */
static bool charge_gift(uint32_t n)
{
    if (gift.ticks == 0 || gift.ticks > n) {
        gift.ticks -= gift.ticks == 0 ? 0 : n;
        return false;
    }
    gift.to = NULL;
    return true;
}

/* Takes n ticks from the slice of p; true: it has come to its end, and p has a fresh one, less what
 * was too much, of which no more than a slice is remembered. */
static bool charge_slice(struct tcb *p, uint32_t n)
{
    if (p->slice_ticks == 0) {
        return false;
    }
    if (p->slice_left > n) {
        p->slice_left -= n;
        return false;
    }
    uint32_t excess = n - p->slice_left;
    p->slice_left = excess < p->slice_ticks ? p->slice_ticks - excess : 1;
    return true;
}

/* p's turn is over, whoever has used it up. */
static void end_turn(struct tcb *p)
{
    p->turn_over = true;
    if (p->queued) {
        dequeue(p);
        enqueue(p, false);
    }
}

/* The time that c has used of p's comes to whole ticks. */
static RARE void charge_ticks(struct tcb *c, struct tcb *p, uint32_t used)
{
    uint32_t n = used / TICK_US;
    p->used_us = (uint16_t)(used - n * TICK_US);
    if (c == gift.to ? charge_gift(n) : charge_slice(p, n)) {
        end_turn(p);
        rotate = rotate || runnable(c);
        schedule_changed = true;
    }
}

/* A server's message costs two of these, one each way between it and whom it calls in its own name:
 * mostly they only add. */
__attribute__((noinline)) void schedule_charge(struct tcb *c)
{
    uint32_t used = arch_spent_us();
    if (!c) {
        return; /* the processor has been idle */
    }
    struct tcb *p = payer_of(c);
    used += p->used_us;
    if (__builtin_expect(used >= TICK_US, 0)) {
        charge_ticks(c, p, used);
    } else {
        p->used_us = (uint16_t)used;
    }
}

void schedule_timer(void)
{
    timer_tick(ipc_timeout);
    schedule_tick();
}

void schedule_tick(void)
{
    struct tcb *c = current;
    if (c != gift.to) {
        gift.to = NULL;
    }
    schedule_charge(c);
    if (!runnable(c)) {
        return;
    }
    if (c->continuing) { /* no message can come between: the quantum ends after the transfer */
        c->quantum_left -= c->quantum_left > 1;
        return;
    }
    if (c->delay_left != 0 && --c->delay_left == 0) {
        c->delay_over = schedule_changed = true;
        if (*tcb_tcr(c, UTCB_PREEMPT_FLAGS) & PREEMPT_SIGNAL) {
            preemption_message(c, *tcb_tcr(c, UTCB_EXCEPTION_HANDLER));
        }
    }
    if (runnable(c) && c->quantum_left != 0 && --c->quantum_left == 0) {
        preemption_message(c, c->scheduler);
    }
}

/* Delayed preemption (interface.md 6.7): c has asked for it, and next is no more important than c's
 * sensitive priority. */
static bool delays(struct tcb *c, const struct tcb *next)
{
    if (c->max_delay_ticks == 0 || c->delay_over || next->priority > c->sensitive_priority) {
        return false;
    }
    word_t *flags = tcb_tcr(c, UTCB_PREEMPT_FLAGS);
    if (!(*flags & PREEMPT_DELAY)) {
        return false;
    }
    if (c->delay_left == 0) {
        c->delay_left = c->max_delay_ticks;
        *flags |= PREEMPT_PENDING;
    }
    return true;
}

void schedule_set_priority(struct tcb *t, uint8_t priority)
{
    bool was_queued = t->queued;
    if (was_queued) {
        dequeue(t);
    }
    tcb_set_priority(t, priority);
    schedule_changed = true;
    if (was_queued) {
        enqueue(t, false);
    }
}

/* ---- the end of an event ---- */

/* t has been chosen.  Its turn is that of its payer, if it does not run before that one's peers by
 * its priority alone. */
static void give_turn(struct tcb *t)
{
    struct tcb *payer = payer_of(t);
    t->turn_over = false;
    if (payer->turn_over && payer->priority >= t->priority) {
        payer->turn_over = false;
    }
}

static bool beats(const struct tcb *w, const struct tcb *first)
{
    return !first || w->priority > first->priority || (w->priority == first->priority && !w->turn_over);
}

/* Nobody but the thread that runs next loses its place: whoever is not chosen stays where it is in
 * its queue.  A thread that has waited in the middle of its slice goes on before its peers when it
 * is woken, because it is still its turn: behind them, each of its page faults, however soon it is
 * answered, would cost it a slice of every peer. */
static struct tcb *choose(void)
{
    struct tcb *c = current, *w = schedule_woken, *next = forced;
    bool may_stay = runnable(c);
    debug_assert(protocol_holds() && (!c || !c->queued));
    uint8_t priority = may_stay ? priority_of(c) : 0;
    if (!next) { /* ties go to the woken one, if it still has its turn */
        struct tcb *first = first_ready();
        next = w && beats(w, first) ? w : first;
        if (may_stay && (!next || next->priority < priority || (next->priority == priority && !rotate) ||
                         (next->priority > priority && delays(c, next)))) {
            next = c;
        }
    }
    if (payer_id(next) != payer_id(c)) {
        schedule_charge(c);
    }
    if (w && w != next) {
        enqueue(w, goes_first(w));
    }
    if (next && next->queued) {
        dequeue(next);
    }
    if (may_stay && rotate) {
        c->turn_over = true;
    }
    if (next) {
        give_turn(next);
    }
    if (may_stay && next != c) {
        enqueue(c, !rotate);
        c->delay_left = 0;
        c->delay_over = false;
    }
    if (next != gift.to) {
        gift.to = NULL;
    }
    schedule_woken = forced = NULL;
    rotate = false;
    schedule_changed = next && (next == gift.to || next->priority < schedule_top);
    debug_assert(!next || (may_run(next) && !next->queued));
    if (next != c) {
        arch_switch_to(next);
    }
    return next;
}

/* A thread that has something to go on with does that before anything else; interrupts come in
 * between. */
static struct tcb *choose_at_length(void)
{
    struct tcb *next = choose();
    while (timer_is_late || (next && next->continuing)) {
        schedule_changed = true; /* an interrupt may come, and end in schedule_exit() */
        arch_interrupt_window();
        if (timer_is_late) {
            timer_go_on(ipc_timeout);
        } else {
            assert(next == current && next->continuing);
            long_call_continue(next);
        }
        next = choose();
    }
    return next;
}

/* c waits and has woken nobody. */
static struct tcb *leave_to_first(struct tcb *c)
{
    struct tcb *next = first_ready();
    if (!next || next->continuing) {
        return choose_at_length();
    }
    if (next->payer != c->payer) {
        schedule_charge(c);
        if (schedule_changed) {
            return choose_at_length();
        }
    }
    dequeue(next);
    give_turn(next);
    arch_switch_to(next);
    return next;
}

/* c has woken w, who is no more important, and goes on. */
static struct tcb *stay(struct tcb *c, struct tcb *w)
{
    schedule_woken = NULL;
    enqueue(w, goes_first(w));
    schedule_changed = false;
    debug_assert(c->priority >= schedule_top);
    return c;
}

/* The short ways: c has only called or been interrupted, and nothing has changed. */
struct tcb *schedule_choose(void)
{
    struct tcb *c = current, *w = schedule_woken;
    if (schedule_changed || !c) {
        return choose_at_length();
    }
    if (!w) {
        return c->state == THREAD_READY ? c : leave_to_first(c);
    }
    if (c->state == THREAD_READY && w->priority <= c->priority) {
        return stay(c, w);
    }
    if (w->priority < schedule_top || w->turn_over) { /* one in a queue may come before it */
        return choose_at_length();
    }
    if (w->payer != c->payer) {
        schedule_charge(c);
        if (schedule_changed) {
            return choose_at_length();
        }
    }
    if (c->state == THREAD_READY) { /* w, a handler perhaps, comes before it */
        if (c->max_delay_ticks != 0) {
            return choose_at_length();
        }
        enqueue(c, true);
        c->delay_left = 0;
        c->delay_over = false;
    } /* otherwise c waits and has woken its partner */
    debug_assert(!forced && !rotate && !gift.to && stands_aside(w));
    schedule_woken = NULL;
    schedule_changed = false;
    arch_switch_to(w);
    return w;
}

/* ---- checking ---- */

const struct tcb *schedule_queue(unsigned priority)
{
    return queues[priority];
}

size_t schedule_check(void)
{
    size_t bad = 0;
    for (unsigned p = 0; p < PRIORITIES; p++) {
        const struct tcb *first = queues[p];
        bad += (first != NULL) != ((filled[p / 32] >> p % 32 & 1) != 0);
        const struct tcb *t = first;
        while (t) {
            bad += !t->queued || t->priority != p || !may_run(t) || t == current;
            bad += t->next->prev != t;
            t = t->next == first ? NULL : t->next;
        }
    }
    return bad;
}
