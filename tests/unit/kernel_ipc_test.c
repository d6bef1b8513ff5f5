// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Random system calls of eight threads in three spaces, run as the kernel runs them: schedule_exit() says whose turn
 * it is, and only that thread makes calls.  Time-outs, faults and interrupts happen in between.  The root thread
 * wakes up every few ticks and deletes, creates, renames, halts and aborts.
 *
 * Each message has a serial number in MR1.  A bookkeeper, told of every end of an IPC, checks that each message
 * arrives at most once, at whom it was for, from whom it should seem to be, in the order in which the receiver's
 * senders queued up; that a sender is told success if and only if it arrived; and that errors have a cause.  After each
 * kernel entry the state of all threads is checked. */
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "mock.h"

#include <string.h>

enum {
    ACTORS = 8,
    SPACES = 3,
    ROUNDS = 100000,
    LINE = 5,
    FIRST_NUMBER = USER_BASE_NO + 10,
    NOBODY = -1,
    ANYBODY = -2,
    ANY_LOCAL = -3,
    THE_LINE = -4,
    NEVER = 0,
    ZERO = 0x400,
    ERROR = L4_TAG_ERROR,
};

enum fate { NO_MESSAGE, PENDING, ARRIVED, CUT, FAILED };

struct actor {
    struct tcb *t; /* NULL: does not exist */
    word_t version;
    int space;

    enum fate fate;         /* of the message it sends */
    uint32_t serial, stamp; /* stamp: when it queued up; 0 = not yet */
    int to, seemed;         /* seemed: in whose name, when it queued up */
    word_t virtual_id, tag;
    bool fault; /* in a page fault: the kernel sends and waits in its name */

    word_t from_spec, send_time, receive_time;
    uint32_t retarget_stamp;
    int retargeted; /* propagation made it wait for another one */
    ticks_t since;  /* when it blocked, in its present phase */
    uint8_t last_state;
};

static struct actor actors[ACTORS];
static struct tcb *root;
static uint32_t last_serial, last_stamp;
static bool aborting; /* this kernel entry may end the IPC of anybody */
static bool donated;
static unsigned interrupts_pending, arrivals, cuts, propagated, timeouts_seen;
static int handler;

/* ---- who is who ---- */

static word_t id_of(const struct actor *a)
{
    return (word_t)(FIRST_NUMBER + (a - actors)) << L4_VERSION_BITS | a->version;
}

static const word_t line_id = LINE << L4_VERSION_BITS | 1;

static int index_of(const struct tcb *t)
{
    for (int i = 0; i < ACTORS; i++) {
        if (t && actors[i].t == t) {
            return i;
        }
    }
    return NOBODY;
}

static word_t local_id(const struct actor *a)
{
    return MOCK_UTCB_BASE + (word_t)(a - actors) * UTCB_SIZE + UTCB_MR0_OFFSET;
}

/* What an id means to an actor. */
static int resolve(const struct actor *a, word_t id)
{
    for (int i = 0; i < ACTORS; i++) {
        const struct actor *b = &actors[i];
        if (b->t && (id == id_of(b) || (id == local_id(b) && b->space == a->space))) {
            return i;
        }
    }
    return NOBODY;
}

static int waits_for(const struct actor *a)
{
    if (a->retargeted != NOBODY) {
        return a->retargeted;
    }
    if (a->from_spec == L4_anythread.raw) {
        return ANYBODY;
    }
    if (a->from_spec == L4_anylocalthread.raw) {
        return ANY_LOCAL;
    }
    return a->from_spec == line_id ? THE_LINE : resolve(a, a->from_spec);
}

/* In whose name the message of s will seem to be. */
static int seems_from(const struct actor *s)
{
    int v = s->virtual_id ? resolve(s, s->virtual_id) : NOBODY, self = (int)(s - actors);
    if (v == NOBODY || v == self) {
        return self;
    }
    bool allowed = actors[v].space == s->space || actors[s->to].space == s->space;
    return allowed ? v : self;
}

static bool would_accept(const struct actor *r, const struct actor *s)
{
    int from = seems_from(s), wanted = waits_for(r);
    return wanted == ANYBODY || wanted == from || (wanted == ANY_LOCAL && actors[from].space == r->space);
}

