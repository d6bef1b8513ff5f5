/* SPDX-License-Identifier: BSD-2-Clause */
#include "timer.h"

#include "arch.h"
#include "schedule.h"
#include "work.h"

ticks_t ticks;
struct tcb *timer_wheel[TIMER_WHEEL];
struct timer_period timer_last_period;
bool timer_is_late;

/* Which bucket is being looked at, and the timer there that is next. */
static ticks_t looked;
static struct tcb *next_timer;

void timer_arm(struct tcb *t, ticks_t deadline)
{
    struct tcb **bucket = &timer_wheel[deadline % TIMER_WHEEL];
    debug_assert(!t->timer_armed && tick_before(ticks, deadline));
    t->timer_armed = true;
    t->deadline = deadline;
    t->timer_prev = NULL;
    t->timer_next = *bucket;
    if (*bucket) {
        (*bucket)->timer_prev = t;
    }
    *bucket = t;
}

void timer_cancel(struct tcb *t)
{
    if (!t->timer_armed) {
        return;
    }
    debug_assert((t->timer_prev ? t->timer_prev->timer_next : timer_wheel[t->deadline % TIMER_WHEEL]) == t);
    debug_assert(!t->timer_next || t->timer_next->timer_prev == t);
    t->timer_armed = false;
    if (t == next_timer) {
        next_timer = t->timer_next;
    }
    if (t->timer_prev) {
        t->timer_prev->timer_next = t->timer_next;
    } else {
        timer_wheel[t->deadline % TIMER_WHEEL] = t->timer_next;
    }
    if (t->timer_next) {
        t->timer_next->timer_prev = t->timer_prev;
    }
}

/* What is left of the bucket of `looked'.  false: the step is over. */
static bool look(void (*expired)(struct tcb *t))
{
    while (next_timer) {
        if (work_over()) {
            return false;
        }
        struct tcb *t = next_timer;
        next_timer = t->timer_next; /* the expiry may cancel any other timer, also this one */
        work_done(WORK_PASS);
        if (t->deadline == looked) {
            timer_cancel(t);
            expired(t);
            work_done(WORK_ABORT);
        }
    }
    return true;
}

void timer_go_on(void (*expired)(struct tcb *t))
{
    work_begin();
    timer_is_late = true;
    while (look(expired)) {
        if (looked == ticks) {
            timer_is_late = false;
            return;
        }
        looked++;
        next_timer = timer_wheel[looked % TIMER_WHEEL];
    }
    schedule_look_closely();
}

void timer_tick(void (*expired)(struct tcb *t))
{
    if (!timer_is_late) {
        looked = ticks;
    }
    ticks++;
    timer_go_on(expired);
}

/* A point in time (interface.md 1.3): how far away it is.  false: it has passed. */
static bool point_distance(word_t time, uint64_t *us)
{
    unsigned e = time >> 11 & 0xf;
    uint64_t now = arch_clock_us(), span = 1ull << (e + 10);
    uint64_t point = (now & ~(span - 1)) | (uint64_t)(time & 0x3ff) << e;
    if ((now >> (e + 10) & 1) != (time >> 10 & 1)) {
        point += span;
    }
    *us = point - now;
    return point > now;
}

bool timer_deadline(word_t time, ticks_t *deadline)
{
    uint64_t us;
    bool point = (time & 0x8000) != 0;
    if (time == timer_last_period.time && time != 0) {
        *deadline = ticks + timer_last_period.length;
        return true;
    }
    if (point) {
        if (!point_distance(time, &us)) {
            return false;
        }
    } else {
        us = (uint64_t)(time & 0x3ff) << (time >> 10 & 0x1f);
        if (us == 0) {
            return false;
        }
    }
    /* The kernel has no 64-bit division: beyond 71 minutes this counts units of 1024 us, and a
     * little more than 24/1000 of them.  It is one tick more, because the current one has begun. */
    uint32_t units = (uint32_t)(us >> 10);
    uint32_t n = us <= 0xffffffffu ? ((uint32_t)us - 1) / TICK_US + 1 : units + units / 41 + 1;
    ticks_t length = (n > 0x7ffffff0u ? 0x7ffffff0u : n) + 1;
    *deadline = ticks + length;
    if (!point) {
        timer_last_period = (struct timer_period){time, length};
    }
    return true;
}
