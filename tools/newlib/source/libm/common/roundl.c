/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounding of long double to integers; rintl, lrintl and llrintl are newlib's own. */
#include <fenv.h>

#include "x87.h"

long double floorl(long double x)
{
    return x87_round_as(x, X87_DOWN);
}

long double ceill(long double x)
{
    return x87_round_as(x, X87_UP);
}

long double truncl(long double x)
{
    return x87_round_as(x, X87_CHOP);
}

/* Like rintl, but the inexact flag stays as it was. */
long double nearbyintl(long double x)
{
    fenv_t before;
    (void)feholdexcept(&before);
    long double rounded = x87_round(x);
    (void)fesetenv(&before);
    return rounded;
}

/* Half-way cases away from zero. */
long double roundl(long double x)
{
    long double whole = truncl(x);
    if (!ld_is_finite(x)) {
        return x + x;
    }
    if (x87_abs(x - whole) >= 0.5L) {
        whole += ld_negative(x) ? -1 : 1;
    }
    union ld_parts p = {.value = whole};
    p.bits.negative = ld_negative(x);
    return p.value;
}

long lroundl(long double x)
{
    return (long)roundl(x);
}

long long llroundl(long double x)
{
    return (long long)roundl(x);
}
