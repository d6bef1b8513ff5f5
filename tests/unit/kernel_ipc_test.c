// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/*.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Random system calls of eight threads in three spaces, run as the kernel runs them:
 * schedule_exit() says whose turn it is, and only that thread makes calls.  Time-outs, faults and
 * interrupts happen in between.  The root thread wakes up every few ticks and deletes, creates,
 * renames, halts, aborts and strips spaces, whose threads fault then before anything else.
 * ipc_book.h says what is checked. */
#include "ipc_book.h"
#include "ktap/ktap.h"
#include "l4/kernel_memory.h"
#include "l4/space_control.h"
#include "l4/syscalls.h"

enum { ROUNDS = 100000 };

static const struct tcb *donee; /* with book.donated: who runs in the place of another */
static uint32_t last_serial;
static int handler; /* of the interrupt line */
static unsigned plain_cases, strips;

/* ---- what an actor does ---- */

static word_t random_id(const struct actor *a)
{
    const struct actor *b = &book.actors[mock_random(ACTORS)];
    /* Rather one that listens. */
    for (int i = 0; i < 3 && (!b->t || b->t->state != THREAD_RECEIVING); i++) {
        b = &book.actors[mock_random(ACTORS)];
    }
    if (b->space == a->space && mock_random(2)) {
        return local_id(b);
    }
    return id_of(b) + (mock_random(40) == 0); /* now and then a version that never was */
}

