/* SPDX-License-Identifier: BSD-2-Clause */
/* ExchangeRegisters (interface.md 4.3). */
#include "harness.h"

static L4_Word_t exchange(L4_ThreadId_t t, L4_Word_t control, struct l4_registers *r)
{
    *r = (struct l4_registers){.control = control};
    return L4_ExchangeRegisters(t, r).raw;
}

static void expect_refused(L4_ThreadId_t t)
{
    struct l4_registers r;
    EXPECT_EQ(exchange(t, 0, &r), 0);
    EXPECT_EQ(L4_ErrorCode(), 2);
    EXPECT_EQ(r.control | r.sp | r.ip | r.flags | r.user_handle | r.pager.raw, 0);
}

TEST(global_gives_local, "a global dest gives the local id")
{
    struct l4_registers r;
    L4_ThreadId_t t = spawn(sleeper, 0);
    EXPECT_EQ(exchange(t, 0, &r), local_id(t).raw);
}

TEST(local_gives_global, "a local dest gives the global id")
{
    struct l4_registers r;
    L4_ThreadId_t t = spawn(sleeper, 0);
    EXPECT_EQ(exchange(local_id(t), 0, &r), t.raw);
}

TEST(self, "it works on oneself")
{
    struct l4_registers r;
    EXPECT_EQ(exchange(L4_Myself(), 0, &r), L4_MyLocalId().raw);
    EXPECT_EQ(exchange(L4_MyLocalId(), 0, &r), L4_Myself().raw);
}

TEST(nobody, "a thread that does not exist: nil, error 2, all outputs 0")
{
    expect_refused(thread_id());
    expect_refused(L4_nilthread);
}

TEST(wrong_version, "a wrong version: nil, error 2, all outputs 0")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    expect_refused((L4_ThreadId_t){t.raw ^ 0x40});
}

TEST(inactive, "an inactive thread: nil, error 2, all outputs 0")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), L4_nilthread, ~0u));
    expect_refused(t);
}

TEST(unrelated_space,
     "a thread of a space not one's own, paged by somebody else: nil, error 2, all outputs 0")
{
    L4_ThreadId_t t =
        spawn_with(&(struct spawn){.entry = sleeper, .own_space = true, .pager = sigma0_thread});
    settle();
    expect_refused(t);
}

TEST(own_pager_extension, "a thread whose pager is in the caller's space may be changed")
{
    struct remote r;
    struct l4_registers regs;
    REQUIRE(remote_new(&r, true));
    settle();
    EXPECT_EQ(exchange(r.id, 0, &regs), local_id(r.id).raw);
}

TEST(bad_local, "a bogus local dest: nil, error 2, no fault")
{
    expect_refused((L4_ThreadId_t){UTCB_AREA + 200 * UTCB_SIZE + UTCB_MR0_OFFSET});
    expect_refused((L4_ThreadId_t){0x40});
    expect_refused((L4_ThreadId_t){0xfffff000});
}

TEST(handle, "control u sets the user-defined handle and the old one comes back")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    struct l4_registers r = {.control = L4_EXREGS_USER_HANDLE, .user_handle = 77};
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    r = (struct l4_registers){.control = L4_EXREGS_USER_HANDLE, .user_handle = 88};
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.user_handle, 77);
    EXPECT(exchange(t, 0, &r));
    EXPECT_EQ(r.user_handle, 88);
}

TEST(pager, "control p sets the pager and the old one comes back")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    struct l4_registers r = {.control = L4_EXREGS_PAGER, .pager = sigma0_thread};
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.pager.raw, pager_thread.raw);
    EXPECT(exchange(t, 0, &r));
    EXPECT_EQ(r.pager.raw, sigma0_thread.raw);
}

TEST(bits_not_set, "values whose control bit is not set are ignored")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    struct l4_registers old, r = {.sp = 1, .ip = 2, .flags = 4, .user_handle = 3, .pager = sigma0_thread};
    REQUIRE(exchange(t, 0, &old));
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    REQUIRE(exchange(t, 0, &r));
    EXPECT_EQ(r.sp, old.sp);
    EXPECT_EQ(r.ip, old.ip);
    EXPECT_EQ(r.flags, old.flags);
    EXPECT_EQ(r.user_handle, old.user_handle);
    EXPECT_EQ(r.pager.raw, old.pager.raw);
}

TEST(old_in_ipc, "old SP and IP of a thread in IPC are those of its return to user level")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, 0, &r));
    EXPECT_LE(stack_top(t) - 3000, r.sp);
    EXPECT_LT(r.sp, stack_top(t));
    bool in_stub = r.ip - (L4_Word_t)kip < PAGE_BYTES, behind_call = r.ip - (L4_Word_t)sleeper < 200;
    EXPECT(in_stub || behind_call);
}

TEST(state_receiving, "old control bit 1 says that the thread was receiving")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, 0, &r));
    EXPECT_EQ(r.control & 7, 2);
}

