/* SPDX-License-Identifier: BSD-2-Clause */
/* The exception protocol (interface.md 6.5). */
#include "harness.h"

enum { EIP = 1, EFLAGS, NUMBER, CODE, EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX };
#define TAG 0xffb0000cu

/* All registers behind the instruction: EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX; the flags. */
extern volatile L4_Word_t trap_after[9];
volatile L4_Word_t trap_after[9];
extern L4_Word_t trap_zero;
L4_Word_t trap_zero;

/* A function that loads every register with a mark and executes the instruction at name_at. */
#define TRAP(name, instruction)                                                                              \
    extern char name##_at[];                                                                                 \
    __attribute__((naked)) static void name(__attribute__((unused)) void *arg)                               \
    {                                                                                                        \
        __asm__("pushl %ebp\n\tpushl %ebx\n\tpushl %esi\n\tpushl %edi\n\tmovl $0xa0a0a0a0, %eax\n\t"         \
                "movl $0xb1b1b1b1, %ebx\n\tmovl $0xc2c2c2c2, %ecx\n\tmovl $0xd3d3d3d3, %edx\n\t"             \
                "movl $0xe4e4e4e4, %esi\n\tmovl $0xf5f5f5f5, %edi\n\tmovl $0x06060606, %ebp\n\t"             \
                "clc\n" #name "_at:\t" instruction "\n\t"                                                    \
                "movl %edi, trap_after\n\tmovl %esi, trap_after+4\n\tmovl %ebp, trap_after+8\n\t"            \
                "movl %esp, trap_after+12\n\tmovl %ebx, trap_after+16\n\tmovl %edx, trap_after+20\n\t"       \
                "movl %ecx, trap_after+24\n\tmovl %eax, trap_after+28\n\tpushfl\n\tpopl trap_after+32\n\t"   \
                "popl %edi\n\tpopl %esi\n\tpopl %ebx\n\tpopl %ebp\n\tret");                                  \
    }

TRAP(divide, "divl trap_zero")
TRAP(undefined, "ud2")
TRAP(interrupt_80, "int $0x80")
TRAP(interrupt_33, "int $33")
TRAP(halt, "hlt")
TRAP(control_register, "movl %cr0, %eax")
TRAP(bad_selector, "movw %ax, %fs")
TRAP(lock_nop_other, ".byte 0xf0, 0xf0, 0x90")

static bool raised(struct remote *r, void (*function)(void *))
{
    return remote_new(r, true) && remote_run(r, function, 0) == RAISED;
}

/* Sends the 12 words back, EIP moved on by `bytes'. */
static enum outcome resume(struct remote *r, unsigned bytes)
{
    for (unsigned i = 1; i <= 12; i++) {
        L4_LoadMR(i, r->mr[i]);
    }
    L4_LoadMR(EIP, r->mr[EIP] + bytes);
    return remote_reply(r, L4_MsgTag(0, 12, 0));
}

TEST(tag, "an exception's tag is 0xFFB0000C: label -5, 12 words")
{
    struct remote r;
    REQUIRE(raised(&r, divide));
    EXPECT_EQ(r.tag.raw, TAG);
}

TEST(divide_error, "division by zero: number 0, code 0, EIP at the instruction")
{
    struct remote r;
    REQUIRE(raised(&r, divide));
    EXPECT_EQ(r.mr[NUMBER], 0);
    EXPECT_EQ(r.mr[CODE], 0);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)divide_at);
}

TEST(invalid_opcode, "an invalid opcode: number 6, code 0, EIP at the instruction")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    EXPECT_EQ(r.mr[NUMBER], 6);
    EXPECT_EQ(r.mr[CODE], 0);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)undefined_at);
}

TEST(int_80, "int 0x80: number 13, code 0x402, EIP at the instruction")
{
    struct remote r;
    REQUIRE(raised(&r, interrupt_80));
    EXPECT_EQ(r.mr[NUMBER], 13);
    EXPECT_EQ(r.mr[CODE], 0x402);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)interrupt_80_at);
}

