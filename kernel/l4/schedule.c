/* SPDX-License-Identifier: BSD-2-Clause */
#include "schedule.h"

#include "arch.h"
#include "fault_ipc.h"
#include "ipc.h"

enum { PRIORITIES = 256, PREEMPT_SIGNAL = 0x20, PREEMPT_DELAY = 0x40, PREEMPT_PENDING = 0x80 };

struct tcb *current;
static struct tcb *queues[PRIORITIES]; /* circular through next/prev; NULL = empty */
static uint32_t filled[PRIORITIES / 32];
static uint32_t filled_words; /* bit n: filled[n] is not zero */
int32_t schedule_top = -1;
struct tcb *schedule_woken;
bool schedule_changed;
static struct tcb *forced;
static bool rotate;

/* What ThreadSwitch has given: as long as this thread is the current one, it runs in the place of another, with that
 * one's priority and the rest of its time slice. */
static struct {
    struct tcb *to; /* NULL: nothing is given */
    uint8_t priority;
    uint32_t ticks; /* 0: without end */
} gift;

/* A halted thread still goes on with a string transfer: an ongoing IPC completes first. */
static bool may_run(const struct tcb *t)
{
    return t->state == THREAD_READY && (!t->halted || t->continuing);
}

static void enqueue(struct tcb *t, bool at_head)
{
    struct tcb **queue = &queues[t->priority];
    assert(!t->queued && may_run(t));
    t->queued = schedule_changed = true;
    if (!*queue) {
        t->next = t->prev = t;
        *queue = t;
        filled[t->priority / 32] |= 1u << t->priority % 32;
        filled_words |= 1u << t->priority / 32;
        if (t->priority > schedule_top) {
            schedule_top = t->priority;
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
    assert(t->queued);
    t->queued = false;
    if (t->next == t) {
        *queue = NULL;
        filled[t->priority / 32] &= ~(1u << t->priority % 32);
        if (!filled[t->priority / 32]) {
            filled_words &= ~(1u << t->priority / 32);
        }
        if (t->priority == schedule_top) {
            schedule_top = highest_filled();
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
    return schedule_top < 0 ? NULL : queues[schedule_top];
}

static bool runnable(const struct tcb *t)
{
    return t && may_run(t);
}

void schedule_wake(struct tcb *t)
{
    if (t == current || t->queued || t == schedule_woken || !runnable(t)) {
        return;
    }
    if (schedule_woken) {
        enqueue(schedule_woken, false);
    }
    schedule_woken = t;
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
}

void schedule_look_closely(void)
{
    schedule_changed = true;
}

static uint8_t priority_of(const struct tcb *c)
{
    return c == gift.to && gift.priority > c->priority ? gift.priority : c->priority;
}

void schedule_yield(struct tcb *dest)
{
    struct tcb *c = current;
    bool own = c != gift.to;
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
}

/* A tick of the current thread's slice, or of the one it was given. */
static void charge_slice(struct tcb *c)
{
    if (c == gift.to) {
        if (gift.ticks == 0 || --gift.ticks != 0) {
            return;
        }
        gift.to = NULL;
    } else if (c->slice_ticks == 0 || --c->slice_left != 0) {
        return;
    } else {
        c->slice_left = c->slice_ticks;
    }
    rotate = schedule_changed = true;
}

void schedule_tick(void)
{
    struct tcb *c = current;
    if (c != gift.to) {
        gift.to = NULL;
    }
    if (!runnable(c)) {
        return;
    }
    charge_slice(c);
    if (c->continuing) { /* no message of the kernel's can come between: the quantum ends after the transfer */
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

/* Delayed preemption (X.2 3.3): c asked for it, and next is no more important than c's sensitive priority. */
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
    t->priority = priority;
    schedule_changed = true;
    if (was_queued) {
        enqueue(t, false);
    }
}

/* Nobody but the thread that runs next loses its place: who is not chosen stays where it is in its queue. */
static struct tcb *choose(void)
{
    struct tcb *c = current, *w = schedule_woken, *next = forced;
    bool may_stay = runnable(c);
    uint8_t priority = may_stay ? priority_of(c) : 0;
    if (!next) { /* ties go to the woken one */
        struct tcb *first = first_ready();
        next = w && (!first || w->priority >= first->priority) ? w : first;
        if (may_stay && (!next || next->priority < priority || (next->priority == priority && !rotate) ||
                         (next->priority > priority && delays(c, next)))) {
            next = c;
        }
    }
    if (w && w != next) {
        enqueue(w, false);
    }
    if (next && next->queued) {
        dequeue(next);
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
    schedule_changed = next && (next == gift.to || next->priority < schedule_top); /* not for long */
    if (next != c) {
        arch_switch_to(next);
    }
    return next;
}

/* A thread with a string transfer to go on with does that before anything else; interrupts come in between. */
static struct tcb *choose_at_length(void)
{
    struct tcb *next = choose();
    while (next && next->continuing) {
        schedule_changed = true; /* an interrupt may come and end in schedule_exit() */
        arch_interrupt_window();
        ipc_continue(next);
        next = choose();
    }
    return next;
}

struct tcb *schedule_choose(void)
{
    struct tcb *c = current, *w = schedule_woken;
    if (schedule_changed || !c || !w || w->priority < schedule_top) {
        return choose_at_length();
    }
    if (c->state == THREAD_READY) { /* w, a handler perhaps, comes before it */
        if (w->priority <= c->priority || c->max_delay_ticks != 0) {
            return choose_at_length();
        }
        enqueue(c, true);
        c->delay_left = 0;
        c->delay_over = false;
    } /* otherwise c waits and has woken its partner */
    schedule_woken = NULL;
    schedule_changed = false;
    arch_switch_to(w);
    return w;
}

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
