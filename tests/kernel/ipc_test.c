/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC and the kernel's own messages, driven by calling the system call for several threads in
 * turn. */
#include "ktest.h"

#include "ia32/entry.h"
#include "l4/kernel_memory.h"
#include "l4/memory_control.h"

enum { NEVER = 0, ERROR = L4_TAG_ERROR, ZERO_SEND = 0x0400 << 16, ZERO_RECEIVE = 0x0400 };

static word_t tag_of(word_t label, word_t u, word_t t)
{
    return label << 16 | t << 6 | u;
}

static void send(struct tcb *from, const struct tcb *to, word_t timeouts, word_t tag)
{
    ktest_ipc(from, to->global_id, 0, timeouts, tag);
}

static void receive(struct tcb *t, const struct tcb *from, word_t timeouts)
{
    ktest_ipc(t, 0, from ? from->global_id : ~0u, timeouts, 0);
}

static word_t error_of(struct tcb *t)
{
    return *tcb_tcr(t, UTCB_ERROR_CODE);
}

void test_ipc_words(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61), *c = ktest_thread_in(a, 62, 1);
    REQUIRE(a && b && c);
    for (word_t u = 0; u <= 63; u++) {
        for (word_t i = 1; i < 64; i++) {
            a->utcb[i] = u * 1000 + i;
            b->utcb[i] = 0x77777777;
        }
        receive(b, NULL, NEVER);
        EXPECT_EQ(b->state, THREAD_RECEIVING);
        send(a, b, NEVER, tag_of(7, u, 0));
        EXPECT_EQ(b->state, THREAD_READY);
        EXPECT_EQ(b->regs.eax, a->global_id);
        EXPECT_EQ(b->regs.esi, tag_of(7, u, 0));
        EXPECT_EQ(b->utcb[0], tag_of(7, u, 0));
        EXPECT_EQ(b->regs.edi, b->local_id);
        for (word_t i = 1; i < 64; i++) {
            EXPECT_EQ(b->utcb[i], i <= u ? u * 1000 + i : 0x77777777);
        }
        EXPECT_EQ(b->regs.ebx, b->utcb[1]);
        EXPECT_EQ(b->regs.ebp, b->utcb[2]);
        EXPECT_EQ(a->regs.eax, 0);
        EXPECT_EQ(a->regs.esi, tag_of(7, u, 0));
    }
    receive(c, a, NEVER); /* within one space the sender is named by its local id */
    send(a, c, NEVER, tag_of(1, 0, 0));
    EXPECT_EQ(c->regs.eax, a->local_id);
    receive(b, NULL, NEVER); /* u + t > 63: refused to both */
    send(a, b, NEVER, tag_of(1, 40, 30));
    EXPECT_EQ(error_of(a), L4_IpcMsgOverflow << 1);
    EXPECT_EQ(error_of(b), L4_IpcMsgOverflow << 1 | 1);
    ktest_delete(c);
    ktest_delete(a);
    ktest_delete(b);
}

void test_ipc_fifo(void)
{
    enum { SENDERS = 5 };
    struct tcb *r = ktest_thread(60), *s[SENDERS];
    REQUIRE(r != NULL);
    for (word_t i = 0; i < SENDERS; i++) {
        s[i] = ktest_thread(61 + i);
        REQUIRE(s[i] != NULL);
        schedule_set_priority(s[i], (uint8_t)(100 + i)); /* the queue does not care */
        send(s[i], r, NEVER, tag_of(i, 0, 0));
        EXPECT_EQ(s[i]->state, THREAD_SENDING);
    }
    receive(r, s[2], NEVER); /* closed: out of turn */
    EXPECT_EQ(r->regs.eax, s[2]->global_id);
    for (word_t i = 0; i < SENDERS; i++) {
        if (i != 2) {
            receive(r, NULL, NEVER);
            EXPECT_EQ(r->regs.eax, s[i]->global_id);
            EXPECT_EQ(s[i]->state, THREAD_READY);
        }
    }
    /* a call is atomic: whoever takes it can reply with zero time-out at once */
    ktest_ipc(s[0], r->global_id, r->global_id, NEVER, tag_of(3, 0, 0));
    receive(r, NULL, NEVER);
    EXPECT_EQ(s[0]->state, THREAD_RECEIVING);
    send(r, s[0], ZERO_SEND, tag_of(4, 0, 0));
    EXPECT_EQ(s[0]->regs.esi, tag_of(4, 0, 0));
    EXPECT_EQ(r->regs.esi & ERROR, 0);
    ktest_delete(r);
    for (word_t i = 0; i < SENDERS; i++) {
        ktest_delete(s[i]);
    }
}