TEST(int_irq, "an int instruction with a hardware interrupt's vector is an exception too: code 8n+2")
{
    struct remote r;
    REQUIRE(raised(&r, interrupt_33));
    EXPECT_EQ(r.mr[NUMBER], 13);
    EXPECT_EQ(r.mr[CODE], 8 * 33 + 2);
}

TEST(hlt, "hlt: number 13, code 0, EIP at the instruction")
{
    struct remote r;
    REQUIRE(raised(&r, halt));
    EXPECT_EQ(r.mr[NUMBER], 13);
    EXPECT_EQ(r.mr[CODE], 0);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)halt_at);
}

TEST(privileged, "reading CR0: number 13, code 0")
{
    struct remote r;
    REQUIRE(raised(&r, control_register));
    EXPECT_EQ(r.mr[NUMBER], 13);
    EXPECT_EQ(r.mr[CODE], 0);
}

TEST(selector, "loading a selector that is none: number 13, the selector as code")
{
    struct remote r;
    REQUIRE(raised(&r, bad_selector));
    EXPECT_EQ(r.mr[NUMBER], 13);
    EXPECT_EQ(r.mr[CODE], 0xa0a0 & ~3);
}

TEST(other_lock, "another misplaced lock prefix is not the KIP idiom: number 6")
{
    struct remote r;
    REQUIRE(raised(&r, lock_nop_other));
    EXPECT_EQ(r.mr[NUMBER], 6);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)lock_nop_other_at);
}

TEST(registers, "MR5 to MR12 are EDI, ESI, EBP, ESP, EBX, EDX, ECX, EAX")
{
    struct remote r;
    REQUIRE(raised(&r, divide));
    EXPECT_EQ(r.mr[EDI], 0xf5f5f5f5);
    EXPECT_EQ(r.mr[ESI], 0xe4e4e4e4);
    EXPECT_EQ(r.mr[EBP], 0x06060606);
    EXPECT_EQ(r.mr[EBX], 0xb1b1b1b1);
    EXPECT_EQ(r.mr[EDX], 0xd3d3d3d3);
    EXPECT_EQ(r.mr[ECX], 0xc2c2c2c2);
    EXPECT_EQ(r.mr[EAX], 0xa0a0a0a0);
    EXPECT_LT(stack_top(r.id) - r.mr[ESP], 4096);
}

TEST(flags, "MR2 is EFLAGS, with interrupts on, and IOPL 3 unless ports are mapped")
{
    struct remote r;
    REQUIRE(raised(&r, divide));
    EXPECT_EQ(r.mr[EFLAGS] & 0x3203, user_flags());
}

TEST(unchanged, "the same words in the reply: every register is as before")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    L4_Word_t marks[8];
    for (unsigned i = 0; i < 8; i++) {
        marks[i] = r.mr[EDI + i];
    }
    EXPECT_EQ(resume(&r, 2), DONE);
    for (unsigned i = 0; i < 8; i++) {
        EXPECT_EQ(trap_after[i], marks[i]);
    }
}

TEST(changed, "every general register can be changed by the reply")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    L4_Word_t esp = r.mr[ESP];
    for (unsigned i = EDI; i <= EAX; i++) {
        r.mr[i] = i == ESP ? esp : 0x10203040 + i;
    }
    (void)resume(&r, 2);
    for (unsigned i = 0; i < 8; i++) {
        EXPECT_EQ(trap_after[i], EDI + i == ESP ? esp : 0x10203040 + EDI + i);
    }
}

TEST(changed_esp, "ESP can be changed by the reply")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    L4_Word_t lower = r.mr[ESP] - 64;
    for (unsigned i = 0; i < 6; i++) {
        poke(lower + 4 * i, peek(r.mr[ESP] + 4 * i));
    }
    r.mr[ESP] = lower;
    trap_after[3] = 0;
    (void)resume(&r, 2);
    EXPECT_EQ(trap_after[3], lower);
}

