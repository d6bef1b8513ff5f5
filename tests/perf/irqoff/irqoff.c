/* SPDX-License-Identifier: BSD-2-Clause */
/* The longest stretches with interrupts off, as build/kernel-irqoff.elf prints them on the console:
 *
 *     irqoff <kind of entry> <instructions>
 *
 * a line for each that is longer than all before of its kind.  A stretch begins when the kernel is
 * entered, or behind a window in which interrupts may come, and ends at the exit or before such a
 * window.  The TSC counts instructions (-icount shift=0).  The boot is left out, because no vector
 * leads into it, and so is the debugger's call that checks everything.
 *
 * This kernel is the usual one but for two objects: entry.S is built to go by irqoff_handlers
 * instead of vector_handlers, and thread_regs.c to call its interrupt window
 * irqoff_plain_window. */
#include "arch.h"
#include "ia32/arch_regs.h"
#include "ia32/cpu.h"
#include "ia32/entry.h"
#include "ia32/trap.h"
#include "l4/kdb.h"
#include "panic.h"

enum {
    VECTORS = 64,
    VECTOR_BREAKPOINT = 3,
    VECTOR_PAGE_FAULT = 14,
    KIND_WINDOW = VECTORS, /* what goes on behind a window */
    KIND_CHECK,            /* L4_KDB_Check */
    KINDS,
    STUBS = 40,   /* instructions of entry and exit that lie outside of the two readings */
    WORTH = 1000, /* shorter ones are not told */
};

void irqoff_plain_window(void);
REGPARM struct tcb *irqoff_handler(struct tcb *t, word_t vector);
extern const vector_handler irqoff_handlers[VECTORS];

static word_t longest[KINDS], kind;
static uint64_t began;

static const char *kind_name(void)
{
    static const char *const calls[] = {
#define NAME(NUMBER, name) #name,
        SYSTEM_CALLS(NAME)
#undef NAME
    };
    if (kind == KIND_WINDOW) {
        return "window";
    }
    if (kind >= VECTOR_IPC) {
        return kind == VECTOR_SYSENTER ? "ipc" : calls[kind - VECTOR_IPC];
    }
    if (kind >= VECTOR_IRQ_BASE) {
        return kind == VECTOR_IRQ_BASE ? "timer" : "interrupt";
    }
    return kind == VECTOR_PAGE_FAULT ? "page_fault" : "exception";
}

static void begin(word_t of)
{
    kind = of;
    began = cpu_tsc();
}

static void end(void)
{
    word_t length = (word_t)(cpu_tsc() - began) + STUBS;
    if (kind != KIND_CHECK && length > longest[kind] && length >= WORTH) {
        longest[kind] = length;
        print("irqoff %s %u\n", kind_name(), (unsigned)length);
    }
}

/* The instruction behind the int3 is cmp $0x42, %al. */
static bool is_check(const struct tcb *t, word_t vector)
{
    const uint8_t *operation =
        vector == VECTOR_BREAKPOINT ? arch_user_access(t->space, t->regs.eip + 1, false) : NULL;
    return operation && *operation == KDB_OPERATION_CHECK;
}

REGPARM struct tcb *irqoff_handler(struct tcb *t, word_t vector)
{
    begin(is_check(t, vector) ? (word_t)KIND_CHECK : vector);
    struct tcb *next = vector_handlers[vector](t, vector);
    end();
    return next;
}

const vector_handler irqoff_handlers[VECTORS] = {[0 ... VECTORS - 1] = irqoff_handler};

void arch_interrupt_window(void)
{
    end();
    irqoff_plain_window();
    begin(KIND_WINDOW);
}