/* The same for a message in the queue.  Two kinds may be left there, which the kernel does not look for (their end
 * is a time-out, an abort, or the receiver's next receive phase): the virtual sender has gone or got another id
 * since; or propagation has made the receiver wait for another one since. */
static bool should_have_taken(const struct actor *r, const struct actor *s)
{
    bool was_there = r->retargeted != NOBODY && s->stamp <= r->retarget_stamp;
    return would_accept(r, s) && seems_from(s) == s->seemed && !was_there;
}

/* ---- the bookkeeper ---- */

/* A virtual sender that waits for the real one waits for the receiver from now on. */
static void retarget(const struct actor *s, const struct actor *r)
{
    struct actor *v = &actors[seems_from(s)];
    if (v != s && v->t->state == THREAD_RECEIVING && waits_for(v) == s - actors) {
        v->retargeted = (int)(r - actors);
        v->retarget_stamp = last_stamp;
    }
}

/* A message to a thread in a page fault has no bookkeeper at the other end: its going on is what it brings. */
static bool settle_reply(struct actor *s)
{
    struct actor *r = s->fate == PENDING && s->to != NOBODY ? &actors[s->to] : NULL;
    if (!r || !r->t || !r->fault || r->t->state != THREAD_READY || waits_for(r) == NOBODY ||
        !would_accept(r, s)) {
        return false;
    }
    r->fault = false;
    s->fate = ARRIVED;
    arrivals++;
    retarget(s, r);
    return true;
}

static struct actor *sender_of(uint32_t serial)
{
    for (int i = 0; i < ACTORS; i++) {
        if (actors[i].t && actors[i].serial == serial && actors[i].fate != NO_MESSAGE) {
            return &actors[i];
        }
    }
    return NULL;
}

static void on_arrival(struct actor *r, word_t from, word_t tag)
{
    if (from == line_id) {
        EXPECT(interrupts_pending == 1 && tag == 0xfff00000);
        EXPECT(waits_for(r) == THE_LINE || waits_for(r) == ANYBODY);
        interrupts_pending = 0;
        return;
    }
    struct actor *s = sender_of(r->t->utcb[1]);
    EXPECT(s && s->fate == PENDING && s->to == r - actors);
    if (!s || s->fate != PENDING) {
        return;
    }
    EXPECT(would_accept(r, s));
    for (int i = 0; i < ACTORS; i++) {
        const struct actor *o = &actors[i];
        bool earlier = o->stamp != 0 && (s->stamp == 0 || o->stamp < s->stamp);
        if (o != s && o->t && o->fate == PENDING && o->to == r - actors && earlier) {
            EXPECT(!should_have_taken(r, o)); /* FIFO among those it takes */
        }
    }
    const struct actor *v = &actors[seems_from(s)];
    EXPECT_EQ(from, v->space == r->space ? local_id(v) : id_of(v));
    EXPECT_EQ((tag & L4_TAG_PROPAGATED) != 0, v != s);
    if (v != s) {
        EXPECT_EQ(*tcb_tcr(r->t, UTCB_VIRTUAL_SENDER), id_of(s));
        propagated++;
    }
    EXPECT_EQ(tag & 0xffff0fff, s->tag & 0xffff0fff);
    for (word_t i = 2; !s->fault && i <= (tag & 0x3f); i++) {
        EXPECT_EQ(r->t->utcb[i], s->serial * 31 + i);
    }
    s->fate = tag & ERROR ? CUT : ARRIVED;
    arrivals++;
    retarget(s, r);
}

static void on_failure(struct actor *a, word_t code)
{
    word_t error = code >> 1;
    bool receiving = code & 1;
    if (receiving) {
        EXPECT(a->fate == ARRIVED || a->fate == NO_MESSAGE);
    } else if (error == L4_IpcMsgOverflow) {
        EXPECT(a->fate == CUT || a->fate == PENDING); /* PENDING: the receiver was none to be told */
        a->fate = CUT;
        cuts++;
    } else {
        EXPECT(a->fate == PENDING || (a->fate == NO_MESSAGE && error == L4_IpcNonExisting));
        a->fate = a->fate == PENDING ? FAILED : a->fate;
    }
    switch (error) {
    case L4_IpcTimeout: {
        word_t time = receiving ? a->receive_time : a->send_time;
        EXPECT(time != NEVER);
        EXPECT(time == ZERO || a->last_state != THREAD_READY);
        timeouts_seen++;
        break;
    }
    case L4_IpcNonExisting:
        EXPECT(aborting ||
               (receiving ? waits_for(a) == NOBODY || waits_for(a) == THE_LINE : a->to == NOBODY));
        break;
    case L4_IpcCanceled:
        EXPECT(aborting);
        break;
    default:
        EXPECT(error == L4_IpcMsgOverflow && !receiving);
        break;
    }
}

