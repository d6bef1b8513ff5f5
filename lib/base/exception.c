/* SPDX-License-Identifier: BSD-2-Clause */
/* The vectors of IA-32 that have a name. */
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
