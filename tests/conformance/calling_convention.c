/* SPDX-License-Identifier: BSD-2-Clause */
/* Which registers the system calls preserve (interface.md 4.1), and that their stubs work wherever
 * the KIP is. */
#include "harness.h"

static struct raw_regs marked(void)
{
    return (struct raw_regs){.eax = 0xa0a0a0a0,
                             .ecx = 0xc2c2c2c2,
                             .edx = 0xd3d3d3d3,
                             .ebx = 0xb1b1b1b1,
                             .esi = 0xe4e4e4e4,
                             .edi = 0xf5f5f5f5,
                             .ebp = 0x06060606};
}

static void expect_all_preserved(const struct raw_regs *in, const struct raw_regs *out)
{
    EXPECT_EQ(out->eax, in->eax);
    EXPECT_EQ(out->ecx, in->ecx);
    EXPECT_EQ(out->edx, in->edx);
    EXPECT_EQ(out->ebx, in->ebx);
    EXPECT_EQ(out->esi, in->esi);
    EXPECT_EQ(out->edi, in->edi);
    EXPECT_EQ(out->ebp, in->ebp);
    EXPECT_EQ(out->esp_change, 0);
}

static void expect_stack_and_direction(const struct raw_regs *r)
{
    EXPECT_EQ(r->esp_change, 0);
    EXPECT_EQ(r->eflags & 0x400, 0);
}

TEST(switch_yield, "ThreadSwitch(nil) preserves every register")
{
    struct raw_regs in = marked(), out;
    in.eax = 0;
    out = in;
    raw_call(entry_of(kip->thread_switch), &out);
    expect_all_preserved(&in, &out);
}

static void spin(void *arg)
{
    (void)arg;
    for (;;) {
    }
}

TEST(switch_donate, "ThreadSwitch to a thread that runs preserves every register, by either id")
{
    struct raw_regs in = marked(), out;
    L4_ThreadId_t t = spawn(spin, 0);
    in.eax = t.raw;
    out = in;
    raw_call(entry_of(kip->thread_switch), &out);
    expect_all_preserved(&in, &out);
    in.eax = out.eax = local_id(t).raw;
    raw_call(entry_of(kip->thread_switch), &out);
    expect_all_preserved(&in, &out);
}

TEST(switch_nobody, "ThreadSwitch to nobody preserves every register")
{
    struct raw_regs in = marked(), out;
    in.eax = thread_id().raw;
    out = in;
    raw_call(entry_of(kip->thread_switch), &out);
    expect_all_preserved(&in, &out);
}

TEST(clock, "SystemClock preserves EBX, EBP and ESP")
{
    struct raw_regs r = marked();
    raw_call(entry_of(kip->system_clock), &r);
    EXPECT_EQ(r.ebx, 0xb1b1b1b1);
    EXPECT_EQ(r.ebp, 0x06060606);
    expect_stack_and_direction(&r);
}

TEST(clock_ecx, "SystemClock preserves ECX too")
{
    struct raw_regs r = marked();
    raw_call(entry_of(kip->system_clock), &r);
    EXPECT_EQ(r.ecx, 0xc2c2c2c2);
}

TEST(unmap, "Unmap preserves ECX and ESP, and returns MR0 in ESI")
{
    struct raw_regs r = marked();
    r.eax = 0;
    r.esi = L4_FpageLog2(WINDOW, 12).raw;
    r.edi = (L4_Word_t)L4_Utcb();
    raw_call(entry_of(kip->unmap), &r);
    EXPECT_EQ(r.ecx, 0xc2c2c2c2);
    EXPECT_EQ(r.esi, L4_FpageLog2(WINDOW, 12).raw);
    expect_stack_and_direction(&r);
}

TEST(unmap_register, "Unmap takes MR0 from ESI, whatever memory has")
{
    struct remote remote;
    struct raw_regs r = marked();
    REQUIRE(remote_new(&remote, true));
    REQUIRE(remote_map(&remote, FRAME(0), WINDOW, 7));
    L4_LoadMR(0, 0);
    r.eax = 0;
    r.esi = page_rwx(FRAME(0)).raw;
    r.edi = (L4_Word_t)L4_Utcb();
    raw_call(entry_of(kip->unmap), &r);
    EXPECT(!remote_has(&remote, WINDOW));
}

static void check_received(const struct raw_regs *r, L4_Word_t tag)
{
    EXPECT_EQ(r->esi, tag);
    EXPECT_EQ(r->edi, L4_Utcb());
    EXPECT_EQ(r->ebx, L4_StoreMR(1));
    EXPECT_EQ(r->ebp, L4_StoreMR(2));
    expect_stack_and_direction(r);
}

