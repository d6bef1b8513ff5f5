// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Propagated messages in queues: what others do makes them fit, and they are taken at once. */
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "mock.h"

enum { FIRST = USER_BASE_NO + 10, PROPAGATED = L4_TAG_PROPAGATED, THREADS = 7 };

static struct tcb *root, *v, *p, *r, *x, *z, *y, *w;

static word_t id(const struct tcb *t)
{
    return t->global_id;
}

/* Started, in the space of mate or (NULL) in one of its own. */
static struct tcb *make(const struct tcb *mate)
{
    static word_t count;
    word_t number = FIRST + count % THREADS, new = number << L4_VERSION_BITS | 1;
    vaddr_t utcb = MOCK_UTCB_BASE + count++ % THREADS * UTCB_SIZE;
    EXPECT_EQ(control_whole(root, new, mate ? id(mate) : new, id(root), 0, ~0u), 0);
    struct tcb *t = thread_find(new);
    (void)space_set_areas(t->space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS),
                          L4_FpageLog2(MOCK_UTCB_BASE, PAGE_BITS));
    EXPECT_EQ(control_whole(root, new, new, 0, id(root), utcb), 0);
    struct exchange start = {.control = L4_EXREGS_START};
    (void)exchange_registers(root, new, &start);
    return t;
}

/* v and p in one space; r, x and z in another; y and w in a third. */
static void begin(const char *name)
{
    ktap_begin(name);
    v = make(NULL);
    p = make(v);
    r = make(NULL);
    x = make(r);
    z = make(r);
    y = make(NULL);
    w = make(y);
}

static void end(void)
{
    struct tcb *all[THREADS] = {v, p, r, x, z, y, w};
    EXPECT_EQ(ipc_queued_propagations, 0);
    for (unsigned i = 0; i < THREADS; i++) {
        if (thread_find(FIRST + i) || all[i]) {
            (void)control_whole(root, (word_t)(FIRST + i) << L4_VERSION_BITS | 1, 0, 0, 0, ~0u);
        }
    }
    (void)ktap_end();
}

static void ipc(struct tcb *t, struct tcb *to, struct tcb *name, word_t from)
{
    if (name) {
        *tcb_tcr(t, UTCB_VIRTUAL_SENDER) = id(name);
    }
    schedule_remove(t); /* READY, but not current: as if it were */
    ipc_system_call(t, to ? id(to) : 0, from, 0, name ? PROPAGATED : 0);
    search_whole();
}

static void receive(struct tcb *t, word_t from)
{
    ipc(t, NULL, NULL, from);
}

static bool blocked(const struct tcb *t, enum thread_state state)
{
    return t->state == state;
}

/* v waits for p; x has something for it in the name of r; r waits for anybody. */
static void queue_at_v(void)
{
    receive(v, id(p));
    ipc(x, v, r, 0);
    EXPECT(blocked(x, THREAD_SENDING) && blocked(v, THREAD_RECEIVING));
    EXPECT_EQ(ipc_queued_propagations, 1);
    receive(r, L4_anythread.raw);
}

static void test_retarget(void)
{
    begin("who waits for another because of propagation takes what that one's name has queued");
    queue_at_v();
    ipc(p, r, v, 0);
    EXPECT(blocked(r, THREAD_READY) && blocked(x, THREAD_READY));
    EXPECT(blocked(v, THREAD_READY) && !v->partner);
    EXPECT_EQ(v->utcb[UTCB_VIRTUAL_SENDER], id(x));
    end();
}

static void test_retarget_plain(void)
{
    begin("the plain path leaves that to the general one");
    queue_at_v();
    struct tcb *before = current;
    current = p;
    *tcb_tcr(p, UTCB_VIRTUAL_SENDER) = id(v);
    schedule_set_priority(r, 255);
    EXPECT(!ipc_plain(p, id(r), L4_anythread.raw, PROPAGATED));
    current = before;
    ipc(p, r, v, L4_anythread.raw);
    EXPECT(blocked(v, THREAD_READY) && blocked(p, THREAD_RECEIVING));
    end();
}

