/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages on the serial line, the end of the machine, and the debugger calls of user programs (l4-x2 7.6). */
#include "arch.h"
#include "base/format.h"
#include "ia32/cpu.h"
#include "ia32/io.h"
#include "ia32/paging.h"
#include "ia32/trap.h"

static void put(char c)
{
    if (c == '\n') {
        uart_put('\r');
    }
    uart_put(c);
}

static void put_text(const char *s)
{
    while (*s) {
        put(*s++);
    }
}

void print(const char *fmt, ...)
{
    char line[256];
    va_list args;
    va_start(args, fmt);
    vformat(line, sizeof(line), fmt, args);
    va_end(args);
    put_text(line);
}

void panic(const char *fmt, ...)
{
    char line[384];
    va_list args;
    __asm__ volatile("cli");
    va_start(args, fmt);
    vformat(line, sizeof(line), fmt, args);
    va_end(args);
    put_text("\nkernel panic: ");
    put_text(line);
    put_text("\n");
    outl(0xf4, 0x7e); /* isa-debug-exit, where there is one */
    for (;;) {
        __asm__ volatile("hlt");
    }
}

enum { STRING_MAX = 4096 };

/* User memory is read through the page tables: an address that is not mapped just ends the string. */
static bool user_byte(const struct tcb *t, vaddr_t address, char *c)
{
    paddr_t p = paging_translate(t->space->directory, address);
    if (!p || !arch_frame_allowed(p & PAGE_MASK)) {
        return false;
    }
    *c = *(const char *)arch_kernel_address(p);
    return true;
}

static void print_user_string(const struct tcb *t, vaddr_t s)
{
    char c;
    for (unsigned i = 0; i < STRING_MAX; i++) {
        if (!user_byte(t, s + i, &c)) {
            put_text("<unmapped>");
            return;
        }
        if (c == 0) {
            return;
        }
        put(c);
    }
}

static void entered(const struct tcb *t, const unsigned char code[3])
{
    char c;
    print("--- thread %x at %x: \"", (unsigned)t->global_id, (unsigned)t->regs.eip);
    if (code[0] == 0xeb && code[2] == 0xb8) {
        vaddr_t message = 0;
        for (unsigned i = 0; i < 4 && user_byte(t, t->regs.eip + 3 + i, &c); i++) {
            message |= (vaddr_t)(unsigned char)c << 8 * i;
        }
        print_user_string(t, message);
    }
    print("\" ---\n");
}

static int wait_for_key(void)
{
    int c;
    while ((c = uart_get()) < 0) {
    }
    return c;
}

void kdb_trap(struct tcb *t)
{
    enum { PRINT_CHAR = 0, PRINT_STRING = 1, READ_CHAR = 8, READ_CHAR_BLOCKED = 0xd };
    unsigned char code[3] = {0};
    for (unsigned i = 0; i < 3 && user_byte(t, t->regs.eip + i, (char *)&code[i]); i++) {
    }
    unsigned skip = code[0] == 0x90 ? 1 : 0;
    if (code[skip] != 0x3c) {
        entered(t, code);
        return;
    }
    switch (code[skip + 1]) {
    case PRINT_CHAR:
        put((char)t->regs.eax);
        break;
    case PRINT_STRING:
        print_user_string(t, t->regs.eax);
        break;
    case READ_CHAR:
        t->regs.eax = (word_t)uart_get();
        break;
    case READ_CHAR_BLOCKED:
        t->regs.eax = (word_t)wait_for_key();
        break;
    }
}
