/* SPDX-License-Identifier: BSD-2-Clause */
/* The bookkeeper of the random IPC test (ipc_book.h). */
#include "ipc_book.h"

#include "ktap/ktap.h"

struct book book;

/* ---- who is who ---- */

word_t id_of(const struct actor *a)
{
    return (word_t)(FIRST_NUMBER + (a - book.actors)) << L4_VERSION_BITS | a->version;
}

int index_of(const struct tcb *t)
{
    for (int i = 0; i < ACTORS; i++) {
        if (t && book.actors[i].t == t) {
            return i;
        }
    }
    return NOBODY;
}

word_t local_id(const struct actor *a)
{
    return MOCK_UTCB_BASE + (word_t)(a - book.actors) * UTCB_SIZE + UTCB_MR0_OFFSET;
}

int resolve(const struct actor *a, word_t id)
{
    for (int i = 0; i < ACTORS; i++) {
        const struct actor *b = &book.actors[i];
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
    return a->from_spec == LINE_ID ? THE_LINE : resolve(a, a->from_spec);
}

/* In whose name the message of s will seem to be. */
static int seems_from(const struct actor *s)
{
    int v = s->virtual_id ? resolve(s, s->virtual_id) : NOBODY, self = (int)(s - book.actors);
    if (v == NOBODY || v == self) {
        return self;
    }
    bool allowed = book.actors[v].space == s->space || book.actors[s->to].space == s->space;
    return allowed ? v : self;
}

static bool would_accept(const struct actor *r, const struct actor *s)
{
    int from = seems_from(s), wanted = waits_for(r);
    return wanted == ANYBODY || wanted == from || wanted == s - book.actors ||
           (wanted == ANY_LOCAL && book.actors[from].space == r->space);
}

/* ---- the bookkeeper ---- */

/* A virtual sender that waits for the real one waits for the receiver from now on. */
static void retarget(const struct actor *s, const struct actor *r)
{
    struct actor *v = &book.actors[seems_from(s)];
    if (v != s && tcb_waits(v->t) && waits_for(v) == s - book.actors) {
        v->retargeted = (int)(r - book.actors);
    }
}

/* t is in no IPC. */
static bool goes_on(const struct tcb *t)
{
    return t->state == THREAD_READY && !tcb_searches(t);
}

/* A message to a thread in a page fault has no bookkeeper at the other end: its going on is what it
 * brings. */
static bool settle_reply(struct actor *s)
{
    struct actor *r = s->fate == PENDING && s->to != NOBODY ? &book.actors[s->to] : NULL;
    if (!r || !r->t || !r->fault || !goes_on(r->t) || waits_for(r) == NOBODY || !would_accept(r, s)) {
        return false;
    }
    r->fault = false;
    s->fate = ARRIVED;
    book.arrivals++;
    retarget(s, r);
    return true;
}

static struct actor *sender_of(uint32_t serial)
{
    for (int i = 0; i < ACTORS; i++) {
        if (book.actors[i].t && book.actors[i].serial == serial && book.actors[i].fate != NO_MESSAGE) {
            return &book.actors[i];
        }
    }
    return NULL;
}

/* A reply to a page fault, in the name of r, has made r wait for the one that had the fault, and
 * has brought what that one's queue or name held for r, all in one event: the bookkeeper is told of
 * the reply only after that (settle_faults). */
static bool just_retargeted(const struct actor *r, const struct actor *s)
{
    for (int i = 0; i < ACTORS; i++) {
        const struct actor *reply = &book.actors[i];
        bool over = reply->t && reply->virtual_id && reply->to != NOBODY;
        if (over && reply->t->state != THREAD_SENDING && seems_from(reply) == r - book.actors &&
            (seems_from(s) == reply->to || s - book.actors == reply->to)) {
            return true;
        }
    }
    return false;
}

static void on_arrival(struct actor *r, word_t from, word_t tag)
{
    if (from == LINE_ID) {
        EXPECT(book.interrupts_pending == 1 && tag == 0xfff00000);
        EXPECT(waits_for(r) == THE_LINE || waits_for(r) == ANYBODY);
        book.interrupts_pending = 0;
        return;
    }
    struct actor *s = sender_of(r->t->utcb[1]);
    EXPECT(s && s->fate == PENDING && s->to == r - book.actors);
    if (!s || s->fate != PENDING) {
        return;
    }
    EXPECT(would_accept(r, s) || just_retargeted(r, s));
    for (int i = 0; i < ACTORS; i++) {
        const struct actor *o = &book.actors[i];
        bool earlier = o->stamp != 0 && (s->stamp == 0 || o->stamp < s->stamp);
        if (o != s && o->t && o->fate == PENDING && o->to == r - book.actors && earlier) {
            EXPECT(!would_accept(r, o)); /* FIFO among those it takes */
        }
    }
    const struct actor *v = &book.actors[seems_from(s)];
    EXPECT_EQ(from, v->space == r->space ? local_id(v) : id_of(v));
    EXPECT_EQ((tag & L4_TAG_PROPAGATED) != 0, v != s);
    if (v != s) {
        EXPECT_EQ(*tcb_tcr(r->t, UTCB_VIRTUAL_SENDER), id_of(s));
        book.propagated++;
    }
    EXPECT_EQ(tag & 0xffff0fff, s->tag & 0xffff0fff);
    for (word_t i = 2; !s->fault && i <= (tag & 0x3f); i++) {
        EXPECT_EQ(r->t->utcb[i], s->serial * 31 + i);
    }
    s->fate = tag & ERROR ? CUT : ARRIVED;
    book.arrivals++;
    retarget(s, r);
}

static void on_failure(struct actor *a, word_t code)
{
    word_t error = code >> 1;
    bool receiving = code & 1;
    if (receiving) {
        EXPECT(a->fate == ARRIVED || a->fate == NO_MESSAGE);
    } else if (error == L4_IpcMsgOverflow) {
        /* PENDING: the receiver was none to be told. */
        EXPECT(a->fate == CUT || a->fate == PENDING);
        a->fate = CUT;
        book.cuts++;
    } else {
        EXPECT(a->fate == PENDING || (a->fate == NO_MESSAGE && error == L4_IpcNonExisting));
        a->fate = a->fate == PENDING ? FAILED : a->fate;
    }
    switch (error) {
    case L4_IpcTimeout: {
        word_t time = receiving ? a->receive_time : a->send_time;
        EXPECT(time != NEVER);
        EXPECT(time == ZERO || a->last_state != THREAD_READY);
        book.timeouts++;
        break;
    }
    case L4_IpcNonExisting:
        EXPECT(book.aborting ||
               (receiving ? waits_for(a) == NOBODY || waits_for(a) == THE_LINE : a->to == NOBODY));
        break;
    case L4_IpcCanceled:
        EXPECT(book.aborting);
        break;
    default:
        EXPECT(error == L4_IpcMsgOverflow && !receiving);
        break;
    }
}

void book_ipc_return(struct tcb *t, word_t from, word_t tag)
{
    int i = index_of(t);
    if (i == NOBODY) {
        return;
    }
    struct actor *a = &book.actors[i];
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
    for (int kind = 0; kind < SENDER_KINDS; kind++) {
        const struct tcb *s = r->senders[kind];
        for (unsigned n = 0; s; n++) {
            EXPECT(s->state == THREAD_SENDING && s->partner == r && !s->queued);
            EXPECT((s->space == r->space) == (kind == SENDERS_LOCAL) || r->queue & QUEUE_MIXED);
            EXPECT(s->next->prev == s && s->prev->next == s);
            s = s->next == r->senders[kind] ? NULL : s->next;
            EXPECT_LE(n, ACTORS + 1);
        }
    }
    EXPECT_EQ(r->queue != 0, r->senders[SENDERS_LOCAL] || r->senders[SENDERS_FOREIGN]);
}

static bool in_queue(const struct tcb *s, const struct tcb *r)
{
    unsigned found = 0;
    for (int kind = 0; kind < SENDER_KINDS; kind++) {
        const struct tcb *q = r->senders[kind];
        while (q) {
            found += q == s;
            q = q->next == r->senders[kind] ? NULL : q->next;
        }
    }
    return found == 1;
}

static unsigned awaiting(const struct tcb *partner)
{
    unsigned n = book.root->state == THREAD_RECEIVING && book.root->from_spec == partner->global_id;
    for (int i = 0; i < ACTORS; i++) {
        const struct tcb *t = book.actors[i].t;
        n += t && t->state == THREAD_RECEIVING && t->from_spec == partner->global_id;
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
            a->stamp = ++book.last_stamp;
        }
    } else {
        int wanted = waits_for(a);
        EXPECT(a->fate == NO_MESSAGE || a->fate == ARRIVED);
        EXPECT(!t->partner);
        EXPECT(wanted >= 0 ? t->from_spec == book.actors[wanted].t->global_id
                           : wanted == THE_LINE || t->from_spec == L4_anythread.raw ||
                                 t->from_spec == L4_anylocalthread.raw);
        for (int i = 0; i < ACTORS; i++) {
            const struct actor *s = &book.actors[i];
            if (s->t && s->t->state == THREAD_SENDING && s->to == a - book.actors) {
                EXPECT(!would_accept(a, s)); /* it would be with it already */
            }
        }
    }
    if (a->last_state != t->state) {
        a->since = ticks;
    }
    check_time(a);
}