static void test_chain(void)
{
    begin("and so on, from one receiver to the next");
    receive(w, id(y));
    ipc(z, w, x, 0); /* for w, in the name of x */
    receive(v, id(p));
    ipc(x, v, r, id(w)); /* and then x waits for w */
    ipc(y, x, w, 0);     /* which has written, by y */
    receive(r, L4_anythread.raw);
    EXPECT(blocked(z, THREAD_SENDING) && blocked(x, THREAD_SENDING) && blocked(y, THREAD_SENDING));
    EXPECT_EQ(ipc_queued_propagations, 3);
    ipc(p, r, v, 0);
    struct tcb *all[] = {v, p, r, x, z, y, w};
    for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
        EXPECT(blocked(all[i], THREAD_READY));
    }
    EXPECT_EQ(w->utcb[UTCB_VIRTUAL_SENDER], id(z));
    end();
}

static void test_death(void)
{
    begin("when the thread in whose name it is has gone, it is the real sender's");
    receive(r, L4_anylocalthread.raw);
    ipc(x, r, v, 0); /* v is of another space */
    EXPECT(blocked(r, THREAD_RECEIVING) && blocked(x, THREAD_SENDING));
    EXPECT_EQ(control_whole(root, id(v), 0, 0, 0, ~0u), 0);
    v = NULL;
    EXPECT(blocked(r, THREAD_READY) && blocked(x, THREAD_READY));
    EXPECT_EQ(r->utcb[0] & PROPAGATED, 0);
    end();
}

static void test_new_id(void)
{
    begin("so it is when that thread gets another id");
    receive(r, L4_anylocalthread.raw);
    ipc(x, r, v, 0);
    EXPECT(blocked(r, THREAD_RECEIVING) && blocked(x, THREAD_SENDING));
    word_t old = id(v);
    EXPECT_EQ(control_whole(root, old + 1, old, 0, 0, ~0u), 0);
    EXPECT(blocked(r, THREAD_READY) && blocked(x, THREAD_READY));
    end();
}

static void test_redirector(void)
{
    begin("a redirector may write in the name of those that it redirects, as soon as it is one");
    receive(v, id(w));
    ipc(x, v, w, 0); /* w is of another space */
    EXPECT(blocked(v, THREAD_RECEIVING) && blocked(x, THREAD_SENDING));
    space_set_redirector(w->space, (L4_ThreadId_t){id(x)});
    reap_whole();
    search_whole();
    EXPECT(blocked(v, THREAD_READY) && blocked(x, THREAD_READY));
    EXPECT_EQ(v->utcb[0] & PROPAGATED, PROPAGATED);
    end();
}

static void test_moved(void)
{
    begin("who comes to the space of a receiver that waits for local threads is one");
    receive(v, L4_anylocalthread.raw);
    ipc(x, v, NULL, 0);
    EXPECT(blocked(v, THREAD_RECEIVING) && blocked(x, THREAD_SENDING));
    EXPECT_EQ(control_whole(root, id(x), id(v), 0, 0, ~0u), 0);
    EXPECT(blocked(v, THREAD_READY) && blocked(x, THREAD_READY));
    end();
}

static void look_again(void)
{
    word_t next = 0;
    do {
        work_begin();
    } while (!ipc_look_again_step(&next));
}

static void test_search_found(void)
{
    begin("a reply without patience finds who looks through its queue");
    receive(v, id(p));
    ipc(x, v, r, 0);
    look_again();
    EXPECT(tcb_searches(v) && !tcb_searches(r));
    schedule_remove(p);
    ipc_system_call(p, id(v), 0, (word_t)L4_ZeroTime.raw << 16, 0);
    EXPECT_EQ(p->utcb[0] & L4_TAG_ERROR, 0);
    EXPECT(blocked(v, THREAD_READY) && !tcb_searches(v) && blocked(x, THREAD_SENDING));
    receive(v, L4_anythread.raw);
    end();
}

