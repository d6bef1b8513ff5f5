/* SPDX-License-Identifier: BSD-2-Clause */
/* Exponentials and logarithms of long double by the x87's instructions, and what is made of them.
 * The error is a few units in the last place, but for powl with a result of many thousand binary
 * digits, where it grows to the precision of double. */
#include "x87.h"

/* ln 2 in two parts: n times the first one is exact for every exponent n. */
#define LN2_HIGH 0x1.62e42fefa38p-1L
#define LN2_LOW  0x1.ef35793c7673007ep-45L
#define LN2      0xb.17217f7d1cf79acp-4L
#define LOG2_E   0xb.8aa3b295c17f0bcp-3L
#define LOG10_2  0x9.a209a84fbcff799p-5L

static long double exp2_of_parts(long double whole, long double fraction)
{
    return scalblnl(x87_exp2m1(fraction) + 1, (long)whole);
}

long double exp2l(long double x)
{
    if (!ld_is_finite(x)) {
        return x > 0 || ld_is_nan(x) ? x : 0;
    }
    x = x > 20000 ? 20000 : x < -20000 ? -20000 : x;
    long double whole = x87_round_as(x, X87_NEAREST);
    return exp2_of_parts(whole, x - whole);
}

long double expl(long double x)
{
    if (!ld_is_finite(x)) {
        return x > 0 || ld_is_nan(x) ? x : 0;
    }
    x = x > 12000 ? 12000 : x < -12000 ? -12000 : x;
    long double whole = x87_round_as(x * LOG2_E, X87_NEAREST);
    long double rest = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    return exp2_of_parts(whole, rest * LOG2_E);
}

long double expm1l(long double x)
{
    if (x87_abs(x) < 0.34L) {
        return x == 0 ? x : x87_exp2m1(x * LOG2_E);
    }
    return expl(x) - 1;
}

/* Whether x is so near to 1 that its logarithm must be taken of the difference. */
static int near_one(long double x)
{
    return x > 0.75L && x < 1.25L;
}

static long double scaled_log(long double factor, long double x)
{
    return near_one(x) ? x87_ylog2p1(factor, x - 1) : x87_ylog2(factor, x);
}

long double logl(long double x)
{
    return scaled_log(LN2, x);
}

long double log2l(long double x)
{
    return scaled_log(1, x);
}

long double log10l(long double x)
{
    return scaled_log(LOG10_2, x);
}

long double log1pl(long double x)
{
    return x87_abs(x) < 0.25L ? x87_ylog2p1(LN2, x) : x87_ylog2(LN2, 1 + x);
}

/* 0: y is no integer, 1: odd, 2: even. */
static int parity(long double y)
{
    if (!ld_is_finite(y) || x87_abs(y) >= 0x1p64L) {
        return 2;
    }
    if (x87_round_as(y, X87_CHOP) != y) {
        return 0;
    }
    return (uint64_t)x87_abs(y) & 1 ? 1 : 2;
}

static long double pow_positive(long double x, long double y)
{
    int exponent = 0;
    long double fraction = frexpl(x, &exponent);
    if (fraction < 0.70710678118654752440L) {
        fraction *= 2;
        exponent--;
    }
    /* y * exponent is split into its whole part and the rest before the logarithm of the fraction
     * joins it: added first, the exponent would push its last digits out. */
    long double of_exponent = y * exponent, of_fraction = y * scaled_log(1, fraction);
    long double whole = x87_round_as(of_exponent, X87_NEAREST);
    long double rest = fmal(y, exponent, -whole) + of_fraction;
    long double more = x87_round_as(rest, X87_NEAREST);
    if (whole + more > 20000 || whole + more < -20000) {
        return scalblnl(1, whole + more > 0 ? 40000 : -40000);
    }
    return exp2_of_parts(whole + more, rest - more);
}

static long double pow_of_infinite(long double x, long double y)
{
    long double size = x87_abs(x);
    if (size == 1) {
        return 1;
    }
    return (size > 1) == (y > 0) ? __builtin_infl() : 0;
}

long double powl(long double x, long double y)
{
    int kind = parity(y), negative = ld_negative(x) && kind == 1;
    if (y == 0 || x == 1) {
        return 1;
    }
    if (ld_is_nan(x) || ld_is_nan(y)) {
        return x + y;
    }
    if (x87_abs(y) > 0x1p80L) { /* too much for every x but 1 and -1 */
        return pow_of_infinite(x, y);
    }
    if (x == 0 || !ld_is_finite(x)) {
        long double limit = (x == 0) == (y < 0) ? __builtin_infl() : 0;
        return negative ? -limit : limit;
    }
    if (x < 0 && kind == 0) {
        return (x - x) / (x - x);
    }
    long double result = pow_positive(x87_abs(x), y);
    return negative ? -result : result;
}

long double sinhl(long double x)
{
    long double size = x87_abs(x), result;
    if (size < 22) {
        long double t = expm1l(size);
        result = (t + t / (t + 1)) / 2;
    } else {
        long double half = expl(size / 2);
        result = half / 2 * half;
    }
    return x == 0 || ld_is_nan(x) ? x : ld_negative(x) ? -result : result;
}

long double coshl(long double x)
{
    long double size = x87_abs(x), half = expl(size / 2);
    return size < 22 ? (half * half + 1 / (half * half)) / 2 : half / 2 * half;
}

long double tanhl(long double x)
{
    long double size = x87_abs(x), t = size < 40 ? expm1l(2 * size) : 1, result = size < 40 ? t / (t + 2) : 1;
    return x == 0 || ld_is_nan(x) ? x : ld_negative(x) ? -result : result;
}

long double asinhl(long double x)
{
    long double size = x87_abs(x), square = size * size, result;
    if (size > 0x1p32L) {
        result = logl(size) + LN2;
    } else {
        result = log1pl(size + square / (1 + x87_sqrt(1 + square)));
    }
    return x == 0 || ld_is_nan(x) ? x : ld_negative(x) ? -result : result;
}

long double acoshl(long double x)
{
    long double t = x - 1;
    return x > 0x1p32L ? logl(x) + LN2 : log1pl(t + x87_sqrt(t * (t + 2)));
}

long double atanhl(long double x)
{
    long double size = x87_abs(x), result = log1pl(2 * size / (1 - size)) / 2;
    return x == 0 || ld_is_nan(x) ? x : ld_negative(x) ? -result : result;
}