/* One reply may have been what made the next one's receiver wait for its sender. */
static void settle_replies(void)
{
    bool again = true;
    while (again) {
        again = false;
        for (int i = 0; i < ACTORS; i++) {
            struct actor *s = &book.actors[i];
            again |= s->t && s->t->state != THREAD_SENDING && settle_reply(s);
        }
    }
}

/* Whose IPC has ended without a word to the bookkeeper: those in page faults, and those who wrote
 * to them. */
static void settle_faults(void)
{
    settle_replies();
    for (int i = 0; i < ACTORS; i++) {
        struct actor *s = &book.actors[i];
        if (s->t && s->fate == PENDING && s->t->state != THREAD_SENDING) {
            const struct actor *r = s->to != NOBODY ? &book.actors[s->to] : NULL;
            bool arrived = r && r->t && r->fault && goes_on(r->t) && just_retargeted(r, s);
            EXPECT(arrived || (book.aborting && s->fault));
            s->fate = arrived ? ARRIVED : FAILED;
            book.arrivals += arrived;
        }
    }
    for (int i = 0; i < ACTORS; i++) {
        if (book.actors[i].t && goes_on(book.actors[i].t)) {
            book.actors[i].fault = false;
        }
    }
}

void book_check(void)
{
    settle_faults();
    for (int i = 0; i < ACTORS; i++) {
        struct actor *a = &book.actors[i];
        struct tcb *t = a->t;
        if (!t) {
            continue;
        }
        EXPECT(t->awaiter == AWAITED_BY_MANY || awaiting(t) <= (t->awaiter != 0));
        check_queue(t);
        EXPECT(!t->queued || tcb_searches(t) || (t->state == THREAD_READY && !t->halted));
        if (t->state == THREAD_READY) {
            EXPECT((!t->timer_armed || tcb_searches(t)) && !t->partner);
            EXPECT(t->halted || t == current || book.donated ||
                   (current && current->priority >= t->priority));
        } else {
            check_blocked(a);
        }
        a->last_state = t->state;
    }
    EXPECT_EQ(thread_check(), 0);
    EXPECT_EQ(schedule_check(), 0);
}