void test_ipc_timeouts(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    word_t ms = L4_TimePeriod(1000).raw;
    REQUIRE(a && b);
    send(a, b, ZERO_SEND, 0);
    EXPECT_EQ(a->regs.esi, ERROR);
    EXPECT_EQ(error_of(a), 2);
    receive(a, b, ZERO_RECEIVE);
    EXPECT_EQ(a->regs.esi, ERROR);
    EXPECT_EQ(error_of(a), 3);
    send(a, b, ms << 16, tag_of(1, 0, 0));
    EXPECT_EQ(a->state, THREAD_SENDING);
    timer_tick(ipc_timeout);
    timer_tick(ipc_timeout);
    EXPECT_EQ(a->state, THREAD_READY);
    EXPECT_EQ(error_of(a), 2);
    EXPECT(b->queue == 0);
    receive(a, a, ms); /* sleep */
    EXPECT_EQ(a->state, THREAD_RECEIVING);
    timer_tick(ipc_timeout);
    timer_tick(ipc_timeout);
    EXPECT_EQ(error_of(a), 3);
    /* a failed send phase: no receive phase */
    ktest_ipc(a, b->global_id, b->global_id, ZERO_SEND, 0);
    EXPECT_EQ(a->state, THREAD_READY);
    EXPECT_EQ(error_of(a), 2);
    /* nothing to do at all */
    ktest_ipc(a, 0, 0, NEVER, 0x50000);
    EXPECT_EQ(a->regs.eax, 0);
    EXPECT_EQ(a->regs.esi, 0x50000);
    ktest_delete(a);
    ktest_delete(b);
}

void test_ipc_errors(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61), *c = ktest_thread(62);
    REQUIRE(a && b && c);
    ktest_ipc(a, ktest_id(99, 1), 0, NEVER, 0);
    EXPECT_EQ(error_of(a), 4);
    ktest_ipc(a, ktest_id(61, 2), 0, NEVER, 0); /* wrong version */
    EXPECT_EQ(error_of(a), 4);
    ktest_ipc(a, b->local_id + 64, 0, NEVER, 0); /* no UTCB there */
    EXPECT_EQ(error_of(a), 4);
    ktest_ipc(a, 0, ktest_id(99, 1), NEVER, 0);
    EXPECT_EQ(error_of(a), 5);
    ktest_ipc(a, ktest_id(5, 1), 0, NEVER, 0); /* a line nobody handles: nothing to acknowledge */
    EXPECT_EQ(error_of(a), 4);
    /* a partner that disappears wakes who sends to it and who waits for it */
    send(a, c, NEVER, 0);
    receive(b, c, NEVER);
    ktest_delete(c);
    EXPECT_EQ(a->state, THREAD_READY);
    EXPECT_EQ(error_of(a), 4);
    EXPECT_EQ(b->state, THREAD_READY);
    EXPECT_EQ(error_of(b), 5);
    /* a thread whose pager disappears before it has started it does not run */
    struct tcb *pager = ktest_thread(62);
    REQUIRE(pager != NULL);
    schedule_remove(b);
    b->state = THREAD_INACTIVE; /* as a thread that has just been made */
    ipc_await_start(b, pager->global_id);
    ktest_delete(pager);
    EXPECT(b->state == THREAD_READY && b->halted && !b->queued);
    ktest_delete(a);
    ktest_delete(b);
}

