// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready queues and timeouts: single rules by hand, then random sequences against naive models. */
#include "schedule_fixture.h"

enum { ROUNDS = 40000, SLEEPERS = 60 };

/* ---- single rules ---- */

static void test_priorities(void)
{
    ktap_begin("the highest priority runs");
    reset();
    EXPECT_EQ(leave(), -1);
    for (int i = 0; i < THREADS; i++) {
        threads[i].priority = (uint8_t)(i * 36); /* several words of the bitmap */
    }
    for (int i = 0; i < THREADS; i++) {
        wake((i * 3) % THREADS);
    }
    for (int i = 0; i < THREADS; i++) {
        schedule_set_priority(&threads[i], (uint8_t)(255 - i * 36));
    }
    for (int i = 0; i < THREADS; i++) {
        EXPECT_EQ(i == 0 ? leave() : block(), i);
    }
    EXPECT_EQ(block(), -1);
    wake(3); /* priority 147 */
    EXPECT_EQ(leave(), 3);
    wake(5);
    EXPECT_EQ(leave(), 3);
    wake(1);
    EXPECT_EQ(leave(), 1); /* preempts */
    wake(2);
    schedule_set_priority(&threads[1], 10);
    EXPECT_EQ(leave(), 2);
    set_halted(2, true);
    EXPECT_EQ(leave(), 3);
    wake(2); /* halted: does not run */
    EXPECT_EQ(leave(), 3);
    (void)ktap_end();
}

static void test_round_robin(void)
{
    ktap_begin("round robin, whatever the kernel is entered for meanwhile");
    reset();
    for (int i = 0; i < 3; i++) {
        wake(i);
    }
    schedule_set_priority(&threads[7], 50);
    schedule_set_priority(&threads[6], 50);
    wake(6);
    wake(7);
    int first = leave();
    EXPECT_EQ(first, 0);
    for (int slice = 0; slice < 30; slice++) {
        for (int t = 0; t < 5; t++) {
            EXPECT_EQ(current - threads, (first + slice) % 3);
            for (int calls = 0; calls < slice % 4; calls++) { /* system calls that change nothing */
                EXPECT_EQ(leave(), (first + slice) % 3);
            }
            (void)tick();
        }
    }
    for (int i = 0; i < 3; i++) {
        (void)block();
    }
    EXPECT_EQ(current - threads, 6); /* woken before 7 */
    (void)ktap_end();

    ktap_begin("a slice of 0 is never preempted by peers");
    reset();
    threads[0].slice_ticks = threads[0].slice_left = 0;
    wake(0);
    EXPECT_EQ(leave(), 0);
    wake(1);
    for (int i = 0; i < 1000; i++) {
        EXPECT_EQ(tick(), 0);
    }
    schedule_set_priority(&threads[2], 200);
    threads[3].turn_over = false; /* it has waited in the middle of its slice */
    wake(2);
    EXPECT_EQ(leave(), 2);
    wake(3);
    EXPECT_EQ(leave(), 2);
    EXPECT_EQ(block(), 0);
    (void)ktap_end();
}

static void test_preemption(void)
{
    ktap_begin("a preempted thread keeps its turn and its slice");
    reset();
    wake(0);
    EXPECT_EQ(leave(), 0);
    wake(1);
    (void)tick();
    (void)tick();
    schedule_set_priority(&threads[2], 200);
    wake(2);
    EXPECT_EQ(leave(), 2);
    EXPECT_EQ(tick(), 2);
    EXPECT_EQ(block(), 0);
    EXPECT_EQ(threads[0].slice_left, 3);
    (void)tick();
    (void)tick();
    EXPECT_EQ(tick(), 1);
    EXPECT_EQ(threads[0].slice_left, 5);
    (void)ktap_end();
}

