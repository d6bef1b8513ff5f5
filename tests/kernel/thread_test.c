/* SPDX-License-Identifier: BSD-2-Clause */
/* ThreadControl, SpaceControl, ExchangeRegisters, the ready queues and the timeout wheel. */
#include "ktest.h"

#include "ia32/entry.h"

#include "l4/syscalls.h"

enum { UTCB_BASE = 0x10000000, UNCHANGED = ~0u };

static unsigned expired_count;
static struct tcb *expired_last;

static void on_expired(struct tcb *t)
{
    expired_count++;
    expired_last = t;
}

void test_timeouts(void)
{
    static struct tcb a, b, c;
    ticks_t deadline;
    a = b = c = (struct tcb){0};
    expired_count = 0;
    timer_arm(&a, ticks + 3);
    timer_arm(&b, ticks + 3 + 256); /* the same bucket, one turn later */
    timer_arm(&c, ticks + 3);
    timer_cancel(&c);
    for (unsigned i = 0; i < 3; i++) {
        timer_tick(on_expired);
    }
    EXPECT_EQ(expired_count, 1);
    EXPECT(expired_last == &a && !a.timer_armed && b.timer_armed);
    for (unsigned i = 0; i < 256; i++) {
        timer_tick(on_expired);
    }
    EXPECT_EQ(expired_count, 2);
    EXPECT(!timer_deadline(L4_ZeroTime.raw, &deadline));
    EXPECT(timer_deadline(L4_TimePeriod(1000).raw, &deadline));
    EXPECT_EQ(deadline - ticks, 2); /* one tick, and the one that has begun */
    EXPECT(timer_deadline(L4_TimePeriod(1001).raw, &deadline));
    EXPECT_EQ(deadline - ticks, 3);
    EXPECT(timer_deadline(0x7fff, &deadline)); /* the longest period: clamped, not wrapped */
    EXPECT(tick_before(ticks, deadline));
    ticks_t before = ticks;
    ticks = 0xfffffffe; /* the counter wraps */
    timer_arm(&a, 1);
    for (unsigned i = 0; i < 3; i++) {
        timer_tick(on_expired);
    }
    EXPECT_EQ(expired_count, 3);
    ticks = before;
}

void test_schedule(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread(61), *c = ktest_thread(62);
    REQUIRE(a && b && c);
    EXPECT_EQ(schedule_check(), 0);
    schedule_set_priority(b, 120);
    EXPECT(b->queued || !b->queued); /* woken aside or queued: both are ready */
    EXPECT_EQ(b->priority, 120);
    thread_set_halted(a, true);
    EXPECT(!a->queued);
    thread_set_halted(a, false);
    thread_set_halted(b, true);
    thread_set_halted(c, true);
    EXPECT_EQ(schedule_check(), 0);
    ktest_delete(a);
    ktest_delete(b);
    ktest_delete(c);
}

void test_thread_control(void)
{
    word_t root = ktest_root->global_id, id = ktest_id(60, 1);
    struct tcb *a = ktest_thread(60);
    REQUIRE(a != NULL);
    EXPECT_EQ(control_whole(a, ktest_id(61, 1), id, root, 0, UNCHANGED), L4_ErrNoPrivilege);
    EXPECT_EQ(control_whole(ktest_root, a->local_id, id, root, 0, UNCHANGED), L4_ErrInvalidSpace);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(20, 1), id, root, 0, UNCHANGED), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(THREAD_COUNT, 1), id, root, 0, UNCHANGED),
              L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), ktest_id(99, 1), root, 0, UNCHANGED),
              L4_ErrInvalidSpace);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), id, 0, 0, UNCHANGED), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), id, root, root, UNCHANGED), L4_ErrUtcbArea);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), id, root, root, UTCB_BASE + 8), L4_ErrUtcbArea);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), id, root, root, UTCB_BASE - 512), L4_ErrUtcbArea);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), id, root, root, UTCB_BASE),
              L4_ErrUtcbArea); /* taken */
    EXPECT_EQ(control_whole(ktest_root, ktest_id(61, 1), ktest_id(61, 1), root, root, UTCB_BASE),
              L4_ErrInvalidSpace);
    /* A thread cannot delete itself; deleting a thread that does not exist succeeds. */
    EXPECT_EQ(control_whole(ktest_root, root, 0, 0, 0, UNCHANGED), L4_ErrInvalidThread);
    EXPECT_EQ(control_whole(ktest_root, ktest_id(99, 1), 0, 0, 0, UNCHANGED), 0);
    /* a new version for the same thread: the old id is nobody any more */
    EXPECT_EQ(control_whole(ktest_root, ktest_id(60, 2), id, 0, 0, UNCHANGED), 0);
    EXPECT(thread_find(id) == NULL && thread_find(ktest_id(60, 2)) == a);
    EXPECT_EQ(*tcb_tcr(a, UTCB_MY_GLOBAL_ID), ktest_id(60, 2));
    ktest_delete(a);
    EXPECT(thread_find(ktest_id(60, 2)) == NULL);
    a = ktest_thread(60); /* the same number again */
    REQUIRE(a != NULL);
    EXPECT_EQ(thread_resolve(a, a->local_id), a);
    EXPECT(thread_resolve(a, a->local_id + 512) == NULL);
    ktest_delete(a);
}

