/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUID, as far as there is one: the EFLAGS bit that can be changed tells. */
#include "cpu.h"

struct cpu_features cpu SEALED;

static bool has_cpuid(void)
{
    word_t before, after;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after));
    return ((before ^ after) & 0x200000) != 0;
}

struct cpuid {
    word_t a, b, c, d;
};

static struct cpuid read_cpuid(word_t leaf)
{
    struct cpuid r = {.a = leaf};
    __asm__ volatile("cpuid" : "+a"(r.a), "=b"(r.b), "+c"(r.c), "=d"(r.d));
    return r;
}

/* Entry 2 of the PAT becomes write-combining, in place of a second kind of uncacheable; the other
 * entries are what processors without a PAT have.  No page is mapped with entry 2 before this, so
 * no cache needs a flush. */
static void set_memory_types(void)
{
    enum { MSR_PAT = 0x277, UNCACHEABLE = 0, COMBINING = 1, THROUGH = 4, BACK = 6 };
    word_t types = UNCACHEABLE << 24 | COMBINING << 16 | THROUGH << 8 | BACK;
    __asm__ volatile("wrmsr" : : "c"(MSR_PAT), "a"(types), "d"(types));
}

void cpu_detect(void)
{
    enum {
        TSC = 1 << 4,
        SEP = 1 << 11,
        PGE = 1 << 13,
        PAT = 1 << 16,
        FXSR = 1 << 24,
        FEATURES = 7,
        SMEP = 1 << 7,
        SMAP = 1 << 20
    };
    cpu.cpuid = has_cpuid();
    if (!cpu.cpuid) {
        return;
    }
    struct cpuid id = read_cpuid(1);
    cpu.tsc = (id.d & TSC) != 0;
    cpu.fxsr = (id.d & FXSR) != 0;
    cpu.pge = (id.d & PGE) != 0;
    cpu.pat = (id.d & PAT) != 0;
    /* The Pentium Pro announces sysenter and does not have it. */
    cpu.sysenter = (id.d & SEP) && !((id.a >> 8 & 0xf) == 6 && (id.a & 0xff) < 0x33);
    if (cpu.pat) {
        set_memory_types();
    }
    if (read_cpuid(0).a >= FEATURES) {
        id = read_cpuid(FEATURES);
        cpu.smep = (id.b & SMEP) != 0;
        cpu.smap = (id.b & SMAP) != 0;
    }
}
