/* SPDX-License-Identifier: BSD-2-Clause */
/* math.h: special values as C11 Annex F wants them, a few ordinary ones. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <limits.h>
#include <math.h>

#include "check.h"

#define INF INFINITY

/* NAN as a value to compare with matches every NaN. */
static const struct {
    const char *name;
    double (*of)(double);
    double x, result;
} values[] = {
    {"acos", acos, 1, 0},
    {"acos", acos, 2, NAN},
    {"acos", acos, NAN, NAN},
    {"asin", asin, -0.0, -0.0},
    {"asin", asin, -1.5, NAN},
    {"atan", atan, -0.0, -0.0},
    {"atan", atan, INF, M_PI_2},
    {"atan", atan, -INF, -M_PI_2},
    {"cos", cos, 0, 1},
    {"cos", cos, INF, NAN},
    {"cos", cos, 1e22, 0x1.0be2cef01c8f4p-1},
    {"sin", sin, -0.0, -0.0},
    {"sin", sin, -INF, NAN},
    {"sin", sin, 1e22, -0x1.b453ab76bf397p-1},
    {"tan", tan, -0.0, -0.0},
    {"tan", tan, INF, NAN},
    {"acosh", acosh, 1, 0},
    {"acosh", acosh, 0.5, NAN},
    {"acosh", acosh, INF, INF},
    {"asinh", asinh, -0.0, -0.0},
    {"asinh", asinh, -INF, -INF},
    {"atanh", atanh, 1, INF},
    {"atanh", atanh, -1, -INF},
    {"atanh", atanh, 1.5, NAN},
    {"cosh", cosh, -INF, INF},
    {"cosh", cosh, 1e5, INF},
    {"sinh", sinh, -0.0, -0.0},
    {"sinh", sinh, -INF, -INF},
    {"tanh", tanh, -0.0, -0.0},
    {"tanh", tanh, INF, 1},
    {"exp", exp, -INF, 0},
    {"exp", exp, INF, INF},
    {"exp", exp, 710, INF},
    {"exp", exp, -746, 0},
    {"exp", exp, NAN, NAN},
    {"exp2", exp2, -INF, 0},
    {"exp2", exp2, 10, 1024},
    {"exp2", exp2, -1074, 0x1p-1074},
    {"exp2", exp2, 1024, INF},
    {"expm1", expm1, -0.0, -0.0},
    {"expm1", expm1, -INF, -1},
    {"expm1", expm1, INF, INF},
    {"log", log, 0, -INF},
    {"log", log, -0.0, -INF},
    {"log", log, 1, 0},
    {"log", log, -1, NAN},
    {"log", log, INF, INF},
    {"log10", log10, 1000, 3},
    {"log10", log10, 0, -INF},
    {"log1p", log1p, -0.0, -0.0},
    {"log1p", log1p, -1, -INF},
    {"log1p", log1p, -2, NAN},
    {"log2", log2, 8, 3},
    {"log2", log2, 0x1p-1074, -1074},
    {"log2", log2, -0.0, -INF},
    {"logb", logb, 0, -INF},
    {"logb", logb, -INF, INF},
    {"logb", logb, 0x1p-1074, -1074},
    {"cbrt", cbrt, -27, -3},
    {"cbrt", cbrt, -0.0, -0.0},
    {"cbrt", cbrt, INF, INF},
    {"fabs", fabs, -0.0, 0},
    {"fabs", fabs, -INF, INF},
    {"sqrt", sqrt, -0.0, -0.0},
    {"sqrt", sqrt, -1, NAN},
    {"sqrt", sqrt, 2, 0x1.6a09e667f3bcdp0},
    {"sqrt", sqrt, 0x1p-1074, 0x1p-537},
    {"erf", erf, -0.0, -0.0},
    {"erf", erf, -INF, -1},
    {"erfc", erfc, INF, 0},
    {"erfc", erfc, -INF, 2},
    {"ceil", ceil, -0.5, -0.0},
    {"ceil", ceil, 1.1, 2},
    {"floor", floor, -0.0, -0.0},
    {"floor", floor, -0.5, -1},
    {"floor", floor, INF, INF},
};