void test_space_control(void)
{
    word_t id = ktest_id(60, 1);
    REQUIRE_EQ(control_whole(ktest_root, id, id, ktest_root->global_id, 0, UTCB_BASE), 0);
    struct space *s = thread_find(id)->space;
    L4_Fpage_t kip = L4_FpageLog2(0x10100000, 12), utcb = L4_FpageLog2(UTCB_BASE, 16);
    EXPECT_EQ(space_set_areas(s, kip, L4_Nilpage), L4_ErrUtcbArea);
    EXPECT_EQ(space_set_areas(s, kip, L4_FpageLog2(0xc0000000, 16)), L4_ErrUtcbArea);
    EXPECT_EQ(space_set_areas(s, L4_FpageLog2(UTCB_BASE, 12), utcb), L4_ErrKipArea);
    EXPECT_EQ(space_set_areas(s, L4_FpageLog2(0xfffff000, 12), utcb), L4_ErrKipArea);
    EXPECT(!space_initialised(s));
    /* activation in a space without areas */
    EXPECT_EQ(control_whole(ktest_root, id, id, 0, ktest_root->global_id, UNCHANGED), L4_ErrUtcbArea);
    EXPECT_EQ(space_set_areas(s, kip, utcb), 0);
    EXPECT_EQ(s->kip_base, 0x10100000);
    EXPECT_EQ(space_set_areas(s, L4_Nilpage, L4_Nilpage), 0); /* later calls: ignored */
    EXPECT_EQ(s->kip_base, 0x10100000);
    /* the location given at creation serves now */
    EXPECT_EQ(control_whole(ktest_root, id, id, 0, ktest_root->global_id, UNCHANGED), 0);
    EXPECT_EQ(thread_find(id)->local_id, UTCB_BASE + UTCB_MR0_OFFSET);
    EXPECT_EQ(thread_find(id)->state, THREAD_RECEIVING); /* for its start message */
    ktest_delete(thread_find(id));
}

void test_exchange_registers(void)
{
    struct tcb *a = ktest_thread(60), *b = ktest_thread_in(a, 61, 1), *c = ktest_thread(62);
    REQUIRE(a && b && c);
    struct exchange x = {.control = L4_EXREGS_SP | L4_EXREGS_IP | L4_EXREGS_FLAGS,
                         .sp = 0x1234,
                         .ip = 0x5678,
                         .flags = 0xffffffff};
    EXPECT_EQ(exchange_registers(a, b->global_id, &x), b->local_id);
    EXPECT_EQ(exchange_registers(a, b->local_id, &(struct exchange){0}), b->global_id);
    EXPECT_EQ(arch_user_sp(b), 0x1234);
    EXPECT_EQ(arch_user_ip(b), 0x5678);
    EXPECT_EQ(arch_user_flags(b), user_eflags | 0x244dd5); /* IF and IOPL are not for users */
    x = (struct exchange){.control = 0};
    EXPECT_EQ(exchange_registers(c, b->global_id, &x), 0); /* another space */
    EXPECT_EQ(exchange_registers(c, ktest_id(99, 1), &x), 0);
    EXPECT(exchange_registers(ktest_root, b->global_id, &x) != 0); /* root is b's pager */
    /* cancelling a send and a receive */
    ktest_ipc(b, c->global_id, 0, 0, 0);
    EXPECT_EQ(b->state, THREAD_SENDING);
    x = (struct exchange){.control = L4_EXREGS_ABORT_RECEIVE};
    (void)exchange_registers(a, b->global_id, &x);
    EXPECT_EQ(x.control, 4); /* was sending */
    EXPECT_EQ(b->state, THREAD_SENDING);
    x = (struct exchange){.control = L4_EXREGS_ABORT_SEND};
    (void)exchange_registers(a, b->global_id, &x);
    EXPECT_EQ(b->state, THREAD_READY);
    EXPECT_EQ(*tcb_tcr(b, UTCB_ERROR_CODE), L4_IpcCanceled << 1);
    ktest_ipc(b, 0, c->global_id, 0, 0);
    x = (struct exchange){.control = L4_EXREGS_ABORT_RECEIVE};
    (void)exchange_registers(a, b->global_id, &x);
    EXPECT_EQ(x.control, 2);
    EXPECT_EQ(*tcb_tcr(b, UTCB_ERROR_CODE), L4_IpcCanceled << 1 | 1);
    ktest_delete(b);
    ktest_delete(a);
    ktest_delete(c);
}
