/* SPDX-License-Identifier: BSD-2-Clause */
/* fmaf: the product of two floats is a long double; the sum must not be rounded twice. */
#include "exact_sum.h"

float fmaf(float x, float y, float z)
{
    if (!ld_is_finite(x) || !ld_is_finite(y) || !ld_is_finite(z) || x == 0 || y == 0) {
        return x * y + z;
    }
    uint16_t control = x87_to_nearest();
    struct exact product = {.high = (long double)x * y, .low = 0};
    volatile long double sum = odd_sum(product, z);
    x87_set_control(control);
    if (sum == 0) {
        return (float)(product.high + z);
    }
    return (float)sum;
}