static void test_yield(void)
{
    ktap_begin("yield and donation");
    reset();
    wake(0);
    EXPECT_EQ(leave(), 0);
    wake(1);
    wake(2);
    EXPECT_EQ(leave(), 0);
    schedule_yield(NULL);
    EXPECT_EQ(leave(), 1);
    schedule_yield(&threads[0]); /* out of turn; 1 goes behind 2 */
    EXPECT_EQ(leave(), 0);
    EXPECT_EQ(block(), 2);
    EXPECT_EQ(block(), 1);
    schedule_set_priority(&threads[3], 10);
    wake(3);
    EXPECT_EQ(leave(), 1);
    schedule_yield(NULL); /* nobody else of this priority */
    EXPECT_EQ(leave(), 1);
    schedule_yield(&threads[4]); /* blocked: cannot take it */
    EXPECT_EQ(leave(), 1);
    schedule_yield(&threads[1]); /* to itself */
    EXPECT_EQ(leave(), 1);
    (void)tick();
    /* A lower one runs in its place, for the four ticks that are left. */
    schedule_yield(&threads[3]);
    EXPECT_EQ(leave(), 3);
    schedule_set_priority(&threads[5], 50);
    wake(5); /* more important than who runs, but not than who lets it run */
    for (int i = 0; i < 3; i++) {
        EXPECT_EQ(tick(), 3);
        EXPECT_EQ(leave(), 3);
    }
    EXPECT_EQ(threads[3].slice_left, 5);
    EXPECT_EQ(tick(), 1);
    EXPECT_EQ(threads[1].slice_left, 5);
    schedule_yield(&threads[3]);
    EXPECT_EQ(leave(), 3);
    schedule_yield(&threads[5]); /* what was given can be given on */
    EXPECT_EQ(leave(), 5);
    schedule_set_priority(&threads[6], 101);
    wake(6); /* preempts: the gift is over */
    EXPECT_EQ(leave(), 6);
    EXPECT_EQ(block(), 1);
    schedule_yield(&threads[3]);
    EXPECT_EQ(leave(), 3);
    EXPECT_EQ(block(), 1);
    wake(3);
    EXPECT_EQ(leave(), 1);
    (void)ktap_end();
}

static void test_endless_gift(void)
{
    ktap_begin("a slice without end is given, and a thread that goes takes nothing");
    reset();
    schedule_set_priority(&threads[3], 10);
    wake(3);
    wake(1);
    EXPECT_EQ(leave(), 1);
    threads[1].slice_ticks = 0;
    schedule_yield(&threads[3]);
    EXPECT_EQ(leave(), 3);
    for (int i = 0; i < 1000; i++) {
        EXPECT_EQ(i % 2 ? leave() : tick(), 3);
    }
    EXPECT_EQ(block(), 1);
    wake(3);
    threads[1].slice_ticks = threads[1].slice_left = 5;
    (void)block();
    wake(1);
    EXPECT_EQ(leave(), 1);
    EXPECT_EQ(tick(), 1);
    schedule_yield(&threads[3]);
    schedule_remove(&threads[3]); /* deleted in the same entry */
    threads[3].state = THREAD_INACTIVE;
    EXPECT_EQ(leave(), 1);
    (void)ktap_end();
}

static void test_woken(void)
{
    ktap_begin("who is woken last runs at once if the caller blocks");
    reset();
    wake(0);
    EXPECT_EQ(leave(), 0);
    wake(1);
    wake(2);
    EXPECT_EQ(leave(), 0); /* 1 and 2 wait */
    threads[3].turn_over = false;
    wake(3);
    EXPECT_EQ(block(), 3); /* a call: straight to the partner, whose turn it still is */
    wake(4);
    EXPECT_EQ(leave(), 3); /* a send: the partner waits for its turn */
    EXPECT_EQ(block(), 1);
    EXPECT_EQ(block(), 2);
    EXPECT_EQ(block(), 4);
    wake(0);
    schedule_remove(&threads[0]); /* halted before it ran */
    EXPECT_EQ(block(), -1);
    (void)ktap_end();
}

/* ---- random sequences; model: a list of ready threads, first to run first ---- */

