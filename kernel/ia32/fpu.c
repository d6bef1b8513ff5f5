/* SPDX-License-Identifier: BSD-2-Clause */
/* Saves and restores with fxsave where the processor has it, else with fnsave.  CR0.TS makes the
 * first use of the FPU by another thread than its owner an exception. */
#include "fpu.h"

#include "arch.h"
#include "cpu.h"
#include "l4/kmem.h"
#include "l4/schedule.h"

#include <string.h>

enum { CR0_MP = 2, CR0_EM = 4, CR0_TS = 8, CR0_NE = 0x20, CR4_OSFXSR = 0x200, CR4_OSXMMEXCPT = 0x400 };

/* fxsave wants 16-byte alignment, which slab objects of 512 bytes have. */
struct fpu_state {
    char bytes[512];
};
struct kslab fpu_slab = KSLAB(struct fpu_state);
struct tcb *fpu_owner;
static bool fpu_live; /* CR0.TS is clear: the owner is current */

void fpu_init(void)
{
    word_t cr0;
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    cr0 = (cr0 & ~(word_t)CR0_EM) | CR0_MP | CR0_NE;
    __asm__ volatile("movl %0, %%cr0\n\tclts\n\tfninit" : : "r"(cr0));
    if (cpu.fxsr) {
        __asm__ volatile("movl %%cr4, %%eax\n\torl %0, %%eax\n\tmovl %%eax, %%cr4"
                         :
                         : "i"(CR4_OSFXSR | CR4_OSXMMEXCPT)
                         : "eax");
    }
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0 | CR0_TS));
}

void fpu_switch_slowly(const struct tcb *next)
{
    bool usable = next == fpu_owner;
    debug_assert(!fpu_live || fpu_owner);
    schedule_fast_path(!usable && !next->redirected);
    if (usable == fpu_live) {
        return;
    }
    fpu_live = usable;
    if (!usable) {
        word_t cr0;
        __asm__ volatile("movl %%cr0, %0\n\torl %1, %0\n\tmovl %0, %%cr0" : "=&r"(cr0) : "i"(CR0_TS));
    } else {
        __asm__ volatile("clts");
    }
}

static void save(struct fpu_state *s)
{
    if (cpu.fxsr) {
        __asm__ volatile("fxsave %0" : "=m"(*s));
    } else {
        __asm__ volatile("fnsave %0" : "=m"(*s));
    }
}

static void restore(const struct fpu_state *s)
{
    if (cpu.fxsr) {
        __asm__ volatile("fxrstor %0" : : "m"(*s));
    } else {
        __asm__ volatile("frstor %0" : : "m"(*s));
    }
}

/* Makes the initial state, in the registers and in *s, with nothing of anybody else's in it: fninit
 * alone leaves the contents of the x87 registers, and all of SSE's. */
static void make_fresh(struct fpu_state *s)
{
    enum {
        FXSAVE_MXCSR = 24,
        FXSAVE_REGISTERS = 32,
        FXSAVE_END = 288,
        FNSAVE_REGISTERS = 28,
        FNSAVE_END = 108
    };
    static const word_t mxcsr_default = 0x1f80;
    __asm__ volatile("fninit");
    save(s);
    unsigned start = cpu.fxsr ? FXSAVE_REGISTERS : FNSAVE_REGISTERS, end = cpu.fxsr ? FXSAVE_END : FNSAVE_END;
    memset(s->bytes + start, 0, end - start);
    if (cpu.fxsr) {
        memcpy(s->bytes + FXSAVE_MXCSR, &mxcsr_default, sizeof(mxcsr_default));
    }
    restore(s);
}

bool fpu_unavailable(struct tcb *t)
{
    bool fresh = !t->fpu;
    assert(t == current);
    if (fpu_owner == t) { /* the fast path has switched to t, and does not look at the FPU */
        fpu_switch_slowly(t);
        /* The task switch of an NMI sets CR0.TS, also where fpu_live says that it is clear. */
        __asm__ volatile("clts");
        return true;
    }
    assert(!fpu_live);
    if (fresh && !(t->fpu = kslab_alloc(&fpu_slab, t->space))) {
        return false;
    }
    __asm__ volatile("clts");
    if (fpu_owner) {
        assert(fpu_owner->fpu);
        save(fpu_owner->fpu);
    }
    if (fresh) {
        make_fresh(t->fpu);
    } else {
        restore(t->fpu);
    }
    fpu_owner = t;
    fpu_live = true;
    schedule_fast_path(false);
    return true;
}

size_t arch_thread_bytes(const struct tcb *t)
{
    return t->fpu ? fpu_slab.object_bytes : 0u;
}

void fpu_release(struct tcb *t)
{
    debug_assert(t != current && (fpu_owner != t || t->fpu));
    if (t->fpu) {
        if (fpu_owner == t) {
            assert(!fpu_live);
            fpu_owner = NULL;
        }
        kslab_free(&fpu_slab, t->fpu, t->space);
        t->fpu = NULL;
    }
}