TEST(changed_flags, "the arithmetic flags can be changed, the system flags cannot")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    r.mr[EFLAGS] = 0x8d5;
    EXPECT_EQ(resume(&r, 2), DONE);
    EXPECT_EQ(trap_after[8] & 0x3ad7, user_flags() | 0x8d5);
}

TEST(restart, "a reply with the same EIP executes the instruction again")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    EXPECT_EQ(resume(&r, 0), RAISED);
    EXPECT_EQ(r.mr[EIP], (L4_Word_t)undefined_at);
}

TEST(reply_label, "the label of the reply does not matter")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    for (unsigned i = 1; i <= 12; i++) {
        L4_LoadMR(i, r.mr[i]);
    }
    L4_LoadMR(EIP, r.mr[EIP] + 2);
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0xffb0, 12, 0)), DONE);
}

TEST(short_reply, "a reply of one word sets EIP alone")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    L4_LoadMR(1, r.mr[EIP] + 2);
    L4_LoadMR(2, 0);
    EXPECT_EQ(remote_reply(&r, L4_MsgTag(0, 1, 0)), DONE);
    EXPECT_EQ(trap_after[7], 0xa0a0a0a0);
}

TEST(same_space, "a handler in the thread's own space gets the same message")
{
    struct remote r;
    REQUIRE(remote_new(&r, false));
    EXPECT_EQ(remote_run(&r, undefined, 0), RAISED);
    EXPECT_EQ(r.tag.raw, TAG);
    EXPECT_EQ(resume(&r, 2), DONE);
}

TEST(zero_timeout_reply, "the thread waits for its reply: one with zero time-out reaches it")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    L4_LoadMR(1, r.mr[EIP] + 2);
    EXPECT(!L4_IpcFailed(L4_Reply(r.id, L4_MsgTag(0, 1, 0))));
    EXPECT_EQ(remote_wait(&r), DONE);
}

static void no_handler(void *arg)
{
    L4_Set_ExceptionHandler(*(L4_ThreadId_t *)arg);
    undefined(0);
}

TEST(nil_handler, "without an exception handler the thread is halted")
{
    L4_ThreadId_t nobody = L4_nilthread;
    L4_ThreadId_t t = spawn_space(no_handler, &nobody);
    settle();
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 2);
}

TEST(dead_handler, "with a handler that does not exist the thread is halted")
{
    L4_ThreadId_t nobody = thread_id();
    L4_ThreadId_t t = spawn_space(no_handler, &nobody);
    settle();
    EXPECT_EQ(L4_Schedule(t, ~0u, ~0u, ~0u, ~0u), 2);
}

static volatile L4_Word_t changed_words;

static void trap_full(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < 64; i++) {
        L4_LoadMR(i, 0x5000 + i);
    }
    L4_SetTcr(UTCB_ERROR_CODE, 0x7777);
    L4_SetTcr(UTCB_BR0, 0x660);
    undefined(0);
    changed_words = L4_ErrorCode() != 0x7777 || L4_Tcr(UTCB_BR0) != 0x660;
    for (unsigned i = 0; i < 64; i++) {
        changed_words += L4_StoreMR(i) != 0x5000 + i;
    }
}

TEST(keeps_registers, "an exception leaves MRs, BR0 and ErrorCode of the thread alone")
{
    struct remote r;
    changed_words = 99;
    REQUIRE(raised(&r, trap_full));
    EXPECT_EQ(resume(&r, 2), DONE);
    EXPECT_EQ(changed_words, 0);
}

static void fpu_error(void *arg)
{
    L4_Word_t control = 0x37b; /* division by zero unmasked */
    (void)arg;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" : : "m"(control));
}

TEST(fpu, "an unmasked floating-point error: number 16")
{
    struct remote r;
    REQUIRE(raised(&r, fpu_error));
    EXPECT_EQ(r.mr[NUMBER], 16);
}

TEST(aborted, "ExchangeRegisters aborts an exception's IPC and restarts the thread elsewhere")
{
    struct remote r;
    REQUIRE(raised(&r, undefined));
    remote_reset(&r);
    EXPECT_EQ(remote_run(&r, nap, 0), DONE);
}