static void on_ipc_return(struct tcb *t, word_t from, word_t tag)
{
    int i = index_of(t);
    if (i == NOBODY) {
        return;
    }
    struct actor *a = &actors[i];
    bool send_failed = from == 0 && (tag & ERROR) && !(*tcb_tcr(t, UTCB_ERROR_CODE) & 1);
    if (!send_failed) {
        (void)settle_reply(a);
    }
    if (from != 0) {
        EXPECT(a->fate == ARRIVED || a->fate == NO_MESSAGE); /* of the send phase before */
        on_arrival(a, from, tag);
    } else if (!(tag & ERROR)) {
        EXPECT(a->fate == ARRIVED || a->fate == NO_MESSAGE);
    } else {
        on_failure(a, *tcb_tcr(t, UTCB_ERROR_CODE));
    }
}

/* ---- the state of all threads, after each kernel entry ---- */

static void check_queue(struct tcb *r)
{
    const struct tcb *s = r->senders;
    for (unsigned n = 0; s; n++) {
        EXPECT(s->state == THREAD_SENDING && s->partner == r && !s->queued);
        EXPECT(s->next->prev == s && s->prev->next == s);
        s = s->next == r->senders ? NULL : s->next;
        EXPECT_LE(n, ACTORS + 1);
    }
}

static bool in_queue(const struct tcb *s, const struct tcb *r)
{
    const struct tcb *q = r->senders;
    unsigned found = 0;
    while (q) {
        found += q == s;
        q = q->next == r->senders ? NULL : q->next;
    }
    return found == 1;
}

static unsigned awaiting(const struct tcb *partner)
{
    unsigned n = root->state == THREAD_RECEIVING && root->partner == partner;
    for (int i = 0; i < ACTORS; i++) {
        const struct tcb *t = actors[i].t;
        n += t && t->state == THREAD_RECEIVING && t->partner == partner;
    }
    return n;
}

static void check_time(const struct actor *a)
{
    word_t time = a->t->state == THREAD_SENDING ? a->send_time : a->receive_time;
    if (a->fault || time == NEVER) {
        EXPECT(!a->t->timer_armed);
        return;
    }
    word_t us = (time & 0x3ff) << (time >> 10);
    ticks_t limit = a->since + (us + TICK_US - 1) / TICK_US + 1;
    EXPECT(a->t->timer_armed && tick_before(ticks, limit));
}

static void check_blocked(struct actor *a)
{
    struct tcb *t = a->t;
    if (t->state == THREAD_SENDING) {
        EXPECT(a->fate == PENDING && index_of(t->partner) == a->to && a->to != NOBODY);
        EXPECT(in_queue(t, t->partner));
        if (a->last_state != THREAD_SENDING) {
            a->stamp = ++last_stamp;
            a->seemed = seems_from(a);
        }
    } else {
        int wanted = waits_for(a);
        EXPECT(a->fate == NO_MESSAGE || a->fate == ARRIVED);
        EXPECT(wanted >= 0 ? t->partner == actors[wanted].t : wanted == THE_LINE || !t->partner);
        for (int i = 0; i < ACTORS; i++) {
            const struct actor *s = &actors[i];
            if (s->t && s->t->state == THREAD_SENDING && s->to == a - actors) {
                EXPECT(!should_have_taken(a, s)); /* it would be with it already */
            }
        }
    }
    if (a->last_state != t->state) {
        a->since = ticks;
    }
    check_time(a);
}

