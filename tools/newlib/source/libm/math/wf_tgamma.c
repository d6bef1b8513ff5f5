/* SPDX-License-Identifier: BSD-2-Clause */
/* tgammaf by way of tgammal, which says why. */
#include <math.h>

float tgammaf(float x)
{
    return (float)tgammal(x);
}
