/* SPDX-License-Identifier: BSD-2-Clause */
/* User registers of threads, and switching between threads: the half of arch.h that is about
 * threads.
 *
 * Invariant: a thread at user level always has the user's selectors, and the IOPL that the kernel
 * gives: whatever is put into its registers from outside goes through the masks below.  With an
 * IOPL of 3 a thread may clear IF by itself, so nothing may rely on that. */
#include "arch.h"
#include "descriptor.h"
#include "entry.h"
#include "fpu.h"
#include "kdb/counters.h"
#include "kdb/trace.h"
#include "l4/schedule.h"
#include "paging.h"

enum {
    /* What popf changes in user mode without privilege: CF PF AF ZF SF OF, TF, DF, NT, AC, ID. */
    FLAGS_USER_MASK = 0x8d5 | FLAG_TRAP | 0x400 | 0x4000 | 0x40000 | 0x200000,
};

uint32_t user_eflags = EFLAGS_USER;

static inline bool has_iopl(const struct tcb *t)
{
    return ((t->regs.eflags ^ user_eflags) & FLAG_IOPL) == 0;
}

void arch_thread_init(struct tcb *t)
{
    struct arch_regs *r = &t->regs;
    r->edi = r->esi = r->ebp = r->ebx = r->edx = r->ecx = r->eax = 0;
    r->vector = r->eip = r->esp = 0; /* but not `error': the processor or the entry writes it */
    r->cs = USER_CS;
    r->ss = USER_DS;
    r->eflags = user_eflags;
}

void arch_thread_destroy(struct tcb *t)
{
    fpu_release(t);
}

/* CR0.TS becomes set unless next owns the FPU; mostly it is already as it must be. */
static inline void fpu_switch(const struct tcb *next)
{
    if (__builtin_expect(next == fpu_owner || next->redirected || schedule_fast_limit == 0, 0)) {
        fpu_switch_slowly(next);
    }
}

void arch_switch_to(struct tcb *t)
{
    struct tcb *from = current;
    debug_assert(!t || (t->space->directory && t->regs.cs == USER_CS));
    counters.thread_switches++;
    trace_switch(from, t);
    current = t;
    if (!t) {
        return;
    }
    if (!from || t->cr3 != from->cr3) {
        counters.space_switches++;
        __asm__ volatile("movl %0, %%cr3" : : "r"(t->cr3) : "memory");
    }
    descriptor_switch(t);
    fpu_switch(t);
}

word_t arch_user_ip(const struct tcb *t)
{
    return t->regs.eip;
}

word_t arch_user_sp(const struct tcb *t)
{
    return t->regs.esp;
}

word_t arch_user_flags(const struct tcb *t)
{
    return t->regs.eflags;
}

void arch_set_user_ip(struct tcb *t, word_t ip)
{
    t->regs.eip = ip;
}

void arch_set_user_sp(struct tcb *t, word_t sp)
{
    t->regs.esp = sp;
}

void arch_set_user_flags(struct tcb *t, word_t flags)
{
    t->regs.eflags = (t->regs.eflags & ~(word_t)FLAGS_USER_MASK) | (flags & FLAGS_USER_MASK);
    t->regs.vector = 0; /* it leaves by iret, even if it came by sysenter: sysexit sets no flags */
    debug_assert(has_iopl(t));
}

/* The exception message (interface.md 6.5): MR5 to MR12 are the general registers, in the order of
 * pusha, with the user's ESP. */
void arch_exception_words(const struct tcb *t, word_t *words)
{
    const struct arch_regs *r = &t->regs;
    words[0] = r->eip;
    words[1] = r->eflags;
    words[2] = t->fault_vector;
    words[3] = t->fault_error;
    words[4] = r->edi;
    words[5] = r->esi;
    words[6] = r->ebp;
    words[7] = r->esp;
    words[8] = r->ebx;
    words[9] = r->edx;
    words[10] = r->ecx;
    words[11] = r->eax;
}

static void apply_general(struct arch_regs *r, const word_t *words, size_t count)
{
    uint32_t *const to[] = {&r->edi, &r->esi, &r->ebp, &r->esp, &r->ebx, &r->edx, &r->ecx, &r->eax};
    for (size_t i = 4; i < count && i < 12; i++) {
        *to[i - 4] = words[i];
    }
}

void arch_exception_apply(struct tcb *t, const word_t *words, size_t count)
{
    struct arch_regs *r = &t->regs;
    if (count > 0) {
        r->eip = words[0];
    }
    if (count > 1) {
        r->eflags = (r->eflags & ~(word_t)FLAGS_USER_MASK) | (words[1] & FLAGS_USER_MASK);
        debug_assert(has_iopl(t));
    }
    if (count != 12) {
        apply_general(r, words, count);
        return;
    }
    r->edi = words[4];
    r->esi = words[5];
    r->ebp = words[6];
    r->esp = words[7];
    r->ebx = words[8];
    r->edx = words[9];
    r->ecx = words[10];
    r->eax = words[11];
}

void arch_interrupt_window(void)
{
    __asm__ volatile("sti\n\tnop\n\tcli" : : : "memory");
}
