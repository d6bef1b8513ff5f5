/* SPDX-License-Identifier: BSD-2-Clause */
/* fma rounds once (C11 7.12.13.1, F.10.10.1); the function that this replaces rounded the product
 * as well. */
#include "exact_sum.h"

double fma(double x, double y, double z)
{
    struct exact product;
    /* In a long double no product of two doubles overflows: an infinite z stays what it is. */
    if (!ld_is_finite(x) || !ld_is_finite(y) || !ld_is_finite(z) || x == 0 || y == 0) {
        return x * y + z;
    }
    uint16_t control = x87_to_nearest();
    /* Halves of 27 and 26 bits: their products fit in a long double. */
    union {
        double value;
        uint64_t bits;
    } a = {.value = x}, b = {.value = y};
    a.bits &= ~(uint64_t)0x7ffffff;
    b.bits &= ~(uint64_t)0x7ffffff;
    long double xh = a.value, xl = x - xh, yh = b.value, yl = y - yh;
    product.high = (long double)x * y;
    product.low = (((xh * yh - product.high) + xh * yl) + xl * yh) + xl * yl;
    volatile long double sum = odd_sum(product, z);
    x87_set_control(control);
    if (sum == 0) {
        return (double)(product.high + z); /* the sign of zero depends on the rounding mode */
    }
    return (double)sum;
}