static void test_search_aborted(void)
{
    begin("who looks through its queue can be aborted, and its time runs on");
    schedule_remove(v);
    ipc_system_call(v, 0, id(p), L4_TimePeriod(100 * TICK_US).raw, 0);
    ipc(x, v, r, 0);
    look_again();
    EXPECT(tcb_searches(v) && v->timer_armed);
    ticks_t deadline = v->deadline;
    search_whole();
    EXPECT(blocked(v, THREAD_RECEIVING) && v->timer_armed && v->deadline == deadline);
    look_again();
    ipc_abort(v, L4_IpcCanceled);
    EXPECT(blocked(v, THREAD_READY) && !tcb_searches(v) && !v->timer_armed);
    EXPECT_EQ(*tcb_tcr(v, UTCB_ERROR_CODE), L4_IpcCanceled << 1 | 1);
    receive(v, L4_anythread.raw);
    end();
}

static void test_search_left(void)
{
    begin("a search goes on whoever leaves the queue");
    receive(v, id(p));
    ipc(x, v, r, 0);
    ipc(y, v, w, 0);
    look_again();
    EXPECT(v->search.next[SENDERS_FOREIGN] == x);
    ipc_abort(x, L4_IpcCanceled);
    EXPECT(v->search.next[SENDERS_FOREIGN] == y);
    ipc_abort(y, L4_IpcCanceled);
    EXPECT(!v->search.next[SENDERS_FOREIGN] && !v->queue);
    schedule_remove(z);
    *tcb_tcr(z, UTCB_VIRTUAL_SENDER) = id(x);
    ipc_system_call(z, id(v), 0, 0, PROPAGATED);
    EXPECT(v->search.next[SENDERS_FOREIGN] == z);
    look_again();
    search_whole();
    EXPECT(blocked(v, THREAD_RECEIVING) && blocked(z, THREAD_SENDING));
    ipc_abort(v, L4_IpcCanceled);
    receive(v, L4_anythread.raw);
    end();
}

/* v takes the next of its queue, which must be s. */
static void expect_next(struct tcb *s, word_t from)
{
    EXPECT(blocked(s, THREAD_SENDING));
    receive(v, from);
    EXPECT(blocked(v, THREAD_READY) && blocked(s, THREAD_READY));
}

static void test_order(void)
{
    begin("senders of its own space and others are one queue, but for who waits for the first alone");
    ipc(x, v, NULL, 0);
    ipc(p, v, NULL, 0);
    ipc(y, v, NULL, 0);
    expect_next(p, L4_anylocalthread.raw);
    ipc(p, v, NULL, 0);
    expect_next(x, L4_anythread.raw);
    expect_next(y, L4_anythread.raw);
    expect_next(p, L4_anythread.raw);
    end();
}

static void test_order_moved(void)
{
    begin("their order stays when one of them, or the receiver, goes to another space");
    ipc(x, v, NULL, 0);
    ipc(p, v, NULL, 0);
    ipc(y, v, NULL, 0);
    ipc(z, v, NULL, 0);
    EXPECT_EQ(control_whole(root, id(y), id(v), 0, 0, ~0u), 0);
    EXPECT_EQ(ipc_check(), 0);
    expect_next(p, L4_anylocalthread.raw);
    ipc(p, v, NULL, 0);
    EXPECT_EQ(control_whole(root, id(v), id(x), 0, 0, ~0u), 0);
    EXPECT_EQ(ipc_check(), 0);
    expect_next(x, L4_anythread.raw);
    expect_next(y, L4_anythread.raw);
    expect_next(z, L4_anylocalthread.raw);
    expect_next(p, L4_anythread.raw);
    end();
}

static void test_sigma0_stays(void)
{
    ktap_begin("the first thread of sigma0 is not deleted, nor does it move");
    word_t sigma0 = sigma0_space->threads->global_id;
    EXPECT_EQ(control_whole(root, sigma0, 0, 0, 0, ~0u), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(root, sigma0, id(root), 0, 0, ~0u), L4_ErrInvalidThread);
    EXPECT_EQ(thread_find(sigma0)->space, sigma0_space);
    (void)ktap_end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    mock_quiet = true;
    ktap_start(mock_write, 13);
    test_retarget();
    test_retarget_plain();
    test_chain();
    test_death();
    test_new_id();
    test_redirector();
    test_moved();
    test_search_found();
    test_search_aborted();
    test_search_left();
    test_order();
    test_order_moved();
    test_sigma0_stays();
    return ktap_finish();
}