void test_math_values(void)
{
    for (size_t i = 0; i < COUNT(values); i++) {
        double found = values[i].of(values[i].x);
        expect(same_double(found, values[i].result), __FILE__, __LINE__, "%s(%a) is %a", values[i].name,
               values[i].x, found);
    }
}

static const struct {
    const char *name;
    double (*of)(double, double);
    double x, y, result;
} pairs[] = {
    {"pow", pow, 1, NAN, 1},
    {"pow", pow, NAN, 0, 1},
    {"pow", pow, NAN, -0.0, 1},
    {"pow", pow, -1, INF, 1},
    {"pow", pow, -1, NAN, NAN},
    {"pow", pow, -1, -INF, 1},
    {"pow", pow, 0, -3, INF},
    {"pow", pow, -0.0, -3, -INF},
    {"pow", pow, -0.0, -2, INF},
    {"pow", pow, -0.0, 3, -0.0},
    {"pow", pow, -0.0, INF, 0},
    {"pow", pow, 0, -INF, INF},
    {"pow", pow, -2, 0.5, NAN},
    {"pow", pow, 0.5, -INF, INF},
    {"pow", pow, 2, -INF, 0},
    {"pow", pow, -INF, -3, -0.0},
    {"pow", pow, -INF, 3, -INF},
    {"pow", pow, -INF, 2, INF},
    {"pow", pow, INF, -1, 0},
    {"pow", pow, 2, 1024, INF},
    {"pow", pow, -2, 1025, -INF},
    {"pow", pow, 2, -1074, 0x1p-1074},
    {"pow", pow, 10, 15, 1e15},
    {"pow", pow, -3, 3, -27},
    {"atan2", atan2, 0, -0.0, M_PI},
    {"atan2", atan2, -0.0, -0.0, -M_PI},
    {"atan2", atan2, -0.0, 0, -0.0},
    {"atan2", atan2, -0.0, -1, -M_PI},
    {"atan2", atan2, 1, 0, M_PI_2},
    {"atan2", atan2, INF, INF, M_PI_4},
    {"atan2", atan2, -INF, -INF, -3 * M_PI_4},
    {"atan2", atan2, 1, INF, 0},
    {"atan2", atan2, -1, -INF, -M_PI},
    {"hypot", hypot, INF, NAN, INF},
    {"hypot", hypot, NAN, -INF, INF},
    {"hypot", hypot, 3, -4, 5},
    {"hypot", hypot, 3e200, 4e200, 0x1.a20df0dcd3afp+666},
    {"hypot", hypot, -0.0, -0.0, 0},
    {"fmod", fmod, -0.0, 1, -0.0},
    {"fmod", fmod, 1, 0, NAN},
    {"fmod", fmod, INF, 1, NAN},
    {"fmod", fmod, 1, -INF, 1},
    {"fmod", fmod, -7, 2, -1},
    {"remainder", remainder, 5, 2, 1},
    {"remainder", remainder, 3, 2, -1},
    {"remainder", remainder, -1, 1, -0.0},
    {"remainder", remainder, 1, 0, NAN},
    {"copysign", copysign, 1, -0.0, -1},
    {"nextafter", nextafter, 0, 1, 0x1p-1074},
    {"nextafter", nextafter, 0, -0.0, -0.0},
    {"nextafter", nextafter, -0.0, 0, 0},
    {"nextafter", nextafter, DBL_MAX, INF, INF},
    {"nextafter", nextafter, 1, 0, 0x1.fffffffffffffp-1},
    {"nextafter", nextafter, NAN, 1, NAN},
    {"fdim", fdim, 3, 1, 2},
    {"fdim", fdim, 1, 3, 0},
    {"fdim", fdim, -INF, 1, 0},
    {"fdim", fdim, INF, INF, 0},
    {"fdim", fdim, -INF, -INF, 0},
    {"fdim", fdim, INF, 1, INF},
    {"fdim", fdim, 1, -INF, INF},
    {"fdim", fdim, NAN, 1, NAN},
    {"fmax", fmax, NAN, 1, 1},
    {"fmax", fmax, 1, NAN, 1},
    {"fmax", fmax, NAN, NAN, NAN},
    {"fmin", fmin, -INF, NAN, -INF},
    {"fmin", fmin, 1, 2, 1},
};