static void receive_from(struct job *j, bool settle_first, bool own_space)
{
    struct raw_regs r = marked();
    L4_ThreadId_t t = job_spawn(j, own_space);
    if (settle_first) {
        settle();
    }
    r.eax = 0;
    r.ecx = L4_Timeouts(L4_Never, SOON);
    r.edx = t.raw;
    r.edi = (L4_Word_t)L4_Utcb();
    raw_call(entry_of(kip->ipc), &r);
    check_received(&r, L4_MsgTag(5, 3, 0).raw);
    EXPECT_EQ(r.ebx, 0x1111);
    EXPECT_EQ(r.ebp, 0x2222);
}

static void job_three(struct job *j)
{
    job_send(j, L4_Myself(), L4_MsgTag(5, 3, 0));
    j->mr[1] = 0x1111;
    j->mr[2] = 0x2222;
    j->mr[3] = 0x3333;
}

TEST(ipc_receive, "after a receive ESI is the tag, EDI the UTCB, EBX and EBP are MR1 and MR2: receiver first")
{
    struct job j;
    job_three(&j);
    receive_from(&j, false, true);
}

TEST(ipc_receive_queued, "the same with the sender first")
{
    struct job j;
    job_three(&j);
    receive_from(&j, true, true);
}

TEST(ipc_receive_local, "the same within one space")
{
    struct job j;
    job_three(&j);
    receive_from(&j, false, false);
}

TEST(ipc_send_only, "a send alone leaves EDI, ESI, ESP and the stack as they must be")
{
    struct job in;
    job_receive(&in, L4_Myself());
    struct raw_regs r = marked();
    r.eax = job_spawn(&in, true).raw;
    settle();
    r.ecx = L4_Timeouts(SOON, L4_Never);
    r.edx = 0;
    r.esi = L4_MsgTag(7, 2, 0).raw;
    r.edi = (L4_Word_t)L4_Utcb();
    L4_LoadMR(1, 0x77);
    L4_LoadMR(2, 0x88);
    raw_call(entry_of(kip->ipc), &r);
    check_received(&r, L4_MsgTag(7, 2, 0).raw);
    EXPECT(job_finish(&in));
    EXPECT_EQ(in.out[1], 0x77);
    EXPECT_EQ(in.out[2], 0x88);
}

TEST(ipc_timeout, "after a time-out EBX and EBP are MR1 and MR2 as they are in memory")
{
    struct raw_regs r = marked();
    L4_LoadMR(1, 0x99);
    L4_LoadMR(2, 0xaa);
    r.eax = 0;
    r.ecx = L4_Timeouts(L4_Never, L4_TimePeriod(1000));
    r.edx = L4_Myself().raw;
    r.edi = (L4_Word_t)L4_Utcb();
    raw_call(entry_of(kip->ipc), &r);
    check_received(&r, 0x8000);
    EXPECT_EQ(r.ebx, 0x99);
    EXPECT_EQ(r.ebp, 0xaa);
}

TEST(exchange_outputs, "ExchangeRegisters returns its values in EAX, ECX, EDX, ESI, EDI, EBX, EBP")
{
    L4_ThreadId_t t = spawn(sleeper, 0);
    settle();
    struct l4_registers old = {.control = 0};
    REQUIRE(L4_ExchangeRegisters(t, &old).raw);
    struct raw_regs r = marked();
    r.eax = t.raw;
    r.ecx = 0;
    raw_call(entry_of(kip->exchange_registers), &r);
    EXPECT_EQ(r.eax, local_id(t).raw);
    EXPECT_EQ(r.ecx, 2);
    EXPECT_EQ(r.edx, old.sp);
    EXPECT_EQ(r.esi, old.ip);
    EXPECT_EQ(r.edi, old.flags);
    EXPECT_EQ(r.ebx, old.user_handle);
    EXPECT_EQ(r.ebp, pager_thread.raw);
    expect_stack_and_direction(&r);
}

TEST(controls, "the control calls keep ESP and leave the direction flag clear")
{
    const L4_Word_t links[] = {kip->thread_control, kip->space_control, kip->schedule, kip->memory_control,
                               kip->processor_control};
    for (unsigned i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        struct raw_regs r = marked();
        r.eax = i == 3 ? 0x40 : thread_id().raw;
        r.edi = (L4_Word_t)L4_Utcb();
        raw_call(entry_of(links[i]), &r);
        expect_stack_and_direction(&r);
        EXPECT_EQ(r.eax, 0);
    }
}

