/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums without error, for fma: a sum is two long doubles, the rounded value and what it lacks
 * (exact while the processor rounds to nearest). A value that is "rounded to odd" has the lowest
 * bit of its mantissa set when something was lost, and may be rounded once more, to fewer bits,
 * without harm. */
#pragma once

#include "x87.h"

struct exact {
    volatile long double high, low;
};

static inline struct exact exact_sum(long double a, long double b)
{
    struct exact s;
    s.high = a + b;
    volatile long double part = s.high - a;
    volatile long double rest = s.high - part;
    s.low = (a - rest) + (b - part);
    return s;
}

/* The value whose nearest long double is x and that lies on the side of rest, rounded to odd. */
static inline long double round_to_odd(long double x, long double rest)
{
    union ld_parts p = {.value = x};
    if (rest == 0 || (p.bits.mantissa & 1) || x == 0) {
        return x;
    }
    if ((rest < 0) == p.bits.negative) {
        p.bits.mantissa++;
        return p.value;
    }
    /* One step towards zero: below a power of two the steps are half as wide. */
    if (--p.bits.mantissa < (uint64_t)1 << 63 && p.bits.exponent > 1) {
        p.bits.mantissa = ~(uint64_t)0;
        p.bits.exponent--;
    }
    return p.value;
}

/* product.high + product.low + z, rounded to odd. */
static inline long double odd_sum(struct exact product, long double z)
{
    struct exact upper = exact_sum(product.high, z);
    struct exact lower = exact_sum(upper.low, product.low);
    struct exact all = exact_sum(upper.high, lower.high);
    return round_to_odd(all.high, all.low + lower.low);
}

static inline uint16_t x87_to_nearest(void)
{
    uint16_t control = x87_control();
    x87_set_control((uint16_t)((control & ~X87_ROUNDING) | X87_NEAREST));
    return control;
}
