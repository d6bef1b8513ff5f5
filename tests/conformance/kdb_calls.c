/* SPDX-License-Identifier: BSD-2-Clause */
/* Debugger calls behind int3 (interface.md 7.6).  Their output is comment lines of the report. */
#include "harness.h"

TEST(print_char, "CC 3C 00: PrintChar(AL) returns behind the marker")
{
    L4_KDB_PrintChar('#');
    L4_KDB_PrintChar('\n');
    EXPECT(true);
}

TEST(print_string, "CC 3C 01: PrintString(EAX) returns")
{
    L4_KDB_PrintString("# printed by the debugger\n");
    EXPECT(true);
}

TEST(leading_nop, "CC 90 3C op is the same with a leading nop")
{
    __asm__ volatile("int3\n\tnop\n\tcmpb $1, %%al"
                     :
                     : "a"("# printed by the debugger, nop\n")
                     : "cc", "memory");
    EXPECT(true);
}

TEST(registers, "the calls leave the general registers alone")
{
    L4_Word_t a = (L4_Word_t) "# registers\n", b = 0x11, c = 0x22, d = 0x33, s = 0x44, i = 0x55;
    L4_Word_t before = a;
    __asm__ volatile("int3\n\tcmpb $1, %%al" : "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(i) : : "cc");
    EXPECT_EQ(a, before);
    EXPECT_EQ(b, 0x11);
    EXPECT_EQ(c, 0x22);
    EXPECT_EQ(d, 0x33);
    EXPECT_EQ(s, 0x44);
    EXPECT_EQ(i, 0x55);
}

TEST(read_char, "CC 3C 08: ReadChar returns -1 at once when no key was pressed")
{
    EXPECT_EQ(L4_KDB_ReadChar(), -1);
}

static void print_unmapped(void *arg)
{
    L4_KDB_PrintString(arg);
}

static void wait_for_key(void *arg)
{
    if (arg) { /* int $3, in two bytes */
        __asm__ volatile(".byte 0xcd, 3\n\tcmpb $0x0d, %%al" : : : "eax", "cc");
    } else {
        __asm__ volatile("int3\n\tcmpb $0x0d, %%al" : : : "eax", "cc");
    }
}

TEST(read_char_blocked, "CC 3C 0D: while a thread waits for a key others run")
{
    (void)spawn(wait_for_key, 0);
    settle();
    EXPECT(true);
}

TEST(read_char_blocked_two, "nor does int $3 in two bytes stop them")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    REQUIRE(remote_start(&r, wait_for_key, (void *)1));
    settle();
    settle();
    EXPECT(true);
}

TEST(unmapped_string, "a string at an unmapped address harms nobody, and the thread goes on")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, print_unmapped, (void *)WINDOW), DONE);
    L4_KDB_PrintString("\n");
}

TEST(kernel_string, "nor does one at a kernel address")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, print_unmapped, (void *)0xc0100000), DONE);
    EXPECT_EQ(remote_run(&r, print_unmapped, (void *)0xfffffffc), DONE);
    L4_KDB_PrintString("\n");
}

TEST(other_space, "a string of another space than the root's is printed too")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, print_unmapped, "# from another space\n"), DONE);
}
