/* SPDX-License-Identifier: BSD-2-Clause */
/* tgmath.h: the function is chosen by the types of the arguments. */
#include <tgmath.h>

#include "check.h"

/* The macros name every function with every argument. */
#pragma GCC diagnostic ignored "-Wfloat-conversion"
#pragma GCC diagnostic ignored "-Wconversion"

void test_generic_math(void)
{
    static volatile float f = 4;
    static volatile double d = 4;
    static volatile long double l = 4;
    static volatile int i = 4;
    EXPECT(sizeof(sqrt(f)) == sizeof(float) && sizeof(sqrt(d)) == sizeof(double));
    EXPECT(sizeof(sqrt(l)) == sizeof(long double) && sizeof(sqrt(i)) == sizeof(double));
    EXPECT(sizeof(sqrt(f + 0 * I)) == sizeof(float complex));
    EXPECT(sqrt(f) == 2 && sqrt(d) == 2 && sqrt(l) == 2 && sqrt(i) == 2 && fmax(f, l) == 4 &&
           creal(sqrt(-d + 0 * I)) == 0);
    EXPECT(sizeof(pow(f, d)) == sizeof(double) && sizeof(pow(d, l)) == sizeof(long double) &&
           pow(i, f) == 256);
}
