/* SPDX-License-Identifier: BSD-2-Clause */
/* What a handled fault or exception leaves as it was, and what its handler finds: flags and
 * floating-point state.  Prints KTAP. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ktap/ktap.h"
#include "pager/pager.h"

enum { FLAG_TRAP = 1 << 8, FLAG_DIRECTION = 1 << 10, FLAG_NESTED = 1 << 14, FLAG_ALIGNMENT = 1 << 18 };
enum { FLAG_ID = 1 << 21, MXCSR_DEFAULT = 0x1f80, MXCSR_DOWN = 0x3f80, X87_DEFAULT = 0x37f };

static void write_text(const char *text)
{
    (void)fputs(text, stdout);
}

static unsigned long flags_now(void)
{
    unsigned long flags;
    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    return flags;
}

/* ---- flags ---- */

static volatile unsigned steps, faults;
static volatile unsigned long flags_in_handler;
static char *page;

static void on_step(int signal_number)
{
    (void)signal_number;
    steps++;
    flags_in_handler |= flags_now();
}

static void open_page(void *address, void *ip, unsigned access, enum error error)
{
    (void)address;
    (void)ip;
    (void)access;
    (void)error;
    faults++;
    flags_in_handler |= flags_now();
    (void)pager_protect(page, 4096, RIGHT_READ | RIGHT_WRITE);
}

/* The first instruction that traps is the one behind popf, the last one the popf that clears TF. */
static void test_trap_flag(void)
{
    ktap_begin("a program that sets the trap flag is stepped, an instruction a signal");
    signal(SIGTRAP, on_step);
    steps = 0;
    flags_in_handler = 0;
    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl\n\t"
                     "nop\n\tnop\n\tnop\n\t"
                     "pushfl\n\tandl $~0x100, (%%esp)\n\tpopfl"
                     :
                     :
                     : "memory", "cc");
    EXPECT(steps == 6);
    EXPECT((flags_in_handler & (FLAG_TRAP | FLAG_NESTED | FLAG_ALIGNMENT)) == 0);
    (void)ktap_end();
    signal(SIGTRAP, SIG_DFL);
}

/* The instruction that faults is stepped over once it is done, and then two more. */
static void test_fault_while_stepped(void)
{
    ktap_begin("a fault of an instruction that is stepped");
    signal(SIGTRAP, on_step);
    pager_set_fault_handler(open_page);
    EXPECT(pager_protect(page, 4096, RIGHT_READ) == OK);
    steps = faults = 0;
    flags_in_handler = 0;
    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl\n\t"
                     "movb $7, (%0)\n\t"
                     "pushfl\n\tandl $~0x100, (%%esp)\n\tpopfl"
                     :
                     : "r"(page)
                     : "memory", "cc");
    EXPECT(faults == 1 && steps == 4 && page[0] == 7);
    EXPECT((flags_in_handler & FLAG_TRAP) == 0);
    pager_set_fault_handler(NULL);
    signal(SIGTRAP, SIG_DFL);
    (void)ktap_end();
}

/* Returns the flags behind a fault or an exception that was met with NT, AC and DF set. */
static unsigned long flags_behind(int exception)
{
    unsigned long flags;
    if (exception) {
        __asm__ volatile("pushfl\n\torl %1, (%%esp)\n\tpopfl\n\t"
                         "int $0x2f\n\t"
                         "pushfl\n\tpopl %0\n\tpushl %0\n\tandl %2, (%%esp)\n\tpopfl"
                         : "=&r"(flags)
                         : "i"(FLAG_NESTED | FLAG_ALIGNMENT | FLAG_DIRECTION),
                           "i"(~(FLAG_NESTED | FLAG_ALIGNMENT | FLAG_DIRECTION))
                         : "memory", "cc");
    } else {
        __asm__ volatile("pushfl\n\torl %1, (%%esp)\n\tpopfl\n\t"
                         "movb $8, (%3)\n\t"
                         "pushfl\n\tpopl %0\n\tpushl %0\n\tandl %2, (%%esp)\n\tpopfl"
                         : "=&r"(flags)
                         : "i"(FLAG_NESTED | FLAG_ALIGNMENT | FLAG_DIRECTION),
                           "i"(~(FLAG_NESTED | FLAG_ALIGNMENT | FLAG_DIRECTION)), "r"(page)
                         : "memory", "cc");
    }
    return flags;
}

static bool skip_int(struct pager_trap *trap)
{
    flags_in_handler |= flags_now();
    trap->eip += 2;
    return trap->kind == TRAP_EXCEPTION && trap->number == 13;
}

