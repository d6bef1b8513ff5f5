/* SPDX-License-Identifier: BSD-2-Clause */
/* fdim(x, y) is x - y if x is greater, and otherwise 0, for infinities too (C11 7.12.12.1). */
#include <math.h>

double fdim(double x, double y)
{
    if (isnan(x) || isnan(y)) {
        return x + y;
    }
    return x > y ? x - y : 0;
}
