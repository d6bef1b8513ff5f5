/* SPDX-License-Identifier: BSD-2-Clause */
/* hypotl and sqrtl: no square may overflow or vanish on the way. */
#include "x87.h"

long double sqrtl(long double x)
{
    return x87_sqrt(x);
}

long double hypotl(long double x, long double y)
{
    long double large = x87_abs(x), small = x87_abs(y);
    if (!ld_is_finite(x) || !ld_is_finite(y)) {
        int infinite = (!ld_is_finite(x) && !ld_is_nan(x)) || (!ld_is_finite(y) && !ld_is_nan(y));
        return infinite ? __builtin_infl() : x + y;
    }
    if (large < small) {
        long double other = large;
        large = small;
        small = other;
    }
    if (large == 0) {
        return 0;
    }
    int exponent = ilogbl(large);
    large = scalbnl(large, -exponent);
    small = scalbnl(small, -exponent);
    return scalbnl(x87_sqrt(large * large + small * small), exponent);
}