TEST(state_sending, "old control bit 2 says that the thread was sending")
{
    struct job j;
    struct l4_registers r;
    L4_ThreadId_t to = spawn(sleeper, 0);
    job_send(&j, to, L4_MsgTag(0, 0, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    REQUIRE(exchange(t, 0, &r));
    EXPECT_EQ(r.control & 7, 4);
}

static void count(void *arg)
{
    volatile L4_Word_t *counter = arg;
    for (;;) {
        ++*counter;
    }
}

static volatile L4_Word_t counter;

TEST(halt, "H with h halts a running thread; old control bit 0 says so; h alone lets it go on")
{
    L4_ThreadId_t t = spawn(count, (void *)&counter);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, L4_EXREGS_HALT | L4_EXREGS_SET_HALT, &r));
    EXPECT_EQ(r.control & 7, 0);
    L4_Word_t before = counter;
    settle();
    EXPECT_EQ(counter, before);
    REQUIRE(exchange(t, L4_EXREGS_SET_HALT, &r));
    EXPECT_EQ(r.control & 1, 1);
    settle();
    EXPECT(counter != before);
}

TEST(halt_needs_h, "H without h changes nothing")
{
    L4_ThreadId_t t = spawn(count, (void *)&counter);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, L4_EXREGS_HALT, &r));
    L4_Word_t before = counter;
    settle();
    EXPECT(counter != before);
}

static void halting(void *arg)
{
    volatile L4_Word_t *stage = arg;
    struct l4_registers r = {.control = L4_EXREGS_HALT | L4_EXREGS_SET_HALT};
    *stage = 1;
    (void)L4_ExchangeRegisters(L4_Myself(), &r);
    *stage = 2;
    sleeper(0);
}

TEST(halt_self, "a thread may halt itself; another lets it go on behind the call")
{
    static volatile L4_Word_t stage;
    stage = 0;
    L4_ThreadId_t t = spawn(halting, (void *)&stage);
    struct l4_registers r;
    settle();
    EXPECT_EQ(stage, 1);
    REQUIRE(exchange(t, L4_EXREGS_SET_HALT, &r));
    EXPECT_EQ(r.control & 1, 1);
    settle();
    EXPECT_EQ(stage, 2);
}

TEST(halt_in_ipc, "an ongoing IPC of a halted thread completes, and then it stays halted")
{
    struct job j;
    job_receive(&j, L4_Myself());
    L4_ThreadId_t t = job_spawn(&j, false);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, L4_EXREGS_HALT | L4_EXREGS_SET_HALT, &r));
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(5, 0, 0))));
    settle();
    EXPECT(!j.done);
    REQUIRE(exchange(t, L4_EXREGS_SET_HALT, &r));
    EXPECT(job_finish(&j));
    EXPECT_EQ(L4_Label(j.result), 5);
}

TEST(cancel_receive, "R cancels a receive: error 7, and control 0x106 lets the thread go on")
{
    struct job j;
    struct l4_registers r;
    job_receive(&j, L4_Myself());
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    REQUIRE(exchange(t, 0x106, &r));
    EXPECT(job_finish(&j));
    EXPECT(L4_IpcFailed(j.result));
    EXPECT_EQ(j.error, 7);
}

