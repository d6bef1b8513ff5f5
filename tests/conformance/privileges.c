/* SPDX-License-Identifier: BSD-2-Clause */
/* What an unprivileged thread may not do (interface.md 4.1, 4.4 to 4.8). */
#include "harness.h"

static struct call made;

/* Has an unprivileged thread make the call; EAX in made.regs. */
static void unprivileged(L4_Word_t link, const struct raw_regs *regs)
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    made = (struct call){entry_of(link), *regs, 0};
    EXPECT_EQ(remote_run(&r, call_run, &made), DONE);
}

static void expect_refused(L4_Word_t link, const struct raw_regs *regs)
{
    unprivileged(link, regs);
    EXPECT_EQ(made.regs.eax, 0);
    EXPECT_EQ(made.error, 1);
}

TEST(create, "ThreadControl to create: error 1, and no thread is there")
{
    L4_ThreadId_t t = thread_id();
    expect_refused(kip->thread_control,
                   &(struct raw_regs){.eax = t.raw, .esi = t.raw, .edx = root_thread.raw, .edi = ~0u});
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 0);
}

TEST(delete, "ThreadControl to delete: error 1, and the thread lives")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    expect_refused(kip->thread_control, &(struct raw_regs){.eax = t.raw, .edi = ~0u});
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 6);
}

TEST(modify, "ThreadControl to change a pager: error 1")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    expect_refused(kip->thread_control,
                   &(struct raw_regs){.eax = t.raw, .ecx = sigma0_thread.raw, .esi = t.raw, .edi = ~0u});
}

TEST(interrupt, "ThreadControl to get an interrupt: error 1")
{
    L4_Word_t irq = L4_GlobalId(4, 1).raw;
    expect_refused(kip->thread_control,
                   &(struct raw_regs){.eax = irq, .ecx = root_thread.raw, .esi = irq, .edi = ~0u});
}

TEST(local_first, "privilege is checked before the arguments: a local dest gives error 1")
{
    expect_refused(kip->thread_control, &(struct raw_regs){.eax = 0x40, .edi = ~0u});
}

TEST(space_control, "SpaceControl: error 1")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    expect_refused(kip->space_control, &(struct raw_regs){.eax = t.raw,
                                                          .edx = L4_FpageLog2(KIP_AREA, 12).raw,
                                                          .esi = L4_FpageLog2(UTCB_AREA, 17).raw});
}

TEST(memory_control, "MemoryControl: error 1")
{
    expect_refused(kip->memory_control, &(struct raw_regs){.edi = (L4_Word_t)L4_Utcb()});
}

TEST(processor_control, "ProcessorControl: error 1")
{
    expect_refused(kip->processor_control, &(struct raw_regs){.ecx = 1000});
}

TEST(schedule_stranger, "Schedule of a thread whose scheduler one is not: result 0, error 1")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    expect_refused(kip->schedule,
                   &(struct raw_regs){.eax = t.raw, .ecx = ~0u, .edx = ~0u, .esi = ~0u, .edi = ~0u});
}

TEST(schedule_interrupt, "Schedule on an interrupt that a thread of the root task handles: result 0, error 1")
{
    L4_ThreadId_t line = L4_GlobalId(4, 1);
    REQUIRE(L4_ThreadControl(line, line, L4_nilthread, L4_Myself(), ~0u));
    expect_refused(kip->schedule,
                   &(struct raw_regs){.eax = line.raw, .ecx = ~0u, .edx = ~0u, .esi = ~0u, .edi = ~0u});
    EXPECT_EQ(L4_ThreadControl(line, line, L4_nilthread, line, ~0u), 1);
}

/* An unprivileged thread calls Schedule for a thread whose scheduler it is. */
static void schedule_own(L4_Word_t prio, L4_Word_t preemption)
{
    struct remote r;
    L4_ThreadId_t t = spawn(sleeper, 0);
    REQUIRE(remote_new(&r, true));
    REQUIRE(L4_ThreadControl(t, t, r.id, L4_nilthread, ~0u));
    settle();
    made = (struct call){
        entry_of(kip->schedule), {.eax = t.raw, .ecx = prio, .edx = ~0u, .esi = ~0u, .edi = preemption}, 0};
    EXPECT_EQ(remote_run(&r, call_run, &made), DONE);
}

TEST(schedule_scheduler, "Schedule by the thread's scheduler is allowed, up to its own priority")
{
    schedule_own(PRIO_HELPER, ~0u);
    EXPECT_EQ(made.regs.eax, 6);
}

TEST(schedule_above, "a priority above the scheduler's own: result 0, error 1")
{
    schedule_own(PRIO_HELPER + 1, ~0u);
    EXPECT_EQ(made.regs.eax, 0);
    EXPECT_EQ(made.error, 1);
}

TEST(schedule_sensitive, "a sensitive priority above the scheduler's own: result 0, error 1")
{
    schedule_own(~0u, (PRIO_HELPER + 1) << 16);
    EXPECT_EQ(made.regs.eax, 0);
    EXPECT_EQ(made.error, 1);
}

TEST(exchange_allowed, "ExchangeRegisters is not privileged: a thread may ask for itself")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    made = (struct call){entry_of(kip->exchange_registers), {.eax = r.id.raw}, 0};
    EXPECT_EQ(remote_run(&r, call_run, &made), DONE);
    EXPECT_EQ(made.regs.eax, local_id(r.id).raw);
}

TEST(exchange_root, "but not for a thread of the root task: nil, error 2")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    unprivileged(kip->exchange_registers, &(struct raw_regs){.eax = t.raw, .ecx = 0x101});
    EXPECT_EQ(made.regs.eax, 0);
    EXPECT_EQ(made.error, 2);
    L4_ThreadSwitch(t); /* until it waits: it is no more important than the tester */
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 6);
}

static void read_msr(void *arg)
{
    (void)arg;
    __asm__ volatile("rdmsr" : : "c"(0x174) : "eax", "edx");
}

TEST(rdmsr, "rdmsr in an unprivileged space is an exception")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, read_msr, 0), RAISED);
}

TEST(same_privilege, "any thread of the root's space is privileged, not its first alone")
{
    struct remote r;
    L4_ThreadId_t t = thread_id();
    REQUIRE(remote_new(&r, false));
    made = (struct call){
        entry_of(kip->thread_control), {.eax = t.raw, .esi = t.raw, .edx = root_thread.raw, .edi = ~0u}, 0};
    EXPECT_EQ(remote_run(&r, call_run, &made), DONE);
    EXPECT_EQ(made.regs.eax, 1);
}
