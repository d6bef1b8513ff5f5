/* SPDX-License-Identifier: BSD-2-Clause */
/* fmal, rounded once but when the result is subnormal: then the scaling at the end rounds again. */
#include "exact_sum.h"

enum {
    SPLIT_BITS = 32,
    FAR = 200 /* in binary digits: what is so far below the product only tips the scales */
};

/* The upper 32 bits of the mantissa. */
static long double upper_half(long double x)
{
    union ld_parts p = {.value = x};
    p.bits.mantissa &= ~(uint64_t)0 << SPLIT_BITS;
    return p.value;
}

/* x * y + z for x and y between 1/2 and 1. */
static long double fma_of_fractions(long double x, long double y, long double z)
{
    uint16_t control = x87_to_nearest();
    long double xh = upper_half(x), xl = x - xh, yh = upper_half(y), yl = y - yh;
    struct exact product;
    product.high = x * y;
    product.low = (((xh * yh - product.high) + xh * yl) + xl * yh) + xl * yl;
    struct exact upper = exact_sum(product.high, z);
    struct exact lower = exact_sum(upper.low, product.low);
    struct exact all = exact_sum(upper.high, lower.high);
    struct exact rest = exact_sum(all.low, lower.low);
    volatile long double high = all.high, odd_rest = round_to_odd(rest.high, rest.low);
    x87_set_control(control);
    return high + odd_rest;
}

long double fmal(long double x, long double y, long double z)
{
    int of_x, of_y, of_z;
    if (!ld_is_finite(x) || !ld_is_finite(y) || x == 0 || y == 0) {
        return x * y + z;
    }
    if (!ld_is_finite(z)) {
        return z; /* the product is finite even where x * y overflows */
    }
    x = frexpl(x, &of_x);
    y = frexpl(y, &of_y);
    long double fraction = frexpl(z, &of_z);
    int exponent = of_x + of_y, above = of_z - exponent;
    if (z != 0 && above > FAR) {
        return z + copysignl(0x1p-16445L, ld_negative(x) == ld_negative(y) ? 1 : -1);
    }
    long double scaled = scalbnl(fraction, above < -FAR ? -FAR : above);
    return scalbnl(fma_of_fractions(x, y, scaled), exponent);
}