TEST(success_is_one, "a control call that succeeds returns 1")
{
    L4_ThreadId_t t = thread_id();
    struct raw_regs r = {.eax = t.raw, .esi = t.raw, .edx = L4_Myself().raw, .edi = ~0u};
    raw_call(entry_of(kip->thread_control), &r);
    EXPECT_EQ(r.eax, 1);
}

/* ---- stubs elsewhere ---- */

enum { ELSEWHERE = 0x30000000 };

static struct raw_regs clock_result, switch_result, exchange_result, ipc_result;
static volatile bool elsewhere_done;

static void use_stubs(void *arg)
{
    L4_Word_t base = ELSEWHERE;
    (void)arg;
    clock_result = marked();
    raw_call(base + kip->system_clock, &clock_result);
    switch_result = marked();
    switch_result.eax = 0;
    raw_call(base + kip->thread_switch, &switch_result);
    exchange_result = (struct raw_regs){.eax = L4_Myself().raw};
    raw_call(base + kip->exchange_registers, &exchange_result);
    ipc_result = (struct raw_regs){.edx = L4_Myself().raw, .edi = (L4_Word_t)L4_Utcb()};
    ipc_result.ecx = L4_Timeouts(L4_Never, L4_TimePeriod(1000));
    raw_call(base + kip->ipc, &ipc_result);
    elsewhere_done = true;
    for (;;) {
    }
}

/* kip itself is not mapped there: its words are read before. */
static L4_ThreadId_t run_elsewhere(void)
{
    static struct kip copy;
    L4_ThreadId_t t = thread_id();
    copy = *kip;
    elsewhere_done = false;
    EXPECT(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, ~0u));
    EXPECT(L4_SpaceControl(t, 0, L4_FpageLog2(ELSEWHERE, 12), L4_FpageLog2(UTCB_AREA, 17), L4_nilthread));
    kip = &copy;
    t = spawn_with(&(struct spawn){.entry = use_stubs, .space = t});
    sleep_us(50000);
    kip = (struct kip *)KIP_AREA;
    return t;
}

TEST(position_independent, "the stubs work with the KIP at another address")
{
    L4_ThreadId_t t = run_elsewhere();
    REQUIRE(elsewhere_done);
    EXPECT(clock_result.eax != 0);
    EXPECT_EQ(switch_result.ecx, 0xc2c2c2c2);
    EXPECT_EQ(exchange_result.eax, local_id(t).raw);
    EXPECT_EQ(ipc_result.esi, 0x8000);
}

static volatile L4_Word_t server_ds, server_es, server_fs;

/* Looks at its data segment registers before it touches any memory through them. */
static void segment_server(void *unused)
{
    L4_ThreadId_t from;
    (void)unused;
    L4_MsgTag_t tag = L4_Wait(&from);
    L4_Word_t ds, es, fs;
    __asm__ volatile("movl %%ds, %0\n\tmovl %%es, %1\n\tmovl %%fs, %2\n\tmovl %3, %%ds\n\tmovl %3, %%es"
                     : "=&r"(ds), "=&r"(es), "=&r"(fs)
                     : "r"(0x23));
    server_ds = ds;
    server_es = es;
    server_fs = fs;
    (void)L4_Reply(from, tag);
}

/* The call has no time-outs, because a kernel may have a shorter path for such calls. */
TEST(segments_of_partner, "whatever a caller has in its segment registers, its partner keeps its own")
{
    L4_ThreadId_t t = spawn(segment_server, 0);
    settle();
    L4_Word_t to = t.raw, spec = t.raw, tag = 0, entry = entry_of(kip->ipc), zero = 0;
    L4_Word_t *utcb = L4_Utcb();
    __asm__ volatile("pushl %%ebp\n\tmovl $0x2b, %%ebp\n\tmovl %%ebp, %%ds\n\tmovl %%ebp, %%es\n\t"
                     "movl %%ebp, %%fs\n\tcall *%%ebx\n\t"
                     "movl $0x23, %%ebp\n\tmovl %%ebp, %%ds\n\tmovl %%ebp, %%es\n\tmovl %%ebp, %%fs\n\t"
                     "popl %%ebp"
                     : "+a"(to), "+d"(spec), "+S"(tag), "+D"(utcb), "+b"(entry), "+c"(zero)
                     :
                     : "memory", "cc");
    EXPECT_EQ(tag & L4_TAG_ERROR, 0);
    EXPECT_EQ(server_ds, 0x23);
    EXPECT_EQ(server_es, 0x23);
    EXPECT_EQ(server_fs, 0x23);
}