static word_t random_time(void)
{
    switch (mock_random(7)) {
    case 0:
        return ZERO;
    case 1:
    case 2:
        return NEVER;
    case 3:
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
    /* A nil fpage: nothing is mapped, but the receiver must accept it. */
    if (mock_random(10) == 0) {
        mr[u + 1] = L4_ITEM_MAP;
        mr[u + 2] = 0;
        tag |= 2 << 6;
    }
    return tag;
}

static struct tcb *plain(struct actor *a, word_t to, word_t from, word_t time)
{
    return time ? ipc_plain_timed(a->t, to, from, time, a->tag) : ipc_plain(a->t, to, from, a->tag);
}

static void do_ipc(struct actor *a)
{
    word_t to = mock_random(4) ? random_id(a) : 0, from = 0;
    static const word_t open[] = {~0u, ~0u, ~0u, ~0u, ~0x3fu, LINE_ID};
    begin_call(a);
    if (a->t->queue && mock_random(2)) {
        to = 0;
        from = ~0u;
    }
    if (to && mock_random(20) == 0) {
        to = LINE_ID;
    }
    if (!from && mock_random(4)) {
        from = mock_random(3) == 0 ? to : mock_random(3) ? open[mock_random(6)] : random_id(a);
    }
    a->from_spec = from;
    a->send_time = random_time();
    a->receive_time = random_time();
    *tcb_tcr(a->t, UTCB_BR0) = mock_random(2) ? 0x10 : 0;
    if (to && to != LINE_ID) {
        begin_message(a, resolve(a, to));
    }
    a->tag = to && to != LINE_ID ? message_tag(a) : 0;
    word_t timeouts = a->send_time << 16 | a->receive_time;
    if (mock_random(2) || !plain(a, to, from, a->receive_time)) {
        ipc_system_call(a->t, to, from, timeouts, a->tag);
    } else {
        plain_cases++;
    }
}

static void do_fault(struct actor *a)
{
    int pager = (int)mock_random(ACTORS);
    begin_call(a);
    *tcb_tcr(a->t, UTCB_PAGER) = id_of(&book.actors[pager]);
    a->from_spec = id_of(&book.actors[pager]);
    if (book.actors[pager].t && &book.actors[pager] != a) {
        begin_message(a, pager);
        a->fault = true;
        a->send_time = a->receive_time = NEVER;
        a->tag = 0xffe20002;
    }
    /* Looked at now: afterwards the answer may be there already, a queued message in the pager's
     * name. */
    bool asks = a->fault;
    word_t address = asks ? a->serial : 0;
    if (mock_random(2) || !ipc_plain_fault(a->t, address, L4_Writable)) {
        fault_page(a->t, address, L4_Writable);
    } else {
        plain_cases++;
    }
    EXPECT_EQ(a->t->halted, !asks); /* nobody to ask: it stops */
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
    struct actor *b = &book.actors[i];
    struct exchange x = {.control = what[mock_random(sizeof what / sizeof what[0])], .sp = 1, .ip = 2};
    book.aborting = true;
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
        const struct actor *b = &book.actors[mock_random(ACTORS)];
        schedule_yield(mock_random(2) ? b->t : NULL);
        book.donated = true;
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

/* An actor in a stripped space cannot make a call: its pager is asked for its next instruction, or
 * the kernel gives it the KIP.  false: it waits. */
static bool can_run(struct actor *a)
{
    if (!a->t->space->stripped) {
        return true;
    }
    if (mock_random(2)) {
        do_fault(a);
        return false;
    }
    fault_page(a->t, MOCK_KIP_BASE, L4_ReadeXecOnly);
    EXPECT(!a->t->space->stripped && a->t->state == THREAD_READY);
    return true;
}

/* ---- what book.root does ---- */

static bool all_wait(const struct space *space)
{
    const struct tcb *t = space->threads;
    while (t && (t->state != THREAD_READY || (t->halted && !t->continuing))) {
        t = t->space_next;
    }
    return !t;
}

static void strip(struct actor *a)
{
    struct space_call c = {.space = id_of(a), .control = KERNEL_STRIP};
    bool was = a->t->space->stripped, can = all_wait(a->t->space);
    EXPECT_EQ(space_control_whole(book.root, &c), was || can ? 0 : L4_ErrInvalidParam);
    EXPECT_EQ(a->t->space->stripped, was || can);
    strips += !was && can;
}

static void create(struct actor *a)
{
    const struct actor *mate = NULL;
    for (int i = 0; i < ACTORS; i++) {
        if (book.actors[i].t && book.actors[i].space == a->space) {
            mate = &book.actors[i];
        }
    }
    a->version = a->version % 60 + 1;
    word_t id = id_of(a), utcb = local_id(a) - UTCB_MR0_OFFSET, me = book.root->global_id;
    EXPECT_EQ(control_whole(book.root, id, mate ? id_of(mate) : id, me, 0, ~0u), 0);
    struct tcb *t = thread_find(id);
    EXPECT(t && t->state == THREAD_INACTIVE);
    if (!mate) {
        EXPECT_EQ(space_set_areas(t->space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS),
                                  L4_FpageLog2(MOCK_UTCB_BASE, PAGE_BITS)),
                  0);
    }
    EXPECT_EQ(control_whole(book.root, id, id, 0, me, utcb), 0);
    EXPECT_EQ(t->state, THREAD_RECEIVING);
    struct exchange start = {.control = L4_EXREGS_START};
    EXPECT_EQ(exchange_registers(book.root, id, &start), t->local_id);
    schedule_set_priority(t, (uint8_t)(50 + mock_random(3) * 50));
    a->t = t;
    begin_call(a);
    a->last_state = THREAD_READY;
}

static void remove_actor(struct actor *a)
{
    book.aborting = true;
    a->t = NULL; /* what others are told on the way is of a thread that is no more */
    EXPECT_EQ(control_whole(book.root, id_of(a), 0, 0, 0, ~0u), 0);
    if (handler == a - book.actors) {
        handler = NOBODY;
        book.interrupts_pending = 0;
    }
}

static void rename_actor(struct actor *a)
{
    word_t old = id_of(a);
    book.aborting = true;
    a->version = a->version % 60 + 1;
    EXPECT_EQ(control_whole(book.root, id_of(a), old, 0, 0, ~0u), 0);
}

static void take_line(int i)
{
    word_t pager = i == NOBODY ? LINE_ID : id_of(&book.actors[i]);
    book.aborting = true;
    EXPECT_EQ(control_whole(book.root, LINE_ID, LINE_ID, 0, pager, ~0u), 0);
    handler = i;
    book.interrupts_pending = 0;
}

static void root_works(void)
{
    int i = (int)mock_random(ACTORS);
    struct actor *a = &book.actors[i];
    unsigned what = mock_random(12);
    if (!a->t) {
        create(a);
    } else if (what == 0) {
        remove_actor(a);
    } else if (what == 1) {
        rename_actor(a);
    } else if (what == 2) {
        book.aborting = true;
        ipc_abort(a->t, L4_IpcCanceled);
    } else if (what == 3) {
        thread_set_halted(a->t, !a->t->halted);
    } else if (what == 4) {
        take_line(mock_random(4) ? i : NOBODY);
    } else if (what == 5) {
        word_t old, error;
        const struct schedule_call c = {50 + mock_random(3) * 50, ~0u, ~0u, ~0u};
        (void)schedule_control(book.root, id_of(a), &c, &old, &error);
        EXPECT(error == 0 && a->t->priority == c.priority);
    } else if (what == 6) {
        strip(a);
    } else if (what < 9) {
        for (int k = 0; k < ACTORS; k++) { /* let those go that nobody else would */
            if (book.actors[k].t && book.actors[k].t->halted) {
                thread_set_halted(book.actors[k].t, false);
            }
        }
    }
    ipc_system_call(book.root, 0, book.root->global_id, 1 + mock_random(0x3ff), 0);
}

/* ---- kernel entries ---- */

static void enter(void)
{
    int i = index_of(current);
    unsigned what = mock_random(10);
    book.aborting = false;
    book.donated = book.donated && current == donee;
    if (!current || what == 0) {
        mock_clock_us += TICK_US;
        schedule_tick();
        timer_tick(ipc_timeout);
    } else if (what == 1 && mock_line_enabled[LINE]) {
        mock_line_enabled[LINE] = false; /* as the interrupt entry does */
        book.interrupts_pending = 1;
        interrupt_occurred(LINE);
    } else if (current == book.root) {
        root_works();
    } else if (i != NOBODY) {
        if (can_run(&book.actors[i])) {
            do_something(&book.actors[i]);
        }
    } else { /* sigma0 */
        ipc_system_call(current, 0, ~0u, 0, 0);
    }
    (void)schedule_exit();
    donee = current;
}

static bool test_random(uint32_t seed)
{
    ktap_begin("random system calls");
    mock_seed = seed;
    plain_cases = strips = 0;
    book.arrivals = book.cuts = book.propagated = book.timeouts = 0;
    for (int i = 0; i < ACTORS; i++) {
        book.actors[i] = (struct actor){.space = i % SPACES, .retargeted = NOBODY};
        create(&book.actors[i]);
    }
    for (unsigned round = 0; round < ROUNDS && !ktap_failing(); round++) {
        enter();
        book_check();
        if (round % 256 == 0) {
            EXPECT_EQ(mapping_db_check(), 0);
            EXPECT(kmem_check());
        }
        if (ktap_failing()) {
            ktap_diagnostic("round %u", round);
        }
    }
    ktap_diagnostic("seed %u: %u messages, %u plain, %u propagated, %u cut, %u time-outs, %u strips",
                    (unsigned)seed, book.arrivals, plain_cases, book.propagated, book.cuts, book.timeouts,
                    strips);
    if (!ktap_failing()) {
        EXPECT(book.arrivals > ROUNDS / 20 && book.cuts > 50 && book.propagated > 50 && plain_cases > 50 &&
               book.timeouts > 500 && strips > 50);
        while (current != book.root) {
            enter();
            book_check();
        }
        take_line(NOBODY);
        for (int i = 0; i < ACTORS; i++) {
            if (book.actors[i].t) {
                remove_actor(&book.actors[i]);
            }
        }
        EXPECT_EQ(thread_count(), 2);
    }
    return ktap_end();
}

/* Also if it has a pager that waits.  The kernel answers them itself. */
static void test_sigma0(void)
{
    ktap_begin("a page fault of sigma0 is no message");
    struct tcb *s = sigma0_space->threads;
    *tcb_tcr(s, UTCB_PAGER) = book.root->global_id;
    ipc_system_call(book.root, 0, ~0u, 0, 0);
    ipc_abort(s, L4_IpcCanceled);
    EXPECT(schedule_exit() == s);
    EXPECT(!ipc_plain_fault(s, 0x1000, L4_Writable));
    EXPECT_EQ(s->state, THREAD_READY);
    EXPECT_EQ(book.root->state, THREAD_RECEIVING);
    (void)ktap_end();
}

int main(void)
{
    static const uint32_t seeds[] = {1, 42, 0x2545f491, 31337, 20260728};
    enum { SEEDS = sizeof seeds / sizeof seeds[0] };
    mock_init(MOCK_POOL_PAGES);
    book.root = mock_boot();
    mock_on_ipc_return = book_ipc_return;
    mock_quiet = true;
    handler = NOBODY;
    ktap_start(mock_write, SEEDS + 2);
    size_t pages = 0;
    for (unsigned i = 0; i < SEEDS; i++) {
        if (!test_random(seeds[i])) {
            return 1; /* what follows would only be consequences */
        }
        /* The first one leaves a leaf of the thread table. */
        pages = i == 0 ? kmem_pages_free() : pages;
    }
    (void)ktap_ok(kmem_pages_free() == pages && mapping_count() == 0 && kmem_check(),
                  "all kernel memory is back");
    test_sigma0();
    return ktap_finish();
}