static const struct {
    double x, y, result;
    int quotient; /* the sign and the lowest three bits count */
} quotients[] = {
    {5, 3, -1, 2},     {-5, 3, 1, -2},  {5, -3, -1, -2},  {1, -1, 0, -1},
    {-1, 1, -0.0, -1}, {29, 3, -1, 10}, {1e300, 3, 1, 0},
};

void test_math_pairs(void)
{
    for (size_t i = 0; i < COUNT(pairs); i++) {
        double found = pairs[i].of(pairs[i].x, pairs[i].y);
        expect(same_double(found, pairs[i].result), __FILE__, __LINE__, "%s(%a, %a) is %a", pairs[i].name,
               pairs[i].x, pairs[i].y, found);
    }
    for (size_t i = 0; i + 1 < COUNT(quotients); i++) {
        int q = 0, qf = 0;
        int expected = quotients[i].quotient;
        double x = quotients[i].x, y = quotients[i].y;
        EXPECT(same_double(remquo(x, y, &q), quotients[i].result) && q % 8 == expected % 8);
        EXPECT(same_double(remquof((float)x, (float)y, &qf), quotients[i].result) && qf % 8 == expected % 8);
        expect(q % 8 == expected % 8 && qf % 8 == expected % 8, __FILE__, __LINE__,
               "remquo(%a, %a) says %d, remquof %d", x, y, q, qf);
    }
    int q = 0;
    EXPECT(isnan(remquo(1, 0, &q)) && isnan(remquo(INF, 1, &q)) && remquo(2, INF, &q) == 2 && q == 0);
}

static const struct {
    double x;
    int power;
    double result;
} scalings[] = {
    {1, INT_MAX, INF},
    {-1, INT_MAX, -INF},
    {1, INT_MIN, 0},
    {-1, INT_MIN, -0.0},
    {0x1p-1074, INT_MAX, INF},
    {DBL_MAX, INT_MIN, 0},
    {0x1p-1074, 2097, 0x1p1023},
    {0x1p1023, -2097, 0x1p-1074},
    {1, -1074, 0x1p-1074},
    {1, -1075, 0},
    {1.5, -1075, 0x1p-1074},
    {0x1.8p0, -1074, 0x1p-1073},
    {0, INT_MAX, 0},
    {-0.0, 5, -0.0},
    {INF, INT_MIN, INF},
    {NAN, 1, NAN},
    {1, 50000, INF},
    {1, -50000, 0},
    {3, 0, 3},
};

