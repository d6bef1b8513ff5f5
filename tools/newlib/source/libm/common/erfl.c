/* SPDX-License-Identifier: BSD-2-Clause */
/* Long double functions whose result has the precision of double only, and cbrtl. */
#include "x87.h"

long double erfl(long double x)
{
    return erf((double)x);
}

long double erfcl(long double x)
{
    return erfc((double)x);
}

long double lgammal(long double x)
{
    return lgamma((double)x);
}

/* A double's cube root of the mantissa, and one step of Newton's. */
long double cbrtl(long double x)
{
    int exponent = 0;
    if (x == 0 || !ld_is_finite(x)) {
        return x;
    }
    long double fraction = frexpl(x, &exponent);
    int third = exponent / 3, rest = exponent % 3;
    fraction = scalbnl(fraction, rest);
    long double root = cbrt((double)fraction);
    root -= (root - fraction / (root * root)) / 3;
    return scalbnl(root, third);
}