/* Whose IPC has ended without a word to the bookkeeper: those in page faults, and those who wrote to them. */
static void settle_faults(void)
{
    for (int i = 0; i < ACTORS; i++) {
        struct actor *s = &actors[i];
        if (s->t && s->fate == PENDING && s->t->state != THREAD_SENDING && !settle_reply(s)) {
            EXPECT(aborting && s->fault);
            s->fate = FAILED;
        }
    }
    for (int i = 0; i < ACTORS; i++) {
        if (actors[i].t && actors[i].t->state == THREAD_READY) {
            actors[i].fault = false;
        }
    }
}

static void check_all(void)
{
    settle_faults();
    for (int i = 0; i < ACTORS; i++) {
        struct actor *a = &actors[i];
        struct tcb *t = a->t;
        if (!t) {
            continue;
        }
        EXPECT_EQ(t->awaited, awaiting(t));
        check_queue(t);
        EXPECT(!t->queued || (t->state == THREAD_READY && !t->halted));
        if (t->state == THREAD_READY) {
            EXPECT(!t->timer_armed && !t->partner);
            EXPECT(t->halted || t == current || donated || (current && current->priority >= t->priority));
        } else {
            check_blocked(a);
        }
        a->last_state = t->state;
    }
    EXPECT_EQ(thread_check(), 0);
    EXPECT_EQ(schedule_check(), 0);
}

/* ---- what an actor does ---- */

static word_t random_id(const struct actor *a)
{
    const struct actor *b = &actors[mock_random(ACTORS)];
    for (int i = 0; i < 3 && (!b->t || b->t->state != THREAD_RECEIVING); i++) { /* rather one that listens */
        b = &actors[mock_random(ACTORS)];
    }
    if (b->space == a->space && mock_random(2)) {
        return local_id(b);
    }
    return id_of(b) + (mock_random(40) == 0); /* now and then a version that never was */
}

static word_t random_time(void)
{
    switch (mock_random(6)) {
    case 0:
        return ZERO;
    case 1:
        return NEVER;
    case 2:
        return 1 + mock_random(0x3ff); /* one tick */
    default:
        return L4_TimePeriod(1000 * (1 + mock_random(12))).raw;
    }
}

static void begin_message(struct actor *a, int to)
{
    a->fate = PENDING;
    a->to = to;
    a->stamp = 0;
    a->serial = ++last_serial;
    a->virtual_id = 0;
}

static void begin_call(struct actor *a)
{
    a->fate = NO_MESSAGE;
    a->to = NOBODY;
    a->retargeted = NOBODY;
    a->fault = false;
}

static word_t message_tag(struct actor *a)
{
    word_t *mr = a->t->utcb, u = 1 + mock_random(10), tag = (a->serial & 0xffff) << 16 | u;
    mr[1] = a->serial;
    for (word_t i = 2; i <= u; i++) {
        mr[i] = a->serial * 31 + i;
    }
    if (mock_random(5) == 0) {
        a->virtual_id = random_id(a);
        *tcb_tcr(a->t, UTCB_VIRTUAL_SENDER) = a->virtual_id;
        tag |= L4_TAG_PROPAGATED;
    }
    if (mock_random(10) == 0) { /* a nil fpage: nothing is mapped, but the receiver must accept it */
        mr[u + 1] = L4_ITEM_MAP;
        mr[u + 2] = 0;
        tag |= 2 << 6;
    }
    return tag;
}

static void do_ipc(struct actor *a)
{
    word_t to = mock_random(4) ? random_id(a) : 0, from = 0;
    static const word_t open[] = {~0u, ~0u, ~0u, ~0u, ~0x3fu, line_id};
    begin_call(a);
    if (a->t->senders && mock_random(2)) {
        to = 0;
        from = ~0u;
    }
    if (to && mock_random(20) == 0) {
        to = line_id;
    }
    if (!from && mock_random(4)) {
        from = mock_random(3) == 0 ? to : mock_random(3) ? open[mock_random(6)] : random_id(a);
    }
    a->from_spec = from;
    a->send_time = random_time();
    a->receive_time = random_time();
    *tcb_tcr(a->t, UTCB_BR0) = mock_random(2) ? 0x10 : 0;
    if (to && to != line_id) {
        begin_message(a, resolve(a, to));
    }
    a->tag = to && to != line_id ? message_tag(a) : 0;
    ipc_system_call(a->t, to, from, a->send_time << 16 | a->receive_time, a->tag);
}

