/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a kernel that has found itself broken, with all that may help to find out why. */
#include "console.h"
#include "kdb.h"
#include "show.h"
#include "symbols.h"

#include "base/format.h"
#include "ia32/io.h"

enum { LAST_EVENTS = 16, STACK_BYTES = 4096 };

static const struct arch_regs *registers;

void panic_registers(const struct arch_regs *r)
{
    registers = r;
}

static void print_place(word_t ip)
{
    word_t offset;
    const char *name = symbol_find(ip, &offset);
    if (name) {
        print("  %08x %s+%x\n", (unsigned)ip, name, (unsigned)offset);
    }
}

static void print_registers(const struct arch_regs *r)
{
    print("eax %08x ebx %08x ecx %08x edx %08x\nesi %08x edi %08x ebp %08x esp %08x\nip %08x flags %08x cs "
          "%x\n",
          (unsigned)r->eax, (unsigned)r->ebx, (unsigned)r->ecx, (unsigned)r->edx, (unsigned)r->esi,
          (unsigned)r->edi, (unsigned)r->ebp, (unsigned)r->unused_esp, (unsigned)r->eip, (unsigned)r->eflags,
          (unsigned)r->cs);
}

/* Shows the kernel's stack, on whatever stack this runs itself. */
static void print_backtrace(word_t sp)
{
    extern char kernel_stack_top[];
    word_t end = (word_t)kernel_stack_top;
    if (registers) {
        print_place(registers->eip);
        sp = registers->unused_esp;
    }
    if (sp > end || sp < end - STACK_BYTES) {
        print("  (stack pointer %08x is not on the kernel's stack)\n", (unsigned)sp);
        sp = end - 512; /* shows what was there last */
    }
    symbol_backtrace(sp, end);
}

void panic(const char *fmt, ...)
{
    static bool again;
    char line[256];
    va_list args;
    __asm__ volatile("cli");
    va_start(args, fmt);
    vformat(line, sizeof(line), fmt, args);
    va_end(args);
    print("\nkernel panic: %s\n", line);
    if (!again) { /* a panic in here tells no more than its cause */
        again = true;
        trace_note_clocks();
        if (current) {
            print("current thread %x, ip %x\n", (unsigned)current->global_id, (unsigned)current->regs.eip);
        }
        if (registers) {
            print_registers(registers);
        }
        print("return addresses on the stack:\n");
        print_backtrace((word_t)__builtin_frame_address(0));
        if (tracing) {
            print("last events:\n");
            show_trace(LAST_EVENTS);
        }
        if (kdb_enabled()) {
            kdb_enter("panic", false);
        } else if (tracing) {
            show_trace_dump();
        }
    }
    outl(0xf4, 0x7e); /* ends an emulator that has isa-debug-exit */
    for (;;) {
        __asm__ volatile("hlt");
    }
}

void assertion_failed(const char *file, unsigned line, const char *condition)
{
    panic("%s:%u: assertion failed%s%s", file, line, condition ? ": " : "", condition ? condition : "");
}
