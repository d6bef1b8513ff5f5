/* SPDX-License-Identifier: BSD-2-Clause */
/* Remainders of long doubles, by the processor's instructions, which are exact but may stop
 * half-way. */
#include "x87.h"

enum { STATUS_PARTIAL = 0x400, STATUS_C0 = 0x100, STATUS_C1 = 0x200, STATUS_C3 = 0x4000 };

long double fmodl(long double x, long double y)
{
    uint16_t status;
    do {
        __asm__ volatile("fprem\n\tfnstsw %1" : "+t"(x), "=a"(status) : "u"(y) : "cc");
    } while (status & STATUS_PARTIAL);
    return x;
}

/* The lowest three bits of the quotient are in the status word after the last step. */
long double remquol(long double x, long double y, int *quotient)
{
    uint16_t status;
    int negative = ld_negative(x) != ld_negative(y);
    do {
        __asm__ volatile("fprem1\n\tfnstsw %1" : "+t"(x), "=a"(status) : "u"(y) : "cc");
    } while (status & STATUS_PARTIAL);
    int bits = (status & STATUS_C0 ? 4 : 0) | (status & STATUS_C3 ? 2 : 0) | (status & STATUS_C1 ? 1 : 0);
    *quotient = ld_is_nan(x) ? 0 : negative ? -bits : bits;
    return x;
}

long double remainderl(long double x, long double y)
{
    int quotient;
    return remquol(x, y, &quotient);
}