static void do_fault(struct actor *a)
{
    int pager = (int)mock_random(ACTORS);
    begin_call(a);
    *tcb_tcr(a->t, UTCB_PAGER) = id_of(&actors[pager]);
    a->from_spec = id_of(&actors[pager]);
    if (actors[pager].t && &actors[pager] != a) {
        begin_message(a, pager);
        a->fault = true;
        a->send_time = a->receive_time = NEVER;
        a->tag = 0xffe20002;
    }
    fault_page(a->t, a->fault ? a->serial : 0, L4_Writable);
    EXPECT_EQ(a->t->halted, !a->fault); /* nobody to ask: it stops */
}

static void do_exchange(struct actor *a)
{
    static const word_t what[] = {L4_EXREGS_ABORT_SEND,
                                  L4_EXREGS_ABORT_RECEIVE,
                                  L4_EXREGS_ABORT_SEND | L4_EXREGS_ABORT_RECEIVE,
                                  L4_EXREGS_SET_HALT | L4_EXREGS_HALT,
                                  L4_EXREGS_SET_HALT,
                                  L4_EXREGS_START,
                                  0};
    int i = (int)mock_random(ACTORS);
    struct actor *b = &actors[i];
    struct exchange x = {.control = what[mock_random(sizeof what / sizeof what[0])], .sp = 1, .ip = 2};
    aborting = true;
    word_t control = x.control, result = exchange_registers(a->t, id_of(b), &x);
    if (b->t && b->space == a->space) {
        EXPECT_EQ(result, local_id(b));
        if ((control & L4_EXREGS_ABORT_SEND) && (control & L4_EXREGS_ABORT_RECEIVE)) {
            EXPECT_EQ(b->t->state, THREAD_READY);
        }
        if (control & L4_EXREGS_SET_HALT) {
            EXPECT_EQ(b->t->halted, control & L4_EXREGS_HALT);
        }
    }
}

static void do_something(struct actor *a)
{
    switch (mock_random(16)) {
    case 0:
        do_exchange(a);
        break;
    case 1: {
        const struct actor *b = &actors[mock_random(ACTORS)];
        schedule_yield(mock_random(2) ? b->t : NULL);
        donated = true;
        break;
    }
    case 2:
        do_fault(a);
        break;
    default:
        do_ipc(a);
        break;
    }
}

/* ---- what root does ---- */

static void create(struct actor *a)
{
    const struct actor *mate = NULL;
    for (int i = 0; i < ACTORS; i++) {
        if (actors[i].t && actors[i].space == a->space) {
            mate = &actors[i];
        }
    }
    a->version = a->version % 60 + 1;
    word_t id = id_of(a), utcb = local_id(a) - UTCB_MR0_OFFSET, me = root->global_id;
    EXPECT_EQ(thread_control(root, id, mate ? id_of(mate) : id, me, 0, ~0u), 0);
    struct tcb *t = thread_find(id);
    EXPECT(t && t->state == THREAD_INACTIVE);
    if (!mate) {
        EXPECT_EQ(space_set_areas(t->space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS),
                                  L4_FpageLog2(MOCK_UTCB_BASE, PAGE_BITS)),
                  0);
    }
    EXPECT_EQ(thread_control(root, id, id, 0, me, utcb), 0);
    EXPECT_EQ(t->state, THREAD_RECEIVING);
    struct exchange start = {.control = L4_EXREGS_START};
    EXPECT_EQ(exchange_registers(root, id, &start), t->local_id);
    schedule_set_priority(t, (uint8_t)(50 + mock_random(3) * 50));
    a->t = t;
    begin_call(a);
    a->last_state = THREAD_READY;
}

static void delete (struct actor *a)
{
    aborting = true;
    EXPECT_EQ(thread_control(root, id_of(a), 0, 0, 0, ~0u), 0);
    a->t = NULL;
    if (handler == a - actors) {
        handler = NOBODY;
        interrupts_pending = 0;
    }
}

static void rename_actor(struct actor *a)
{
    word_t old = id_of(a);
    aborting = true;
    a->version = a->version % 60 + 1;
    EXPECT_EQ(thread_control(root, id_of(a), old, 0, 0, ~0u), 0);
}

