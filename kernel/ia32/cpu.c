/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu.h"

#include "io.h"

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

/* Counts TSC ticks against channel 2 of the 8254, for about 10 ms. */
word_t cpu_measure_khz(void)
{
    enum {
        CHANNEL2 = 0x42,
        COMMAND = 0x43,
        GATE = 0x61,
        PIT_TICKS = 11932,
        GATE_ON = 1,
        SPEAKER = 2,
        OUT2 = 0x20
    };
    enum { GUESS_KHZ = 33000, MS = 10 };
    if (!cpu.tsc) {
        return GUESS_KHZ;
    }
    outb(GATE, (uint8_t)((inb(GATE) & ~SPEAKER) | GATE_ON));
    outb(COMMAND, 0xb0); /* channel 2, one count */
    outb(CHANNEL2, PIT_TICKS & 0xff);
    outb(CHANNEL2, PIT_TICKS >> 8);
    word_t start = (word_t)cpu_tsc(), turns = 0;
    while (!(inb(GATE) & OUT2) && ++turns < 10000000) {
    }
    return ((word_t)cpu_tsc() - start) / MS;
}
