/* SPDX-License-Identifier: BSD-2-Clause */
/* tgamma by way of tgammal, which says why. */
#include <math.h>

double tgamma(double x)
{
    return (double)tgammal(x);
}