void test_math_scaling(void)
{
    for (size_t i = 0; i < COUNT(scalings); i++) {
        double x = scalings[i].x, expected = scalings[i].result;
        int power = scalings[i].power;
        double found[3] = {ldexp(x, power), scalbn(x, power), scalbln(x, power)};
        expect(same_double(found[0], expected) && same_double(found[1], expected) &&
                   same_double(found[2], expected),
               __FILE__, __LINE__, "ldexp(%a, %d) is %a, scalbn %a, scalbln %a", x, power, found[0], found[1],
               found[2]);
    }
    EXPECT(ldexpf(1, INT_MAX) == INF && scalbnf(1, INT_MIN) == 0 && scalblnf(-1, LONG_MAX) == -INF);
    EXPECT(ldexpf(1, -149) == 0x1p-149f && ldexpf(0x1p-149f, 276) == 0x1p127f && isnan(ldexpf(NAN, 3)));
    int e = 77;
    double whole = 77;
    float whole_float = 77;
    EXPECT(frexp(8, &e) == 0.5 && e == 4 && frexp(0x1p-1074, &e) == 0.5 && e == -1073 &&
           same_double(frexp(-0.0, &e), -0.0) && e == 0);
    EXPECT(frexp(-INF, &e) == -INF && isnan(frexp(NAN, &e)) && frexpf(0x1p-149f, &e) == 0.5f && e == -148);
    EXPECT(modf(-1.5, &whole) == -0.5 && whole == -1 && same_double(modf(INF, &whole), 0) && whole == INF);
    EXPECT(same_double(modf(-INF, &whole), -0.0) && whole == -INF && same_double(modf(-3, &whole), -0.0) &&
           whole == -3);
    EXPECT(isnan(modf(NAN, &whole)) && isnan(whole) && isnan(modff(NAN, &whole_float)) && isnan(whole_float));
    EXPECT(ilogb(0) == FP_ILOGB0 && ilogb(NAN) == FP_ILOGBNAN && ilogb(INF) == INT_MAX &&
           ilogb(0x1p-1074) == -1074);
    EXPECT(ilogbf(8) == 3 && logbf(0.1f) == -4 && isnan(nan("")) && isnan(nanf("1")));
    EXPECT(fpclassify(0x1p-1074) == FP_SUBNORMAL && fpclassify(0.0) == FP_ZERO &&
           fpclassify(-INF) == FP_INFINITE);
    EXPECT(fpclassify(1.0) == FP_NORMAL && fpclassify(NAN) == FP_NAN && signbit(-0.0) && !signbit(0.0) &&
           signbit(-INF));
    EXPECT(isgreater(2.0, 1.0) && !isgreater(NAN, 1.0) && isunordered(NAN, 1.0) && !islessgreater(1.0, 1.0));
}

static const struct {
    double x, rounded, even, chopped;
} roundings[] = {
    {0.5, 1, 0, 0},
    {-0.5, -1, -0.0, -0.0},
    {1.5, 2, 2, 1},
    {2.5, 3, 2, 2},
    {-2.5, -3, -2, -2},
    {0.49999999999999994, 0, 0, 0},
    {-0.49999999999999994, -0.0, -0.0, -0.0},
    {4503599627370495.5, 4503599627370496, 4503599627370496, 4503599627370495},
    {4503599627370497.0, 4503599627370497.0, 4503599627370497.0, 4503599627370497.0},
    {2147483647.5, 2147483648.0, 2147483648.0, 2147483647.0},
    {-0.0, -0.0, -0.0, -0.0},
    {INF, INF, INF, INF},
    {-INF, -INF, -INF, -INF},
    {NAN, NAN, NAN, NAN},
    {1e300, 1e300, 1e300, 1e300},
    {0x1p-1074, 0, 0, 0},
};

void test_math_rounding(void)
{
    for (size_t i = 0; i < COUNT(roundings); i++) {
        double x = roundings[i].x;
        EXPECT(same_double(round(x), roundings[i].rounded) && same_double(trunc(x), roundings[i].chopped));
        EXPECT(same_double(rint(x), roundings[i].even) && same_double(nearbyint(x), roundings[i].even));
        if (fabs(x) < 9e18) {
            EXPECT(llround(x) == (long long)roundings[i].rounded &&
                   llrint(x) == (long long)roundings[i].even);
        }
        if (fabs(x) < 2147483647.0) {
            EXPECT(lround(x) == (long)roundings[i].rounded && lrint(x) == (long)roundings[i].even);
        }
    }
    static volatile float half = 0.5f, large = 8388609.0f;
    EXPECT(roundf(half) == 1 && rintf(half) == 0 && truncf(-half) == 0 && floorf(-half) == -1 &&
           ceilf(half) == 1);
    EXPECT(roundf(large) == large && lroundf(large) == 8388609 && llrintf(large) == 8388609 &&
           nearbyintf(2.5f) == 2);
    EXPECT(fesetround(FE_UPWARD) == 0 && rint(1.25) == 2 && lrint(1.25) == 2 && nearbyint(-1.25) == -1);
    EXPECT(fesetround(FE_TOWARDZERO) == 0 && rint(1.75) == 1 && round(2.5) == 3 &&
           fesetround(FE_TONEAREST) == 0);
}
