/* SPDX-License-Identifier: BSD-2-Clause */
/* The long double functions that take numbers apart and put them together. */
#include <limits.h>

#include "x87.h"

enum { SCALE_MAX = 40000 /* beyond the distance of the least and the greatest number */ };

long double fabsl(long double x)
{
    return x87_abs(x);
}

long double copysignl(long double x, long double y)
{
    union ld_parts p = {.value = x};
    p.bits.negative = ld_negative(y);
    return p.value;
}

long double frexpl(long double x, int *exponent)
{
    union ld_parts p = {.value = x};
    *exponent = 0;
    if (x == 0 || !ld_is_finite(x)) {
        return x;
    }
    int shift = __builtin_clzll(p.bits.mantissa), above = p.bits.exponent ? p.bits.exponent : 1;
    p.bits.mantissa <<= shift;
    p.bits.exponent = LD_BIAS - 1;
    *exponent = above - shift - (LD_BIAS - 1);
    return p.value;
}

long double scalblnl(long double x, long n)
{
    n = n > SCALE_MAX ? SCALE_MAX : n < -SCALE_MAX ? -SCALE_MAX : n;
    /* In halves: fscale takes no more than 2^15, and a subnormal result must be rounded once. */
    if (n > 32000) {
        x = x87_scale(x, 16000);
        n -= 16000;
    } else if (n < -32000) {
        union ld_parts p = {.value = x};
        if (p.bits.exponent > 20000 && ld_is_finite(x)) {
            p.bits.exponent -= 16000;
            n += 16000;
        }
        x = p.value;
        n = n < -32000 ? -32000 : n;
    }
    return x87_scale(x, n);
}

long double scalbnl(long double x, int n)
{
    return scalblnl(x, n);
}

long double ldexpl(long double x, int n)
{
    return scalblnl(x, n);
}

long double modfl(long double x, long double *whole)
{
    *whole = ld_is_finite(x) ? x87_round_as(x, X87_CHOP) : x;
    if (ld_is_nan(x)) {
        return x;
    }
    return copysignl(ld_is_finite(x) ? x - *whole : 0, x);
}

int ilogbl(long double x)
{
    int exponent = 0;
    if (x == 0) {
        return FP_ILOGB0;
    }
    if (!ld_is_finite(x)) {
        return ld_is_nan(x) ? FP_ILOGBNAN : INT_MAX;
    }
    (void)frexpl(x, &exponent);
    return exponent - 1;
}

long double logbl(long double x)
{
    if (x == 0) {
        return -1 / x87_abs(x);
    }
    return ld_is_finite(x) ? ilogbl(x) : x * x;
}

long double nextafterl(long double x, long double y)
{
    union ld_parts p = {.value = x};
    if (ld_is_nan(x) || ld_is_nan(y)) {
        return x + y;
    }
    if (x == y) {
        return y;
    }
    if (x == 0) {
        p.bits.mantissa = 1;
        p.bits.negative = ld_negative(y);
        return p.value;
    }
    const uint64_t whole = (uint64_t)1 << 63;
    if ((x < y) != p.bits.negative) { /* away from zero */
        if (++p.bits.mantissa == 0 || (p.bits.exponent == 0 && p.bits.mantissa == whole)) {
            p.bits.mantissa = whole;
            p.bits.exponent++;
        }
    } else if (p.bits.exponent == 0) {
        p.bits.mantissa--;
    } else if (p.bits.mantissa-- == whole) {
        p.bits.exponent--;
        p.bits.mantissa = p.bits.exponent ? ~(uint64_t)0 : whole - 1;
    }
    return p.value;
}

long double nexttowardl(long double x, long double y)
{
    return nextafterl(x, y);
}

double nexttoward(double x, long double y)
{
    if (ld_is_nan(x) || ld_is_nan(y)) {
        return (double)(x + y);
    }
    return x == y ? (double)y : nextafter(x, y > x ? __builtin_inf() : -__builtin_inf());
}

float nexttowardf(float x, long double y)
{
    if (ld_is_nan(x) || ld_is_nan(y)) {
        return (float)(x + y);
    }
    return x == y ? (float)y : nextafterf(x, y > x ? __builtin_inff() : -__builtin_inff());
}

long double fdiml(long double x, long double y)
{
    if (ld_is_nan(x) || ld_is_nan(y)) {
        return x + y;
    }
    return x > y ? x - y : 0;
}

long double fmaxl(long double x, long double y)
{
    return ld_is_nan(x) ? y : ld_is_nan(y) || x > y ? x : y;
}

long double fminl(long double x, long double y)
{
    return ld_is_nan(x) ? y : ld_is_nan(y) || x < y ? x : y;
}