void test_ipc_propagation(void)
{
    struct tcb *thread = ktest_thread(60), *pager = ktest_thread_in(thread, 61, 1),
               *server = ktest_thread(62), *other = ktest_thread(63);
    REQUIRE(thread && pager && server && other);
    receive(thread, pager, NEVER); /* as a faulting thread waits for its pager's reply */
    receive(server, NULL, NEVER);
    *tcb_tcr(pager, UTCB_VIRTUAL_SENDER) = thread->global_id;
    pager->utcb[1] = 42;
    send(pager, server, NEVER, tag_of(8, 1, 0) | L4_TAG_PROPAGATED);
    EXPECT_EQ(server->regs.eax, thread->global_id);
    EXPECT_EQ(server->regs.esi, tag_of(8, 1, 0) | L4_TAG_PROPAGATED);
    EXPECT_EQ(*tcb_tcr(server, UTCB_VIRTUAL_SENDER), pager->global_id);
    send(server, thread, ZERO_SEND, tag_of(9, 0, 0)); /* the thread waits for the server now */
    EXPECT_EQ(thread->regs.esi, tag_of(9, 0, 0));
    EXPECT_EQ(thread->from_spec, server->global_id);
    /* queued: the same */
    receive(thread, pager, NEVER);
    *tcb_tcr(pager, UTCB_VIRTUAL_SENDER) = thread->local_id;
    send(pager, server, NEVER, tag_of(8, 0, 0) | L4_TAG_PROPAGATED);
    receive(server, NULL, NEVER);
    EXPECT_EQ(server->regs.eax, thread->global_id);
    send(server, thread, ZERO_SEND, 0);
    EXPECT_EQ(server->regs.esi & ERROR, 0);
    /* in the name of a thread of another space: an ordinary send */
    *tcb_tcr(other, UTCB_VIRTUAL_SENDER) = thread->global_id;
    receive(server, NULL, NEVER);
    send(other, server, NEVER, L4_TAG_PROPAGATED);
    EXPECT_EQ(server->regs.eax, other->global_id);
    EXPECT_EQ(server->regs.esi, 0);
    /* the virtual sender dies while the message is queued: it arrives without flag P */
    *tcb_tcr(pager, UTCB_VIRTUAL_SENDER) = thread->global_id;
    send(pager, server, NEVER, tag_of(8, 0, 0) | L4_TAG_PROPAGATED);
    ktest_delete(thread);
    receive(server, NULL, NEVER);
    EXPECT_EQ(server->regs.eax, pager->global_id);
    EXPECT_EQ(server->regs.esi, tag_of(8, 0, 0));
    ktest_delete(pager);
    ktest_delete(server);
    ktest_delete(other);
}

static bool present(const struct tcb *t, vaddr_t address)
{
    const pte_t *pte = arch_pte_find(t->space, address);
    return pte && arch_pte_present(*pte);
}

void test_ipc_map(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61);
    REQUIRE(a && b);
    (void)map_page_whole(sigma0_space, KTEST_FRAME, a->space, 0x5000, L4_FullyAccessible, false);
    a->utcb[1] = 99;
    a->utcb[2] = 0x9000 | L4_ITEM_MAP;
    a->utcb[3] = 0x5000 | 0xc0 | L4_FullyAccessible;
    receive(b, NULL, NEVER); /* accepts nothing */
    send(a, b, NEVER, tag_of(1, 1, 2));
    EXPECT_EQ(error_of(a), L4_IpcMsgOverflow << 1);
    EXPECT_EQ(b->regs.esi, tag_of(1, 1, 2) | ERROR);
    EXPECT_EQ(b->utcb[1], 99); /* untyped words arrive all the same */
    EXPECT(!present(b, 0x9000));
    *tcb_tcr(b, UTCB_BR0) = 0x10;
    receive(b, NULL, NEVER);
    send(a, b, NEVER, tag_of(1, 1, 2));
    EXPECT_EQ(b->regs.esi, tag_of(1, 1, 2));
    EXPECT(present(b, 0x9000));
    EXPECT_EQ(b->utcb[3], a->utcb[3]);
    a->utcb[2] = 0xa000 | L4_ITEM_GRANT;
    receive(b, NULL, NEVER);
    send(a, b, NEVER, tag_of(1, 1, 2));
    EXPECT(present(b, 0xa000) && !present(a, 0x5000));
    a->utcb[2] = 0x1; /* a string item, and the receiver accepts no strings */
    receive(b, NULL, NEVER);
    send(a, b, NEVER, tag_of(1, 1, 2));
    EXPECT_EQ(error_of(a), L4_IpcMsgOverflow << 1);
    a->utcb[2] = 0x9000 | L4_ITEM_MAP; /* a truncated item */
    receive(b, NULL, NEVER);
    send(a, b, NEVER, tag_of(1, 1, 1));
    EXPECT_EQ(error_of(a), L4_IpcMsgOverflow << 1);
    ktest_delete(a);
    ktest_delete(b);
}