static struct {
    int order[THREADS], count; /* in order of their turn within a priority */
    bool turn[THREADS];        /* chosen, and the slice has not ended since */
    int current, aside;        /* aside: woken last, in no queue yet */
    int forced;
    bool rotate;
    int donee; /* runs in the place of another; -1: nobody */
    uint8_t donor_priority;
    uint32_t donated;
} model;

static bool can_run(int i)
{
    return i >= 0 && threads[i].state == THREAD_READY && !threads[i].halted;
}

static int model_priority(int i)
{
    bool more = i == model.donee && model.donor_priority > threads[i].priority;
    return more ? model.donor_priority : threads[i].priority;
}

static void model_donate(int dest)
{
    int c = model.current;
    model.donor_priority = (uint8_t)model_priority(c);
    model.donated = c == model.donee ? model.donated : threads[c].slice_left;
    model.donee = dest;
    model.forced = dest;
}

static void model_tick(void)
{
    int c = model.current;
    if (c != model.donee) {
        model.donee = -1;
    }
    if (c < 0) {
        return;
    }
    bool over = c == model.donee ? --model.donated == 0 : threads[c].slice_left == 1;
    if (over) {
        model.donee = -1;
        model.turn[c] = false;
        model.rotate |= can_run(c);
    }
}

static void model_put(int i, bool first)
{
    if (first) {
        memmove(model.order + 1, model.order, sizeof model.order - sizeof model.order[0]);
        model.order[0] = i;
    } else {
        model.order[model.count] = i;
    }
    model.count++;
}

static bool model_take(int i)
{
    for (int k = 0; k < model.count; k++) {
        if (model.order[k] == i) {
            memmove(model.order + k, model.order + k + 1, sizeof(int) * (size_t)(model.count - k - 1));
            model.count--;
            return true;
        }
    }
    return false;
}

static int model_first(void)
{
    int best = -1;
    for (int k = 0; k < model.count; k++) {
        int i = model.order[k];
        if (best < 0 || threads[i].priority > threads[best].priority) {
            best = i;
        }
    }
    return best;
}

static void model_wake(int i)
{
    bool there = i == model.current || i == model.aside || i == model.forced;
    for (int k = 0; k < model.count; k++) {
        there |= model.order[k] == i;
    }
    if (there || !can_run(i)) {
        return;
    }
    if (model.aside >= 0) {
        model_put(model.aside, model.turn[model.aside]);
    }
    model.aside = i;
}

static void model_remove(int i)
{
    (void)model_take(i);
    model.aside = model.aside == i ? -1 : model.aside;
    model.forced = model.forced == i ? -1 : model.forced;
}

static int model_exit(void)
{
    int c = model.current, best = model_first(), a = model.aside;
    bool stays = can_run(c);
    model.aside = -1;
    if (model.forced >= 0) {
        best = model.forced;
        if (stays) {
            model_put(c, false);
        }
    } else {
        if (a >= 0 && (best < 0 || threads[a].priority >= threads[best].priority + !model.turn[a])) {
            best = a;
        } else if (a >= 0) {
            model_put(a, model.turn[a]);
            a = -1;
        } else {
            a = -1;
        }
        int by = stays && best >= 0 ? (int)threads[best].priority - model_priority(c) : 0;
        if (stays && (best < 0 || by < 0 || (by == 0 && !model.rotate))) {
            if (a >= 0) {
                model_put(a, model.turn[a]);
            }
            best = c;
        } else {
            (void)model_take(best);
            if (stays) {
                model_put(c, !model.rotate);
            }
        }
    }
    model.donee = model.donee == best ? best : -1;
    if (stays && model.rotate) {
        model.turn[c] = false;
    }
    if (best >= 0) {
        model.turn[best] = true;
    }
    model.forced = -1;
    model.rotate = false;
    model.current = best;
    return best;
}

