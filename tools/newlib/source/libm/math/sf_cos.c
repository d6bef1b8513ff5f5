/* SPDX-License-Identifier: BSD-2-Clause */
/* cosf by way of cos. The reduction of large arguments that this replaces counted in float and was
 * wrong in the wider registers of the x87, by up to 26 units in the last place. */
#include <math.h>

float cosf(float x)
{
    return (float)cos(x);
}