TEST(cancel_send, "S cancels a send that waits for its partner: error 6")
{
    struct job j;
    struct l4_registers r;
    job_send(&j, spawn(sleeper, 0), L4_MsgTag(0, 1, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    REQUIRE(exchange(t, L4_EXREGS_ABORT_SEND, &r));
    EXPECT(job_finish(&j));
    EXPECT(L4_IpcFailed(j.result));
    EXPECT_EQ(j.error, 6);
}

TEST(cancel_other_phase, "R leaves a send alone, S leaves a receive alone")
{
    struct job sending, receiving;
    struct l4_registers r;
    job_send(&sending, spawn(sleeper, 0), L4_MsgTag(0, 1, 0));
    job_receive(&receiving, L4_Myself());
    L4_ThreadId_t s = job_spawn(&sending, false), t = job_spawn(&receiving, false);
    settle();
    REQUIRE(exchange(s, L4_EXREGS_ABORT_RECEIVE, &r));
    REQUIRE(exchange(t, L4_EXREGS_ABORT_SEND, &r));
    settle();
    EXPECT(!sending.done);
    EXPECT(!receiving.done);
}

TEST(cancelled_sender_gone, "a cancelled sender's message is not received afterwards")
{
    struct job j;
    struct l4_registers r;
    job_send(&j, L4_Myself(), L4_MsgTag(0, 1, 0));
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    REQUIRE(exchange(t, L4_EXREGS_ABORT_SEND, &r));
    EXPECT(L4_IpcFailed(L4_Receive_Timeout(t, L4_ZeroTime)));
}

static volatile L4_Word_t arrived_sp;

__attribute__((naked)) static void arrive(void)
{
    __asm__ volatile("movl %%esp, %0\n1:\tjmp 1b" : "=m"(arrived_sp));
}

TEST(set_sp_ip, "s and i set SP and IP of a running thread")
{
    L4_ThreadId_t t = spawn(count, (void *)&counter);
    struct l4_registers r = {.control = L4_EXREGS_SP | L4_EXREGS_IP};
    settle();
    arrived_sp = 0;
    r.sp = stack_top(t) - 256;
    r.ip = (L4_Word_t)arrive;
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    settle();
    EXPECT_EQ(arrived_sp, stack_top(t) - 256);
}

TEST(set_ip_in_ipc, "IP set without R or S takes effect when the ongoing IPC is over")
{
    struct job j;
    job_receive(&j, L4_Myself());
    L4_ThreadId_t t = job_spawn(&j, false);
    struct l4_registers r = {.control = L4_EXREGS_SP | L4_EXREGS_IP, .sp = stack_top(t) - 512};
    settle();
    arrived_sp = 0;
    r.ip = (L4_Word_t)arrive;
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    settle();
    EXPECT_EQ(arrived_sp, 0);
    EXPECT(!L4_IpcFailed(send_soon(t, L4_MsgTag(0, 0, 0))));
    settle();
    EXPECT_EQ(arrived_sp, stack_top(t) - 512);
}

TEST(start, "control 0x11E starts a thread that waits for its start message")
{
    L4_ThreadId_t t = thread_id();
    REQUIRE(L4_ThreadControl(t, root_thread, L4_Myself(), pager_thread, utcb_location(t)));
    struct l4_registers r = {.control = L4_EXREGS_START, .sp = stack_top(t), .ip = (L4_Word_t)arrive};
    arrived_sp = 0;
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    EXPECT_EQ(r.control & 7, 2);
    settle();
    EXPECT_EQ(arrived_sp, stack_top(t));
}

static volatile L4_Word_t arrived_flags;

__attribute__((naked)) static void arrive_flags(void)
{
    __asm__ volatile("pushfl\n\tpopl %0\n1:\tjmp 1b" : "=m"(arrived_flags));
}

TEST(set_flags, "f sets CF, PF, AF, ZF, SF, OF, DF, NT and AC, and neither IF nor IOPL")
{
    const L4_Word_t taken = 0x8d5 | 0x400 | 0x4000 | 0x40000;
    const L4_Word_t id = 0x200000; /* not each 486 has ID */
    L4_ThreadId_t t = spawn(count, (void *)&counter);
    struct l4_registers r = {.control = L4_EXREGS_IP | L4_EXREGS_FLAGS, .flags = ~0u & ~0x100u};
    settle();
    r.ip = (L4_Word_t)arrive_flags;
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    settle();
    EXPECT_EQ(arrived_flags & ~id, user_flags() | taken);
    r = (struct l4_registers){.control = L4_EXREGS_IP | L4_EXREGS_FLAGS, .ip = (L4_Word_t)arrive_flags};
    REQUIRE(L4_ExchangeRegisters(t, &r).raw);
    settle();
    EXPECT_EQ(arrived_flags, user_flags());
}

TEST(stop_control, "control 0x301 with bit 9 is accepted and stops the thread")
{
    L4_ThreadId_t t = spawn(count, (void *)&counter);
    struct l4_registers r;
    settle();
    REQUIRE(exchange(t, 0x301, &r));
    L4_Word_t before = counter;
    settle();
    EXPECT_EQ(counter, before);
}

TEST(stop_aborting, "control 0x307 aborts the IPC and stops; 0x106 resumes with the error")
{
    struct job j;
    struct l4_registers r;
    job_receive(&j, L4_Myself());
    L4_ThreadId_t t = job_spawn(&j, false);
    settle();
    REQUIRE(exchange(t, 0x307, &r));
    settle();
    EXPECT(!j.done);
    REQUIRE(exchange(t, 0x106, &r));
    EXPECT(job_finish(&j));
    EXPECT_EQ(j.error, 7);
}

TEST(abort_fault, "R and S on a thread waiting for its pager abort the fault: it resumes at its new IP")
{
    struct remote r;
    struct l4_registers regs;
    REQUIRE(remote_new(&r, true));
    EXPECT(!remote_has(&r, WINDOW)); /* reset: started again elsewhere */
    EXPECT_EQ(remote_run(&r, sleeper, 0), TIMED_OUT);
    REQUIRE(exchange(r.id, 0, &regs));
    EXPECT_EQ(regs.control & 7, 2);
}

TEST(abort_refault, "without a new IP the aborted access faults again")
{
    struct remote r;
    struct l4_registers regs;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_start(&r, read_word, (void *)WINDOW));
    EXPECT_EQ(remote_wait(&r), FAULTED);
    REQUIRE(exchange(r.id, 6, &regs));
    EXPECT_EQ(remote_wait(&r), FAULTED);
    EXPECT_EQ(r.mr[1], WINDOW);
}