static void random_event(void)
{
    int i = (int)mock_random(THREADS);
    struct tcb *t = &threads[i];
    switch (mock_random(8)) {
    case 0:
    case 1:
        if (t->state != THREAD_READY) {
            wake(i);
            model_wake(i);
        }
        break;
    case 2:
        if (model.current >= 0) {
            current->state = THREAD_RECEIVING;
        }
        break;
    case 3:
        model_tick();
        mock_clock_us += TICK_US;
        schedule_tick();
        break;
    case 4: { /* priorities change mid-slice; a queued thread goes behind its new peers */
        uint8_t p = (uint8_t)(mock_random(3) * 100 + 20);
        schedule_set_priority(t, p);
        if (model_take(i)) {
            model_put(i, false);
        }
        break;
    }
    case 5:
        if (t->halted) {
            set_halted(i, false);
            if (t->state == THREAD_READY) {
                schedule_wake(t);
                model_wake(i);
            }
        } else if (mock_random(3) == 0) {
            schedule_remove(t);
            model_remove(i);
            set_halted(i, true);
        }
        break;
    default:
        break;
    }
}

static bool test_random(uint32_t seed)
{
    ktap_begin("random events against a list");
    ktap_diagnostic("seed %u", (unsigned)seed);
    reset();
    mock_seed = seed;
    memset(&model, 0, sizeof model);
    model.current = model.aside = model.forced = model.donee = -1;
    for (unsigned round = 0; round < ROUNDS && mock_goes_on() && !ktap_failing(); round++) {
        bool only = can_run(model.current) && mock_random(6) == 0;
        if (only) { /* ThreadSwitch wakes nobody */
            int dest = (int)mock_random(THREADS + 1);
            model.rotate = true;
            if (dest < THREADS && dest != model.current && model_take(dest)) {
                model_donate(dest);
            }
            schedule_yield(dest < THREADS ? &threads[dest] : NULL);
        }
        for (unsigned n = only ? 0 : mock_random(4); n > 0; n--) {
            random_event();
        }
        int expected = model_exit();
        EXPECT_EQ(leave(), expected);
        if (ktap_failing()) {
            ktap_diagnostic("round %u", round);
        }
    }
    return ktap_end();
}

/* ---- timeouts ---- */

static struct sleeper {
    struct tcb tcb;
    ticks_t due;
    bool armed, rang;
} sleepers[SLEEPERS];

static void on_expiry(struct tcb *t)
{
    struct sleeper *s = (struct sleeper *)(void *)t;
    EXPECT(s->armed && s->due == ticks && !t->timer_armed);
    s->armed = false;
    s->rang = true;
    if (mock_random(4) == 0) { /* an expiry that ends other waits, also of this tick */
        struct sleeper *other = &sleepers[mock_random(SLEEPERS)];
        timer_cancel(&other->tcb);
        other->armed = false;
    }
}

static void test_wheel(uint32_t seed, ticks_t start)
{
    ktap_begin(start > 0xf0000000 ? "timer wheel over the end of the tick count" : "timer wheel");
    ktap_diagnostic("seed %u, from tick %x", (unsigned)seed, (unsigned)start);
    mock_seed = seed;
    memset(sleepers, 0, sizeof sleepers);
    ticks = start;
    unsigned rung = 0;
    for (unsigned round = 0; round < 20000 && mock_goes_on(); round++) {
        for (unsigned n = mock_random(4); n > 0; n--) {
            struct sleeper *s = &sleepers[mock_random(SLEEPERS)];
            if (s->armed && mock_random(3) == 0) {
                timer_cancel(&s->tcb);
                s->armed = false;
            } else if (!s->armed) {
                s->due = ticks + 1 + mock_random(mock_random(2) ? 20 : 1000);
                s->armed = true;
                timer_arm(&s->tcb, s->due);
            }
        }
        timer_tick(on_expiry);
        for (unsigned i = 0; i < SLEEPERS; i++) {
            struct sleeper *s = &sleepers[i];
            EXPECT_EQ(s->armed, s->tcb.timer_armed);
            EXPECT(!s->armed || tick_before(ticks, s->due)); /* nobody is late */
            rung += s->rang;
            s->rang = false;
        }
    }
    EXPECT(rung > 1000 || mock_fuzzing());
    for (unsigned i = 0; i < SLEEPERS; i++) {
        timer_cancel(&sleepers[i].tcb);
    }
    (void)ktap_end();
}