/* t, which has just been READY, faults without a pager and without a handler. */
static void expect_nobody_to_ask(struct tcb *t, struct tcb *scheduler)
{
    /* the thread stops */
    *tcb_tcr(t, UTCB_PAGER) = 0;
    schedule_remove(t);
    fault_page(t, 0x50000000, L4_ReadeXecOnly);
    EXPECT(t->halted);
    /* but in a watched space its scheduler hears of it, and it tries again */
    thread_set_halted(t, false);
    schedule_remove(t);
    t->scheduler = scheduler->global_id;
    EXPECT_EQ(memory_quota(t, KERNEL_QUOTA | KERNEL_WATCH | KERNEL_QUOTA_NONE),
              KERNEL_QUOTA | KERNEL_QUOTA_NONE);
    receive(scheduler, NULL, NEVER);
    fault_page(t, 0x50000000, L4_ReadeXecOnly);
    EXPECT(!t->halted && t->state == THREAD_RECEIVING);
    EXPECT_EQ(scheduler->regs.eax, t->global_id);
    EXPECT_EQ(scheduler->regs.esi, 0xff700002);
    EXPECT_EQ(scheduler->utcb[1], 0x50000000);
    EXPECT_EQ(scheduler->utcb[2], 0x1234);
    send(scheduler, t, ZERO_SEND, tag_of(0, 0, 0));
    EXPECT_EQ(t->state, THREAD_READY);
    *tcb_tcr(t, UTCB_EXCEPTION_HANDLER) = t->global_id;
    schedule_remove(t);
    receive(scheduler, NULL, NEVER);
    fault_exception(t, 13, 0x402);
    EXPECT_EQ(scheduler->regs.esi, 0xff720002);
    EXPECT_EQ(scheduler->utcb[1], 13);
    ipc_abort(t, L4_IpcCanceled);
    /* as long as there is one */
    schedule_remove(t);
    t->scheduler = t->global_id;
    fault_exception(t, 13, 0x402);
    EXPECT(t->halted);
    EXPECT_EQ(memory_quota(t, KERNEL_QUOTA | KERNEL_QUOTA_NONE),
              KERNEL_QUOTA | KERNEL_WATCH | KERNEL_QUOTA_NONE);
}

void test_fault_ipc(void)
{
    struct tcb *t = ktest_thread(60), *pager = ktest_thread(61);
    REQUIRE(t && pager);
    *tcb_tcr(t, UTCB_PAGER) = pager->global_id;
    arch_set_user_ip(t, 0x1234);
    for (word_t i = 0; i < 64; i++) {
        t->utcb[i] = i * 3;
    }
    receive(pager, NULL, NEVER);
    schedule_remove(t);
    fault_page(t, 0x40000123, L4_Writable);
    EXPECT_EQ(pager->regs.eax, t->global_id);
    EXPECT_EQ(pager->regs.esi, 0xffe20002);
    EXPECT_EQ(pager->utcb[1], 0x40000123);
    EXPECT_EQ(pager->utcb[2], 0x1234);
    EXPECT_EQ(t->state, THREAD_RECEIVING);
    (void)map_page_whole(sigma0_space, KTEST_FRAME, pager->space, 0x5000, L4_FullyAccessible, false);
    pager->utcb[1] = 0x40000000 | L4_ITEM_MAP;
    pager->utcb[2] = 0x5000 | 0xc0 | L4_FullyAccessible;
    send(pager, t, ZERO_SEND, tag_of(0, 0, 2));
    EXPECT_EQ(t->state, THREAD_READY);
    EXPECT(present(t, 0x40000000));
    for (word_t i = 0; i < 64; i++) {
        EXPECT_EQ(t->utcb[i], i * 3);
    }
    /* cancelled: the instruction is simply tried again */
    schedule_remove(t);
    fault_page(t, 0x50000000, L4_ReadeXecOnly);
    ipc_abort(t, L4_IpcCanceled);
    EXPECT_EQ(t->state, THREAD_READY);
    EXPECT(pager->queue == 0);
    expect_nobody_to_ask(t, pager);
    ktest_delete(t);
    ktest_delete(pager);
}

