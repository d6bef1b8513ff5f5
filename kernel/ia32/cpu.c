/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu.h"

struct cpu_features cpu;

static bool has_cpuid(void)
{
    word_t before, after;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after));
    return ((before ^ after) & 0x200000) != 0;
}

void cpu_detect(void)
{
    enum { TSC = 1 << 4, SEP = 1 << 11, FXSR = 1 << 24 };
    cpu.cpuid = has_cpuid();
    if (!cpu.cpuid) {
        return;
    }
    word_t signature = 1, b, c, d;
    __asm__ volatile("cpuid" : "+a"(signature), "=b"(b), "=c"(c), "=d"(d));
    cpu.tsc = (d & TSC) != 0;
    cpu.fxsr = (d & FXSR) != 0;
    /* the Pentium Pro announces sysenter and does not have it */
    cpu.sysenter = (d & SEP) && !((signature >> 8 & 0xf) == 6 && (signature & 0xff) < 0x33);
}