/* A wait is never shorter than asked for, and at most two ticks longer (beyond 71 minutes: 0.1 %),
 * but 24 days are the longest. */
static void test_deadlines(void)
{
    ktap_begin("every period");
    ticks = 0xfffffff0;
    for (word_t time = 1; time < 0x8000; time++) {
        uint64_t us = (uint64_t)(time & 0x3ff) << (time >> 10);
        ticks_t deadline = 0;
        bool waits = timer_deadline(time, &deadline);
        EXPECT_EQ(waits, us != 0);
        if (!waits) {
            continue;
        }
        uint64_t wait = (uint64_t)(deadline - ticks) * TICK_US;
        EXPECT(tick_before(ticks, deadline));
        if (us <= 0xffffffff) {
            EXPECT(wait >= us + TICK_US && wait <= us + 2 * TICK_US);
        } else {
            const uint64_t longest = 0x7ffffff0ull * TICK_US;
            EXPECT(wait >= (us < longest ? us : longest) && wait <= us + us / 1000);
        }
    }
    (void)ktap_end();

    ktap_begin("points in time");
    for (unsigned round = 0; round < 20000; round++) {
        word_t e = mock_random(16), m = mock_random(1024), c = mock_random(2);
        mock_clock_us = (uint64_t)mock_random(~0u) << mock_random(12);
        uint64_t point = mock_clock_us; /* the first one from this period's start with these bits */
        point = point >> (e + 10) << (e + 10);
        while ((point >> (e + 10) & 1) != c) {
            point += 1ull << (e + 10);
        }
        point += (uint64_t)m << e;
        ticks_t deadline = 0;
        bool waits = timer_deadline(0x8000 | e << 11 | c << 10 | m, &deadline);
        EXPECT_EQ(waits, point > mock_clock_us);
        if (waits) {
            uint64_t wait = (uint64_t)(deadline - ticks) * TICK_US, us = point - mock_clock_us;
            EXPECT(wait >= us + TICK_US && wait <= us + 2 * TICK_US);
        }
    }
    (void)ktap_end();
}

/* Thread 0 waits in the middle of its slice, as for a page fault; its peers are ready all the
 * time. */
static void test_turn(void)
{
    ktap_begin("a thread that waits keeps its turn for the rest of its slice");
    reset();
    threads[7].priority = 200;
    for (int i = 0; i < 3; i++) {
        wake(i);
    }
    wake(7);
    EXPECT_EQ(leave(), 7);
    EXPECT_EQ(block(), 0);
    for (int t = 0; t < 5; t++) { /* a tick between the waits: its slice is charged */
        EXPECT_EQ(current - threads, 0);
        wake(7); /* who answers is more important, and then waits itself */
        threads[0].state = THREAD_RECEIVING;
        EXPECT_EQ(leave(), 7);
        wake(0);
        EXPECT_EQ(leave(), 7);
        EXPECT_EQ(block(), 0);
        (void)tick();
    }
    EXPECT_EQ(current - threads, 1); /* its slice has ended: it stands behind its peers */
    EXPECT_EQ(block(), 2);
    EXPECT_EQ(block(), 0);
    (void)ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 2, 0x2545f491, 777};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    mock_init(16);
    ktap_start(mock_write, 8 + SEEDS + 4);
    test_priorities();
    test_round_robin();
    test_preemption();
    test_yield();
    test_endless_gift();
    test_woken();
    test_turn();
    for (unsigned i = 0; i < SEEDS; i++) {
        (void)test_random(seeds[i]);
    }
    reset();
    test_wheel(5, 0);
    test_wheel(6, 0xffffff00u - 9000);
    test_deadlines();
    return ktap_finish();
}
