/* SPDX-License-Identifier: BSD-2-Clause */
/* Debugger calls behind int3 (interface.md 7.6), on a kernel without the word `kdb'.  Their
 * output is comment lines of the report; tests/system/debugger_calls.sh looks at which of them
 * come. */
#include "harness.h"

#include "l4/kdb.h"
#include "l4/kernel_memory.h"

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

TEST(other_space, "a string of a space that is not privileged is not printed")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, print_unmapped, "# from an ordinary space\n"), DONE);
}

/* Returns the old control word. */
static L4_Word_t control(L4_ThreadId_t space, L4_Word_t word)
{
    L4_Word_t result = space.raw, d = 0, s = 0, i = 0;
    __asm__ volatile("pushl %%ebp\n\tcall *__L4_space_control\n\tpopl %%ebp"
                     : "+a"(result), "+c"(word), "+d"(d), "+S"(s), "+D"(i)
                     :
                     : "ebx", "memory", "cc");
    EXPECT_EQ(result, 1);
    return word;
}

TEST(console_given,
     "SpaceControl with bits 30 and 28 gives a space the console, and with bit 30 takes it back")
{
    struct remote r;
    L4_Word_t none = KERNEL_QUOTA | KERNEL_QUOTA_NONE;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(control(r.id, none | KERNEL_CONSOLE), none);
    EXPECT_EQ(remote_run(&r, print_unmapped, "# from a space with the console\n"), DONE);
    EXPECT_EQ(control(r.id, KERNEL_CONSOLE), 0); /* nothing is said without bit 30 */
    EXPECT_EQ(control(r.id, none), none | KERNEL_CONSOLE);
    EXPECT_EQ(remote_run(&r, print_unmapped, "# from an ordinary space again\n"), DONE);
    EXPECT_EQ(control(r.id, none), none);
    EXPECT_EQ(control(L4_Myself(), none), none | KERNEL_CONSOLE); /* root keeps it */
}

struct told {
    L4_Word_t key, waited, counter, memory, check;
};

static void ask(void *arg)
{
    struct told *told = arg;
    told->key = (L4_Word_t)L4_KDB_ReadChar();
    __asm__ volatile("int3\n\tcmpb $0x0d, %%al" : "=a"(told->waited) : : "memory", "cc");
    told->counter = L4_KDB_Counter(KDB_ENTRIES);
    told->memory = L4_KDB_KernelMemory();
    told->check = L4_KDB_Check();
}

TEST(other_space_asks, "to one that is not privileged all calls with a result return all ones")
{
    static struct told told;
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, ask, &told), DONE);
    EXPECT_EQ(told.key, ~0u);
    EXPECT_EQ(told.waited, ~0u);
    EXPECT_EQ(told.counter, ~0u);
    EXPECT_EQ(told.memory, ~0u);
    EXPECT_EQ(told.check, ~0u);
}

static void stop(void *arg)
{
    (void)arg;
    __asm__ volatile("int3\n\tnop\n\tnop\n\tint3\n\tjmp 1f\n\t.ascii \"forged\"\n1:\n\tint3\n\tcmpb $2, %%al"
                     :
                     :
                     : "cc");
}

TEST(other_space_stops, "nor does it stop at a breakpoint, or leave a line")
{
    struct remote r;
    REQUIRE(remote_new(&r, true));
    EXPECT_EQ(remote_run(&r, stop, 0), DONE);
}
