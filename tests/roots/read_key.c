/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread waits for keys in the debugger's ReadChar_Blocked (interface.md 7.6), once behind int3
 * and once behind a two-byte int $3; this one, of the same priority, counts meanwhile.  Then it
 * enters the debugger, which is to show a stripped space.  tests/system/kdb.py types when it is
 * told to. */
#include "l4/kernel_memory.h"
#include "paths.h"

enum { ENOUGH = 100000, PRIORITY = 100, STACK_BYTES = 4096 };

extern char __executable_start[], _end[];

static char stack[STACK_BYTES] __attribute__((aligned(4096)));
static volatile L4_Word_t waits, key;

static void reader(void)
{
    L4_Word_t c;
    waits = 1;
    __asm__ volatile("int3\n\tcmpb $0x0d, %%al" : "=a"(c) : "0"(0) : "memory", "cc");
    key = c;
    while (waits != 2) {
        L4_ThreadSwitch(L4_nilthread);
    }
    __asm__ volatile(".byte 0xcd, 3\n\tcmpb $0x0d, %%al" : "=a"(c) : "0"(0) : "memory", "cc");
    key = c;
    L4_Sleep(L4_Never);
}

static void count_until_key(const char *name)
{
    for (L4_Word_t i = 0; !key; i++) {
        if (i == ENOUGH) {
            L4_KDB_PrintString(name);
            L4_KDB_PrintString(": type\n");
        }
    }
    L4_KDB_PrintString(name);
    L4_KDB_PrintString(": ");
    L4_KDB_PrintString(key < 0x80 ? "key " : "no key ");
    L4_KDB_PrintChar((int)key);
    L4_KDB_PrintString("\n");
    key = 0;
}

/* A space with a thread that waits for its start message, stripped. */
static void enter_beside_stripped(void)
{
    const L4_Word_t utcbs = 0xb0000000u, kip = 0xb0100000u;
    L4_ThreadId_t t = L4_GlobalId(65, 1);
    must(L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, utcbs));
    must(L4_SpaceControl(t, 0, L4_FpageLog2(kip, PAGE_LOG2), L4_FpageLog2(utcbs, PAGE_LOG2), L4_nilthread));
    must(L4_ThreadControl(t, t, L4_nilthread, L4_Myself(), ~0u));
    must(L4_SpaceControl(t, KERNEL_STRIP, L4_Nilpage, L4_Nilpage, L4_nilthread));
    __asm__ volatile("int3" : : : "memory");
}

int main(void)
{
    L4_ThreadId_t t = L4_GlobalId(64, 1);
    for (L4_Word_t a = (L4_Word_t)__executable_start; a < (L4_Word_t)_end; a += sizeof(stack)) {
        (void)*(volatile char *)a; /* the kernel prints only what is mapped */
    }
    (void)L4_Schedule(L4_Myself(), ~0u, ~0u, PRIORITY, ~0u);
    start_thread(t, L4_Myself(), UTCB_AREA + UTCB_SIZE, reader, stack + STACK_BYTES);
    must(L4_Schedule(t, ~0u, ~0u, PRIORITY, ~0u));
    while (!waits) {
        L4_ThreadSwitch(t);
    }
    count_until_key("int3");
    waits = 2;
    count_until_key("int $3");
    enter_beside_stripped();
    end_machine(0);
    return 0;
}