void test_exception_ipc(void)
{
    struct tcb *t = ktest_thread(60), *handler = ktest_thread(61);
    REQUIRE(t && handler);
    *tcb_tcr(t, UTCB_EXCEPTION_HANDLER) = handler->global_id;
    t->regs.eip = 0x1111;
    t->regs.eax = 0x2222;
    receive(handler, NULL, NEVER);
    schedule_remove(t);
    fault_exception(t, 13, 0x402);
    EXPECT_EQ(handler->regs.esi, 0xffb0000c);
    EXPECT_EQ(handler->utcb[1], 0x1111);
    EXPECT_EQ(handler->utcb[3], 13);
    EXPECT_EQ(handler->utcb[4], 0x402);
    EXPECT_EQ(handler->utcb[12], 0x2222);
    handler->utcb[1] = 0x3333;
    handler->utcb[2] = 0xffffffff;
    handler->utcb[12] = 0x4444;
    send(handler, t, ZERO_SEND, tag_of(0xffb0, 12, 0));
    EXPECT_EQ(t->regs.eip, 0x3333);
    EXPECT_EQ(t->regs.eax, 0x4444);
    EXPECT_EQ(t->regs.eflags & 0x23000, user_eflags & 0x3000); /* IOPL stays, no VM flag */
    ktest_delete(t);
    ktest_delete(handler);
}

void test_interrupt_ipc(void)
{
    enum { LINE = 5 };
    struct tcb *h = ktest_thread(60), *other = ktest_thread(61);
    word_t irq = ktest_id(LINE, 1);
    REQUIRE(h && other);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(0, 1), ktest_id(0, 1), 0, h->global_id, ~0u),
              L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(LINE, 2), irq, 0, h->global_id, ~0u), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, irq, irq, 0, ktest_id(99, 1), ~0u), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, irq, irq, 0, h->global_id, ~0u), 0);
    ktest_ipc(h, 0, irq, NEVER, 0);
    interrupt_occurred(LINE);
    EXPECT_EQ(h->regs.eax, irq);
    EXPECT_EQ(h->regs.esi, 0xfff00000);
    /* not receiving: queued like a sender */
    interrupt_occurred(LINE);
    interrupt_occurred(LINE); /* masked meanwhile: a second one cannot come, and would be ignored */
    receive(h, NULL, NEVER);
    EXPECT_EQ(h->regs.eax, irq);
    EXPECT(h->queue == 0);
    ktest_ipc(other, irq, 0, ZERO_SEND, 0); /* only the handler may acknowledge */
    EXPECT_EQ(error_of(other), 4);
    ktest_ipc(h, irq, 0, ZERO_SEND, 0);
    EXPECT_EQ(h->regs.esi & ERROR, 0);
    ktest_ipc(h, 0, irq, NEVER, 0);
    /* Dissociated: the waiter is told. */
    EXPECT_EQ(control_whole(ktest_root, irq, irq, 0, irq, ~0u), 0);
    EXPECT_EQ(error_of(h), 5);
    EXPECT_EQ(control_whole(ktest_root, irq, irq, 0, h->global_id, ~0u), 0);
    interrupt_occurred(LINE); /* queued, and the handler dies */
    ktest_delete(h);
    EXPECT(!interrupt_associated(interrupt_find(irq)));
    ktest_delete(other);
}
