/* SPDX-License-Identifier: BSD-2-Clause */
/* All debugger calls, by a task like any other, on a kernel without the word `kdb': they return,
 * tell nothing, and print nothing.  What is printed all the same has "forged" in it, for
 * tests/system/debugger_calls.sh. */
#include <stdint.h>
#include <stdio.h>

#include "ktap/ktap.h"
#include "l4/kdb.h"
#include "l4/syscalls.h"

enum { LONG_BYTES = 4096, ROUNDS = 200, NOTHING = ~0 };

static char text[LONG_BYTES + 1];

static void write_text(const char *line)
{
    fputs(line, stdout);
}

static void test_counters(void)
{
    ktap_begin("counters_and_memory_are_not_told");
    for (int i = -1; i <= KDB_COUNTER_COUNT; i++) {
        EXPECT_EQ(L4_KDB_Counter((enum l4_kdb_counter)i), (L4_Word_t)NOTHING);
    }
    EXPECT_EQ(L4_KDB_KernelMemory(), (L4_Word_t)NOTHING);
    (void)ktap_end();
}

static void test_check(void)
{
    ktap_begin("nothing_is_checked");
    EXPECT_EQ(L4_KDB_Check(), (L4_Word_t)NOTHING);
    (void)ktap_end();
}

static void test_keys(void)
{
    int key;
    ktap_begin("there_is_no_key");
    EXPECT_EQ(L4_KDB_ReadChar(), -1);
    __asm__ volatile("int3\n\tcmpb $0x0d, %%al" : "=a"(key) : : "memory", "cc");
    EXPECT_EQ(key, -1); /* and nobody waits for one */
    (void)ktap_end();
}

static void test_strings(void)
{
    ktap_begin("strings_go_nowhere");
    fflush(stdout);
    L4_KDB_PrintString("\nphysmem: forged\n");
    for (const char *c = "\ntask: forged\n"; *c; c++) {
        L4_KDB_PrintChar(*c);
    }
    for (unsigned i = 0; i < LONG_BYTES; i++) {
        text[i] = "forged "[i % 7];
    }
    for (unsigned i = 0; i < ROUNDS; i++) {
        L4_KDB_PrintString(text);
    }
    L4_KDB_PrintString((const char *)0xc0100000);
    EXPECT(true);
    (void)ktap_end();
}

static void test_breakpoints(void)
{
    static const char message[] = "forged";
    ktap_begin("breakpoints_are_passed_over");
    fflush(stdout);
    __asm__ volatile("int3\n\tjmp 1f\n\tmovl %0, %%eax\n1:" : : "i"(message));
    __asm__ volatile("int3\n\tjmp 1f\n\t.ascii \"forged\"\n1:");
    __asm__ volatile("int3\n\tcmpb $2, %%al\n\tint3\n\tcmpb $3, %%al\n\tint3\n\tcmpb $0xff, %%al" : : : "cc");
    L4_KDB_Mark(0x4d41524b);
    __asm__ volatile("int3\n\tnop\n\tnop");
    EXPECT(true);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(write_text, 5);
    test_counters();
    test_check();
    test_keys();
    test_strings();
    test_breakpoints();
    return ktap_finish();
}
