/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread start protocol (interface.md 6.4). */
#include "harness.h"

/* What a thread found at its first instruction. */
static volatile L4_Word_t first_esp, first_eflags, first_acceptor, first_registers;

__attribute__((naked, used)) static void arrive(void)
{
    __asm__(
        "movl %%esp, %0\n\tpushfl\n\tpopl %1\n\torl %%ebx, %%eax\n\torl %%ecx, %%eax\n\t"
        "orl %%edx, %%eax\n\torl %%esi, %%eax\n\torl %%edi, %%eax\n\torl %%ebp, %%eax\n\tmovl %%eax, %2\n\t"
        "movl %%gs:0, %%eax\n\tmovl -64(%%eax), %%eax\n\tmovl %%eax, %3\n1:\tjmp 1b"
        : "=m"(first_esp), "=m"(first_eflags), "=m"(first_registers), "=m"(first_acceptor));
}

static L4_ThreadId_t activated(L4_ThreadId_t pager)
{
    L4_ThreadId_t t = thread_id();
    first_esp = first_eflags = 0;
    EXPECT_EQ(L4_ThreadControl(t, root_thread, L4_Myself(), pager, utcb_location(t)), 1);
    EXPECT(L4_Set_Priority(t, PRIO_HELPER));
    return t;
}

static L4_MsgTag_t start(L4_ThreadId_t t, L4_MsgTag_t tag)
{
    L4_LoadMR(1, (L4_Word_t)arrive);
    L4_LoadMR(2, stack_top(t));
    L4_MsgTag_t result = L4_Send_Timeout(t, tag, L4_TimePeriod(5000));
    settle();
    return result;
}

TEST(message, "MR1 and MR2 of the pager's message are IP and SP")
{
    L4_ThreadId_t t = activated(L4_Myself());
    EXPECT(!L4_IpcFailed(start(t, L4_MsgTag(0, 2, 0))));
    EXPECT_EQ(first_esp, stack_top(t));
}

TEST(label, "the message's label does not matter")
{
    L4_ThreadId_t t = activated(L4_Myself());
    EXPECT(!L4_IpcFailed(start(t, L4_MsgTag(0x1234, 2, 0))));
    EXPECT_EQ(first_esp, stack_top(t));
}

TEST(waits, "an activated thread does not run before its start message")
{
    (void)activated(L4_Myself());
    settle();
    EXPECT_EQ(first_esp, 0);
}

TEST(state, "its Schedule state is `waiting to receive'")
{
    EXPECT_EQ(L4_Schedule(activated(L4_Myself()), ~0u, ~0u, ~0u, ~0u), 6);
}

TEST(flags, "it starts with EFLAGS 0x3202, or 0x202 if ports are mapped")
{
    L4_ThreadId_t t = activated(L4_Myself());
    (void)start(t, L4_MsgTag(0, 2, 0));
    EXPECT_EQ(first_eflags, user_flags());
}

TEST(acceptor, "BR0 is 0 after activation")
{
    L4_ThreadId_t t = activated(L4_Myself());
    (void)start(t, L4_MsgTag(0, 2, 0));
    EXPECT_EQ(first_acceptor, 0);
}

TEST(not_from_others, "a start message from anybody but the pager is not taken")
{
    L4_ThreadId_t t = activated(pager_thread);
    EXPECT(L4_IpcFailed(start(t, L4_MsgTag(0, 2, 0))));
    EXPECT_EQ(first_esp, 0);
}

TEST(from_first_pager,
     "the start message must come from the pager given at activation, even if it was changed")
{
    L4_ThreadId_t t = activated(L4_Myself());
    EXPECT(L4_ThreadControl(t, t, L4_nilthread, pager_thread, ~0u));
    EXPECT(!L4_IpcFailed(start(t, L4_MsgTag(0, 2, 0))));
    EXPECT_EQ(first_esp, stack_top(t));
}

TEST(pager_stays, "after the start message its pager is what ThreadControl said")
{
    L4_ThreadId_t t = activated(L4_Myself());
    (void)start(t, L4_MsgTag(0, 2, 0));
    struct l4_registers r = {.control = 0};
    EXPECT(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.pager.raw, L4_Myself().raw);
}

TEST(untyped_only, "it accepts untyped words only: a map item is an overflow")
{
    L4_ThreadId_t t = activated(L4_Myself());
    L4_LoadMR(1, (L4_Word_t)arrive);
    L4_LoadMR(2, stack_top(t));
    L4_LoadMR(3, WINDOW | L4_ITEM_MAP);
    L4_LoadMR(4, page_rwx(FRAME(0)).raw);
    EXPECT(L4_IpcFailed(L4_Send_Timeout(t, L4_MsgTag(0, 2, 2), L4_TimePeriod(5000))));
    EXPECT_EQ(L4_ErrorCode() & 0xf, 8);
}

TEST(other_space, "a thread in another space starts the same way; its pager then gets its first fault, at IP")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(make_space(t));
    REQUIRE(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), ~0u));
    EXPECT(!L4_IpcFailed(start(t, L4_MsgTag(0, 2, 0))));
    L4_MsgTag_t tag = receive_soon(t);
    EXPECT_EQ(tag.raw, 0xffe50002);
    EXPECT_EQ(L4_StoreMR(1), (L4_Word_t)arrive);
    EXPECT_EQ(L4_StoreMR(2), (L4_Word_t)arrive);
}

TEST(cleared, "its other registers tell nothing: all zero")
{
    L4_ThreadId_t t = activated(L4_Myself());
    first_registers = 1;
    (void)start(t, L4_MsgTag(0, 2, 0));
    EXPECT_EQ(first_registers, 0);
}

TEST(pager_deleted, "deleting the pager does not start the thread")
{
    L4_ThreadId_t pager = spawn(sleeper, 0);
    L4_ThreadId_t t = activated(pager);
    (void)delete_thread(pager);
    settle();
    EXPECT_EQ(first_esp, 0);
    struct l4_registers r = {.control = L4_EXREGS_START, .sp = stack_top(t), .ip = (L4_Word_t)arrive};
    EXPECT(L4_ExchangeRegisters(t, &r).raw);
    settle();
    EXPECT_EQ(first_esp, stack_top(t));
}