static void test_other_flags(void)
{
    ktap_begin("NT, AC and DF are clear in a handler, and set again behind it");
    const unsigned long all = FLAG_NESTED | FLAG_ALIGNMENT | FLAG_DIRECTION;
    flags_in_handler = 0;
    pager_set_fault_handler(open_page);
    EXPECT(pager_protect(page, 4096, RIGHT_READ) == OK);
    EXPECT((flags_behind(0) & all) == all && page[0] == 8);
    pager_set_fault_handler(NULL);
    pager_set_trap_handler(skip_int);
    EXPECT((flags_behind(1) & all) == all);
    EXPECT((flags_in_handler & all) == 0);
    (void)ktap_end();
}

/* ---- floating point ---- */

static bool has_sse(void)
{
    unsigned long before = flags_now(), after, a = 1, b, c = 0, d;
    __asm__ volatile("pushl %1\n\tpopfl\n\tpushfl\n\tpopl %0" : "=r"(after) : "r"(before ^ FLAG_ID) : "cc");
    if (((before ^ after) & FLAG_ID) == 0) {
        return false;
    }
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (d & 1 << 25) != 0;
}

static unsigned mxcsr(void)
{
    unsigned value;
    __asm__ volatile("stmxcsr %0" : "=m"(value));
    return value;
}

static void set_mxcsr(unsigned value)
{
    __asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static unsigned short x87_control(void)
{
    unsigned short value;
    __asm__ volatile("fnstcw %0" : "=m"(value));
    return value;
}

static bool sse;
static unsigned mxcsr_in_handler;
static unsigned short x87_in_handler;

/* A handler that uses all of the floating-point state for itself. */
static void spoil(void *address, void *ip, unsigned access, enum error error)
{
    const unsigned short single = 0x7f;
    x87_in_handler = x87_control();
    open_page(address, ip, access, error);
    __asm__ volatile("fldpi\n\tfldcw %0" : : "m"(single) : "st");
    if (sse) {
        mxcsr_in_handler = mxcsr();
        set_mxcsr(MXCSR_DEFAULT | 0x6000);
        __asm__ volatile("xorps %%xmm0, %%xmm0\n\txorps %%xmm3, %%xmm3\n\txorps %%xmm7, %%xmm7" : :);
    }
}

static void test_x87(void)
{
    ktap_begin("the FPU's registers and control word are as before a handled fault");
    unsigned short extended_down = 0x77f, before = x87_control();
    double third = 1.0 / 3, result;
    pager_set_fault_handler(spoil);
    EXPECT(pager_protect(page, 4096, RIGHT_READ) == OK);
    __asm__ volatile("fldcw %1\n\tfldl %2\n\tmovb $9, (%3)\n\tfstpl %0"
                     : "=m"(result)
                     : "m"(extended_down), "m"(third), "r"(page)
                     : "memory");
    EXPECT(x87_control() == extended_down && result == third && page[0] == 9);
    __asm__ volatile("fldcw %0" : : "m"(before));
    EXPECT(x87_in_handler == X87_DEFAULT);
    (void)ktap_end();
}

static void test_sse(void)
{
    ktap_begin("XMM registers and MXCSR are as before a handled fault");
    enum { BYTES = 48 }; /* three registers */
    unsigned char marks[BYTES], found[BYTES] = {0};
    if (!sse) {
        ktap_skip_rest("machine: this processor has none");
        (void)ktap_end();
        return;
    }
    for (unsigned i = 0; i < BYTES; i++) {
        marks[i] = (unsigned char)(i * 7 + 1);
    }
    pager_set_fault_handler(spoil);
    EXPECT(pager_protect(page, 4096, RIGHT_READ) == OK);
    set_mxcsr(MXCSR_DOWN);
    __asm__ volatile("movups (%1), %%xmm0\n\tmovups 16(%1), %%xmm3\n\tmovups 32(%1), %%xmm7\n\t"
                     "movb $10, (%2)\n\t"
                     "movups %%xmm0, (%0)\n\tmovups %%xmm3, 16(%0)\n\tmovups %%xmm7, 32(%0)"
                     :
                     : "r"(found), "r"(marks), "r"(page)
                     : "memory");
    EXPECT(mxcsr() == MXCSR_DOWN && memcmp(found, marks, sizeof marks) == 0 && page[0] == 10);
    set_mxcsr(MXCSR_DEFAULT);
    EXPECT(mxcsr_in_handler == MXCSR_DEFAULT);
    (void)ktap_end();
}

int main(void)
{
    void *address;
    ktap_start(write_text, 5);
    if (pager_map_anonymous(4096, RIGHT_READ | RIGHT_WRITE, &address) != OK) {
        printf("Bail out! no memory\n");
        return 1;
    }
    page = address;
    page[0] = 1;
    sse = has_sse();
    test_trap_flag();
    test_fault_while_stepped();
    test_x87();
    test_sse();
    test_other_flags();
    return ktap_finish();
}
