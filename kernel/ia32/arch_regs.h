/* SPDX-License-Identifier: BSD-2-Clause */
/* The user registers of a thread, as the processor and entry.S push them, lowest address first.  l4
 * includes this for the layout of a TCB, and reaches the registers through arch.h alone. */
#pragma once

#ifndef __ASSEMBLER__
#include <stdint.h>

struct arch_regs {
    uint32_t edi, esi, ebp, unused_esp, ebx, edx, ecx, eax; /* pusha */
    uint32_t vector, error;
    uint32_t eip, cs, eflags, esp, ss; /* the processor */
};

#endif

#define REGS_BYTES  60
#define REGS_VECTOR 32
#define REGS_EIP    40
#define REGS_CS     44
#define REGS_EFLAGS 48
#define REGS_ESP    52