static void take_line(int i)
{
    word_t pager = i == NOBODY ? line_id : id_of(&actors[i]);
    aborting = true;
    EXPECT_EQ(thread_control(root, line_id, line_id, 0, pager, ~0u), 0);
    handler = i;
    interrupts_pending = 0;
}

static void root_works(void)
{
    int i = (int)mock_random(ACTORS);
    struct actor *a = &actors[i];
    unsigned what = mock_random(12);
    if (!a->t) {
        create(a);
    } else if (what == 0) {
        delete (a);
    } else if (what == 1) {
        rename_actor(a);
    } else if (what == 2) {
        aborting = true;
        ipc_abort(a->t, L4_IpcCanceled);
    } else if (what == 3) {
        thread_set_halted(a->t, !a->t->halted);
    } else if (what == 4) {
        take_line(mock_random(4) ? i : NOBODY);
    } else if (what == 5) {
        word_t old, error;
        const struct schedule_call c = {50 + mock_random(3) * 50, ~0u, ~0u, ~0u};
        (void)schedule_control(root, id_of(a), &c, &old, &error);
        EXPECT(error == 0 && a->t->priority == c.priority);
    } else if (what < 9) {
        for (int k = 0; k < ACTORS; k++) { /* let those go that nobody else would */
            if (actors[k].t && actors[k].t->halted) {
                thread_set_halted(actors[k].t, false);
            }
        }
    }
    ipc_system_call(root, 0, root->global_id, 1 + mock_random(0x3ff), 0);
}

/* ---- kernel entries ---- */

static void enter(void)
{
    int i = index_of(current);
    unsigned what = mock_random(10);
    aborting = donated = false;
    if (!current || what == 0) {
        mock_clock_us += TICK_US;
        schedule_tick();
        timer_tick(ipc_timeout);
    } else if (what == 1 && mock_line_enabled[LINE]) {
        mock_line_enabled[LINE] = false; /* as the interrupt entry does */
        interrupts_pending = 1;
        interrupt_occurred(LINE);
    } else if (current == root) {
        root_works();
    } else if (i != NOBODY) {
        do_something(&actors[i]);
    } else { /* sigma0 */
        ipc_system_call(current, 0, ~0u, 0, 0);
    }
    (void)schedule_exit();
}

static bool test_random(uint32_t seed)
{
    ktap_begin("random system calls");
    mock_seed = seed;
    arrivals = cuts = propagated = timeouts_seen = 0;
    for (int i = 0; i < ACTORS; i++) {
        actors[i] = (struct actor){.space = i % SPACES, .retargeted = NOBODY};
        create(&actors[i]);
    }
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        enter();
        check_all();
        if (round % 256 == 0) {
            EXPECT_EQ(mapping_db_check(), 0);
            EXPECT(kmem_check());
        }
        if (ktap_failing()) {
            ktap_diagnostic("round %u", round);
        }
    }
    ktap_diagnostic("seed %u: %u messages, %u propagated, %u cut, %u time-outs", (unsigned)seed, arrivals,
                    propagated, cuts, timeouts_seen);
    if (!ktap_failing()) {
        EXPECT(arrivals > ROUNDS / 20 && cuts > 50 && propagated > 50 && timeouts_seen > 500);
        while (current != root) {
            enter();
            check_all();
        }
        take_line(NOBODY);
        for (int i = 0; i < ACTORS; i++) {
            if (actors[i].t) {
                delete (&actors[i]);
            }
        }
        EXPECT_EQ(thread_count(), 2);
    }
    return ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 42, 0x2545f491, 31337, 20260728};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    mock_on_ipc_return = on_ipc_return;
    mock_quiet = true;
    handler = NOBODY;
    ktap_start(mock_write, SEEDS + 1);
    size_t pages = 0;
    for (unsigned i = 0; i < SEEDS; i++) {
        if (!test_random(seeds[i])) {
            return 1; /* what follows would only be consequences */
        }
        pages = i == 0 ? kmem_pages_free() : pages; /* the first one leaves a leaf of the thread table */
    }
    (void)ktap_ok(kmem_pages_free() == pages && mapping_count() == 0 && kmem_check(),
                  "all kernel memory is back");
    return ktap_finish();
}
