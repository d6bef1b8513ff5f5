/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens at each vector: exceptions and faults become messages (l4), interrupts too, and
 * system calls go to syscall.c. */
#include "trap.h"

#include "arch.h"
#include "clock.h"
#include "devices.h"
#include "entry.h"
#include "fpu.h"
#include "kdb/counters.h"
#include "kdb/kdb.h"
#include "kdb/trace.h"
#include "l4/fault_ipc.h"
#include "l4/interrupt_ipc.h"
#include "l4/io_ports.h"
#include "l4/ipc.h"
#include "l4/ipc_plain.h"
#include "l4/kip_page.h"
#include "l4/schedule.h"
#include "l4/timer.h"
#include "paging.h"
#include "port_map.h"

#define HANDLER REGPARM static struct tcb *

enum {
    TRAP_NMI = 2,
    TRAP_BREAKPOINT = 3,
    TRAP_UNDEFINED = 6,
    TRAP_NO_FPU = 7,
    TRAP_PAGE_FAULT = 14,
    FAULT_PRESENT = 1,
    FAULT_WRITE = 2,
};

HANDLER on_exception(struct tcb *t, word_t vector)
{
    debug_assert(t == current);
    counters.exceptions++;
    struct tcb *next = ipc_plain_exception(t, vector, t->regs.error);
    if (next) {
        return next;
    }
    trace(TRACE_EXCEPTION, 0, t->global_id, vector, t->regs.eip);
    fault_exception(t, vector, t->regs.error);
    return schedule_exit();
}

HANDLER on_page_fault(struct tcb *t, word_t vector)
{
    (void)vector;
    debug_assert(t == current);
    word_t address;
    __asm__ volatile("movl %%cr2, %0" : "=r"(address));
    word_t access = t->regs.error & FAULT_WRITE ? L4_Writable : L4_ReadeXecOnly;
    counters.faults++;
    struct tcb *next = ipc_plain_fault(t, address, access);
    if (next) {
        return next;
    }
    trace(TRACE_FAULT, access, t->global_id, address, t->regs.eip);
    fault_page(t, address, access);
    return schedule_exit();
}

/* Reads bytes of user memory through the page tables, so it never faults.  false: one is not
 * mapped. */
static bool read_user(const struct tcb *t, vaddr_t address, void *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const char *p = arch_user_access(t->space, address + (vaddr_t)i, false);
        if (!p) {
            return false;
        }
        ((char *)to)[i] = *p;
    }
    return true;
}

/* lock; nop: the request for the kernel interface page (interface.md 2.1). */
HANDLER on_undefined(struct tcb *t, word_t vector)
{
    unsigned char code[2];
    if (!read_user(t, t->regs.eip, code, 2) || code[0] != 0xf0 || code[1] != 0x90) {
        return on_exception(t, vector);
    }
    const struct kip *k = kip_page();
    t->regs.eip += 2;
    t->regs.eax = t->space->kip_base;
    t->regs.ecx = k->api_version;
    t->regs.edx = k->api_flags;
    t->regs.esi = *(const word_t *)(const void *)((const char *)k + k->kernel_desc);
    return t;
}

HANDLER on_no_fpu(struct tcb *t, word_t vector)
{
    return fpu_unavailable(t) ? t : on_exception(t, vector);
}

/* A null data selector is repaired silently: whoever comes back has the usual ones.  Otherwise a
 * port may be missing.  Where the processor pushes error code 0, protection_entry has put DS and ES
 * into its upper half; FS and GS are still the thread's. */
HANDLER on_protection(struct tcb *t, word_t vector)
{
    enum { FIRST_SELECTOR = 4 };
    if (t->regs.error & 0xffff) {
        return on_exception(t, vector);
    }
    word_t fs, gs, ds = t->regs.error >> 16 & 0xff, es = t->regs.error >> 24;
    __asm__("movl %%fs, %0\n\tmovl %%gs, %1" : "=r"(fs), "=r"(gs));
    t->regs.error = 0;
    if (ds < FIRST_SELECTOR || es < FIRST_SELECTOR || fs < FIRST_SELECTOR || gs < FIRST_SELECTOR) {
        counters.exceptions++;
        return t;
    }
    if (io_ports_mapped && !t->regs.error && port_fault(t)) {
        return schedule_exit();
    }
    return on_exception(t, vector);
}

HANDLER on_breakpoint(struct tcb *t, word_t vector)
{
    (void)vector;
    counters.exceptions++;
    kdb_trap(t);
    return schedule_exit();
}

HANDLER on_timer(struct tcb *t, word_t vector)
{
    (void)vector;
    (void)t;
    pic_end_of_interrupt(IRQ_TIMER);
    pit_tick();
    schedule_timer();
    if (__builtin_expect(kdb_key_enabled, 0)) {
        kdb_poll();
    }
    return schedule_exit();
}

HANDLER on_interrupt(struct tcb *t, word_t vector)
{
    (void)t;
    word_t line = vector - VECTOR_IRQ_BASE;
    debug_assert(line < IRQ_LINES && line != IRQ_TIMER);
    if (!pic_spurious(line)) {
        pic_mask(line);
        pic_end_of_interrupt(line);
        counters.interrupts++;
        trace(TRACE_INTERRUPT, 0, current ? current->global_id : 0, line, 0);
        interrupt_occurred(line);
    }
    return schedule_exit();
}

const vector_handler vector_handlers[64] = {
#define SYSCALL_HANDLER(NAME, name) [VECTOR_IPC + SYSCALL_##NAME] = syscall_##name,
    SYSTEM_CALLS(SYSCALL_HANDLER)
#undef SYSCALL_HANDLER
        [0 ... TRAP_BREAKPOINT - 1] = on_exception,
    [TRAP_BREAKPOINT] = on_breakpoint,
    [TRAP_BREAKPOINT + 1 ... TRAP_UNDEFINED - 1] = on_exception,
    [TRAP_UNDEFINED] = on_undefined,
    [TRAP_NO_FPU] = on_no_fpu,
    [TRAP_NO_FPU + 1 ... VECTOR_PROTECTION - 1] = on_exception,
    [VECTOR_PROTECTION] = on_protection,
    [TRAP_PAGE_FAULT] = on_page_fault,
    [TRAP_PAGE_FAULT + 1 ... 31] = on_exception,
    [VECTOR_IRQ_BASE] = on_timer,
    [VECTOR_IRQ_BASE + 1 ... VECTOR_IRQ_BASE + 15] = on_interrupt,
    [VECTOR_SYSENTER] = syscall_ipc,
};

REGPARM void kernel_exception(struct arch_regs *r) __attribute__((noreturn));

/* An exception in ring 0, which is a bug of the kernel. */
REGPARM void kernel_exception(struct arch_regs *r)
{
    word_t cr2;
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    panic_registers(r);
    panic("exception %u in the kernel: error %x, ip %x, cr2 %x", (unsigned)r->vector,
          (unsigned)r->error & 0xffff, (unsigned)r->eip, (unsigned)cr2);
}
