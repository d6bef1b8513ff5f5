/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops in the kernel's debugger in each of the ways there are; driven by tests/system/kdb.py,
 * which sits at the debugger's prompt.  Without the word `kdb' on the kernel's command line it runs
 * through. */
#include <stdio.h>
#include <string.h>

#include "l4/kdb.h"
#include "l4/syscalls.h"

static char page[4096] __attribute__((aligned(4096)));

static void enter_with_message(void)
{
    static const char text[] = "a message by address";
    __asm__ volatile("int3\n\tjmp 1f\n\tmovl %0, %%eax\n1:" : : "i"(text));
}

static void enter_with_bad_message(void)
{
    __asm__ volatile("int3\n\tjmp 1f\n\tmovl $0xfffffff0, %eax\n1:");
}

static void enter_with_inline_text(void)
{
    __asm__ volatile("int3\n\tjmp 1f\n\t.ascii \"text in the code\"\n1:");
}

/* A yield costs one entry, and reading the counter another; now and then comes a timer tick. */
static int count_entries(void)
{
    L4_Word_t least = ~0u;
    for (unsigned i = 0; i < 10; i++) {
        L4_Word_t before = L4_KDB_Counter(KDB_ENTRIES);
        L4_Yield();
        L4_Word_t entries = L4_KDB_Counter(KDB_ENTRIES) - before;
        least = entries < least ? entries : least;
    }
    return (int)least;
}

int main(void)
{
    memset(page, 'x', sizeof(page));
    L4_KDB_PrintString((const char *)0xe0000000);
    printf("\nbreakpoint: page at %lx, my id %lx\n", (unsigned long)page, (unsigned long)L4_Myself().raw);
    printf("breakpoint: %d entries\n", count_entries());
    L4_KDB_Mark(0x4d41524b);
    enter_with_message();
    enter_with_bad_message();
    enter_with_inline_text();
    __asm__ volatile("int3\n\tnop");
    puts("breakpoint: over");
    return 0;
}
