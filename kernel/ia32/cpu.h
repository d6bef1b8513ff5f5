/* SPDX-License-Identifier: BSD-2-Clause */
/* What the processor can do: looked at once, and what it lacks is not used.
 *
 * Invariant: once cpu_detect has run, `cpu' never changes; it is read-only after boot.  Every file
 * of ia32 may read it, and the debugger shows it. */
#pragma once

#include "l4/word.h"

struct cpu_features {
    bool cpuid, tsc, sysenter, fxsr, pge, pat, smep, smap;
};
extern struct cpu_features cpu;

/* Fills `cpu', and gives the PAT its types.  main.c calls it once, before anything that looks at
 * `cpu'. */
void cpu_detect(void);

/* The time-stamp counter.  Only with cpu.tsc. */
static inline uint64_t cpu_tsc(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}
