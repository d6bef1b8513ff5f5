/* SPDX-License-Identifier: BSD-2-Clause */
/* The vectors of IA-32 that have a name, and what a C program calls them. */
#include "base/exception.h"

static const char *const names[] = {
    [0] = "division error",
    [1] = "debug exception",
    [3] = "breakpoint",
    [4] = "overflow",
    [5] = "bound exceeded",
    [6] = "invalid opcode",
    [7] = "no coprocessor",
    [8] = "double fault",
    [10] = "invalid TSS",
    [11] = "segment not present",
    [12] = "stack fault",
    [13] = "general protection",
    [16] = "floating-point error",
    [17] = "alignment check",
    [19] = "SIMD floating-point error",
};

const char *exception_name(unsigned long number)
{
    return number < sizeof names / sizeof *names && names[number] ? names[number] : "exception";
}

int exception_signal(unsigned long number)
{
    switch (number) {
    case 0:  /* division */
    case 7:  /* no coprocessor */
    case 16: /* floating point */
    case 19: /* SIMD */
        return SIGNAL_FPE;
    case 1: /* single step */
    case 3: /* breakpoint */
        return SIGNAL_TRAP;
    case 6: /* invalid opcode */
        return SIGNAL_ILL;
    case 11: /* segment not present */
    case 12: /* stack segment */
    case 17: /* alignment */
        return SIGNAL_BUS;
    default:
        return SIGNAL_SEGV;
    }
}
