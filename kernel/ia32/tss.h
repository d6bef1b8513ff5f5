/* SPDX-License-Identifier: BSD-2-Clause */
/* Task state segments: the kernel and all threads run in one, and double faults and NMIs have one
 * each (emergency.c). */
#pragma once

#include <stdint.h>

struct tss {
    union {
        uint32_t backlink;      /* of a nested task; the main one is none */
        uint32_t kernel_eflags; /* of the main one; no IOPL once ports are mapped (port_map.h) */
    };
    uint32_t esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags, eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
};

/* SYSENTER_ESP points at tss.kernel_eflags, from where the entry pops its flags, and esp0 lies
 * behind. A debug trap right after sysenter pushes below: onto the spare words. */
extern struct main_tss {
    uint32_t spare[31];
    struct tss tss;
} main_tss;

/* What may strike at any instruction, also where the stack pointer stands in a TCB, has a task and
 * a stack of its own. */
extern struct tss double_fault_tss, nmi_tss;
/* Fills both.  Called by descriptor.c while CR3 is still that of the boot directory, which
 * lasts. */
void emergency_init(void);
