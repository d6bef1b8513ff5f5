/* SPDX-License-Identifier: BSD-2-Clause */
/* The gamma function. What this replaces was exp(lgamma(x)), which loses the sign and, for large
 * arguments, three digits. Computed in long double; the result has the precision of double. */
#include "x87.h"

#define PI       0xc.90fdaa22168c235p-2L
#define ROOT_2PI 0xa.06c98ffb1382cb3p-2L

enum { STIRLING_FROM = 26, GREATEST = 1760, LEAST = -1780 };

/* What Stirling's formula lacks, as a power series in 1/x: Bernoulli numbers B(2k) / (2k (2k -
 * 1)). */
static long double stirling_rest(long double x)
{
    static const long double terms[] = {
        1.0L / 12,   -1.0L / 360,      1.0L / 1260, -1.0L / 1680,
        1.0L / 1188, -691.0L / 360360, 1.0L / 156,  -3617.0L / 122400,
    };
    long double square = 1 / (x * x), sum = 0;
    for (int i = (int)(sizeof(terms) / sizeof(terms[0])) - 1; i >= 0; i--) {
        sum = sum * square + terms[i];
    }
    return sum / x;
}

/* For x >= 1/2: integers by their product, others by Stirling's formula, far enough up and back by
 * division. */
static long double gamma_positive(long double x)
{
    long double below = 1, product = 1;
    if (x == truncl(x) && x <= 172) {
        while (x > 2) {
            x--;
            product *= x;
        }
        return product;
    }
    for (; x < STIRLING_FROM; x++) {
        below *= x;
    }
    long double half = powl(x, (x - 0.5L) / 2);
    return ROOT_2PI * half * expl(stirling_rest(x) - x) * half / below;
}

/* Sine of pi x, x being between integers. */
static long double sine_of_pi(long double x)
{
    long double whole = x87_round_as(x, X87_NEAREST), value = sinl(PI * (x - whole));
    return fmodl(whole, 2) == 0 ? value : -value;
}

long double tgammal(long double x)
{
    if (!ld_is_finite(x)) {
        return ld_negative(x) ? x - x : x;
    }
    if (x == 0) {
        return 1 / x;
    }
    if (x < 0 && truncl(x) == x) {
        return (x - x) / (x - x);
    }
    if (x > GREATEST) {
        return __builtin_infl();
    }
    if (x >= 0.5L) {
        return gamma_positive(x);
    }
    if (x87_abs(x) < 0x1p-70L) {
        return 1 / x;
    }
    if (x < LEAST) {
        return sine_of_pi(x) < 0 ? -0.0L : 0;
    }
    return PI / (sine_of_pi(x) * gamma_positive(1 - x));
}
