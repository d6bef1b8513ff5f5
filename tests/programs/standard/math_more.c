/* SPDX-License-Identifier: BSD-2-Clause */
/* math.h, fenv.h, complex.h: fma, gamma, float, long double, the environment. */
#define _GNU_SOURCE 1
#include <complex.h>
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>

#include "check.h"

#define INF INFINITY

/* Whether found is within so many units in the last place of expected. */
static bool within(double found, double expected, double units)
{
    return fabs(found - expected) <= units * fabs(expected) * DBL_EPSILON;
}

static bool within_float(float found, double expected, double units)
{
    return fabs(found - expected) <= units * fabs(expected) * FLT_EPSILON;
}

static bool within_long(long double found, long double expected, double units)
{
    return fabsl(found - expected) <= units * fabsl(expected) * LDBL_EPSILON;
}

static const struct {
    double x, y, z, result;
} sums[] = {
    {0x1.0000000000001p0, 0x1.0000000000001p0, -0x1.0000000000002p0, 0x1p-104},
    {0x1.fffffffffffffp0, 0x1.fffffffffffffp0, -0x1.ffffffffffffep1, 0x1p-104},
    {1e300, 1e300, -INF, -INF},
    {DBL_MAX, 2, -DBL_MAX, DBL_MAX},
    {DBL_MAX, DBL_MAX, 0, INF},
    {0x1p-600, 0x1p-600, 0x1p-1074, 0x1p-1074},
    {0x1p-538, 0x1p-538, 0, 0},
    {0x1.8p-538, 0x1p-537, 0, 0x1p-1074},
    {0x1p-537, 0x1p-538, 0x1p-1074, 0x1p-1073},
    {1, 0x1p-53, 1, 1},
    {1, 0x1.0000000000001p-53, 1, 0x1.0000000000001p0},
    {0x1p-30, 0x1.0000000000001p-23, 1, 0x1.0000000000001p0}, /* just above half-way */
    {-0x1p-30, 0x1p-24, 1, 1},
    {0.1, 10, -1, 0x1p-54},
    {0, 5, -0.0, 0},
    {-0.0, 5, -0.0, -0.0},
    {1, 1, -1, 0},
    {INF, 0, 1, NAN},
    {INF, 1, -INF, NAN},
    {INF, -2, 1, -INF},
    {NAN, 1, 1, NAN},
    {1, 2, INF, INF},
    {3, 4, 5, 17},
};

void test_math_fma(void)
{
    for (size_t i = 0; i < COUNT(sums); i++) {
        double found = fma(sums[i].x, sums[i].y, sums[i].z);
        expect(same_double(found, sums[i].result), __FILE__, __LINE__, "fma(%a, %a, %a) is %a", sums[i].x,
               sums[i].y, sums[i].z, found);
    }
    static volatile float x = 0x1.000002p0f, y = 0x1p-24f, z = 1;
    EXPECT(fmaf(x, x, -0x1.000004p0f) == 0x1p-46f && fmaf(y, 1, z) == 1 && fmaf(y, x, z) == 0x1.000002p0f);
    EXPECT(fmaf(0x1.fffffep127f, 2, -0x1.fffffep127f) == 0x1.fffffep127f && isnan(fmaf(INF, 0, 1)));
    /* As double the sum would be a tie of float: 1 + 2^-24 + 2^-60. */
    static volatile float a = 0x1p-30f, b = 0x1p-30f, c = 0x1.000002p0f;
    EXPECT(fmaf(a, b, c) == c && fmaf(0x1.8p-12f, 0x1.555556p-13f, 1) == 0x1.000002p0f);
    EXPECT(fmal(3, 4, 5) == 17 && fmal(1, 0x1.0000000000000002p-64L, 1) == 0x1.0000000000000002p0L);
}

void test_math_gamma(void)
{
    static const struct {
        double x, result;
    } rows[] = {
        {0, INF},       {-0.0, -INF}, {INF, INF}, {-INF, NAN}, {-1, NAN}, {-1e300, NAN},
        {NAN, NAN},     {172, INF},   {1, 1},     {2, 1},      {5, 24},   {23, 1124000727777607680000.0},
        {-184.5, -0.0}, {-185.5, 0},
    };
    static const struct {
        double x, result;
    } near[] = {
        {0.5, 1.7724538509055160273},
        {-0.5, -3.5449077018110320546},
        {-1.5, 2.3632718012073547031},
        {171.5, 9.4833675668247993363e307},
        {-10.5, -2.6401218205477163162e-7},
        {-170.5, -3.3127395215386073148e-308},
        {20.25, 256040133328476465.59},
        {2.5, 1.3293403881791370205},
        {100, 9.3326215443944152682e155},
        {23.5, 5.3613035875444147334e21},
        {-1e-300, -1e300},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        double found = tgamma(rows[i].x);
        expect(same_double(found, rows[i].result), __FILE__, __LINE__, "tgamma(%g) is %.17g", rows[i].x,
               found);
    }
    for (size_t i = 0; i < COUNT(near); i++) {
        double found = tgamma(near[i].x);
        expect(within(found, near[i].result, 2), __FILE__, __LINE__, "tgamma(%g) is %.17g", near[i].x, found);
        EXPECT(fabs(near[i].x) > 30 || fabs(near[i].x) < 1e-30 ||
               within_float(tgammaf((float)near[i].x), near[i].result, 1));
    }
    EXPECT(isnan(tgammaf(-2)) && tgammaf(-0.0f) == -INF && tgammaf(40) == INF && tgammaf(5) == 24);
    EXPECT(lgamma(1) == 0 && lgamma(2) == 0 && lgamma(-2) == INF && lgamma(-INF) == INF &&
           lgamma(INF) == INF && lgamma(0) == INF);
    EXPECT(within(lgamma(0.5), 0.5723649429247001, 2) && within(lgamma(100), 359.13420536957540, 2) &&
           lgammaf(-3) == INF);
    EXPECT(within_float(lgammaf(-1e-21f), 48.3542861, 2) && within_float(lgammaf(1e-21f), 48.3542861, 2));
}

void test_math_float(void)
{
    static const struct {
        float x;
        double sine, cosine, tangent;
    } large[] = {
        {9.22337204e18f, 0.9999303766736422, -0.011800076512800236, -84.7393112},
        {1e10f, -0.48750602508751914, 0.87311962067, -0.5583496378},
        {1e20f, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(large); i++) {
        double x = large[i].x;
        EXPECT(within_float(sinf(large[i].x), sin(x), 1) && within_float(cosf(large[i].x), cos(x), 1));
        EXPECT(within_float(tanf(large[i].x), tan(x), 1));
    }
    EXPECT(within_float(erfcf(8), 1.1224297172982928e-29, 2) &&
           within_float(erfcf(3), 2.209049699858544e-05, 2));
    EXPECT(powf(-1, INF) == 1 && isnan(powf(-1, NAN)) && powf(1, NAN) == 1 && powf(2, 128) == INF);
    EXPECT(fdimf(-INF, 1) == 0 && fdimf(INF, INF) == 0 && fdimf(2, 1) == 1 && hypotf(INF, NAN) == INF);
    EXPECT(same_double(nextafterf(0, -0.0f), -0.0) && nextafterf(0, 1) == 0x1p-149f &&
           nexttowardf(1, 2) == 0x1.000002p0f);
    EXPECT(nexttoward(1, 2) == 0x1.0000000000001p0 && nexttoward(1, 1 + LDBL_EPSILON) == 0x1.0000000000001p0);
    EXPECT(expf(89) == INF && logf(-1) != logf(-1) && sqrtf(4) == 2 && fmodf(-7, 2) == -1 && cbrtf(-8) == -2);
}

static void test_long_special(void)
{
    int e = 0;
    long double whole = 0;
    EXPECT(ldexpl(1, INT_MAX) == INF && ldexpl(1, -16445) == 0x1p-16445L && scalbnl(1, INT_MIN) == 0);
    EXPECT(frexpl(0x1p-16445L, &e) == 0.5L && e == -16444 && frexpl(-INF, &e) == -INF &&
           frexpl(8, &e) == 0.5L && e == 4);
    EXPECT(modfl(-1.5L, &whole) == -0.5L && whole == -1 && same_long_double(modfl(-INF, &whole), -0.0L) &&
           whole == -INF);
    EXPECT(ilogbl(0x1p-16445L) == -16445 && logbl(8) == 3 && logbl(0) == -INF && ilogbl(0) == FP_ILOGB0);
    EXPECT(nextafterl(1, 2) == 0x1.0000000000000002p0L && nextafterl(0, -1) == -0x1p-16445L &&
           isnan(nextafterl(NAN, 1)));
    EXPECT(nextafterl(1, 0) == 0x1.fffffffffffffffep-1L && nextafterl(LDBL_MAX, INF) == INF &&
           nextafterl(LDBL_MIN, 0) < LDBL_MIN);
    EXPECT(same_long_double(copysignl(1, -0.0L), -1) && fabsl(-INF) == INF && isnan(nanl("")) &&
           fdiml(-INF, 1) == 0);
    EXPECT(fmaxl(NAN, 2) == 2 && fminl(1, NAN) == 1 && isnan(sqrtl(-1)) && sqrtl(0x1p-16444L) == 0x1p-8222L);
    EXPECT(floorl(-0.5L) == -1 && same_long_double(ceill(-0.5L), -0.0L) &&
           truncl(0x1.fffffffffffffffep62L) == 0x1.fffffffffffffffcp62L);
    EXPECT(roundl(2.5L) == 3 && rintl(2.5L) == 2 && nearbyintl(-0.5L) == 0 && lroundl(-2.5L) == -3 &&
           llrintl(1e18L + 1) == 1000000000000000001LL);
    EXPECT(llroundl(-0x1.fffffffffffffffcp62L) == -INT64_MAX && roundl(0.49999999999999999997L) == 0);
    EXPECT(fmodl(-7, 2) == -1 && isnan(fmodl(1, 0)) && remainderl(3, 2) == -1 && remquol(29, 3, &e) == -1 &&
           e % 8 == 2);
    EXPECT(fmodl(0x1p16383L, 3) == 2 && fmodl(5, INF) == 5);
}

void test_math_long_double(void)
{
    static const struct {
        const char *name;
        long double (*of)(long double);
        long double x, result;
    } rows[] = {
        {"sqrtl", sqrtl, 2, 1.41421356237309504880168872420969808L},
        {"cbrtl", cbrtl, 2, 1.25992104989487316476721060727822835L},
        {"expl", expl, 1, 2.71828182845904523536028747135266250L},
        {"expl", expl, -10000, 1.13548386531474e-4343L},
        {"exp2l", exp2l, 0.5L, 1.41421356237309504880168872420969808L},
        {"expm1l", expm1l, 1e-10L, 1.00000000005000000000166666666667e-10L},
        {"logl", logl, 2, 0.693147180559945309417232121458176568L},
        {"logl", logl, 1e4000L, 9210.3403719761827361L},
        {"log2l", log2l, 10, 3.32192809488736234787031942948939018L},
        {"log10l", log10l, 2, 0.301029995663981195213738894724493027L},
        {"log1pl", log1pl, 1e-10L, 9.9999999995000000000333333333308e-11L},
        {"sinl", sinl, 1, 0.841470984807896506652502321630298999L},
        {"cosl", cosl, 1, 0.540302305868139717400936607442976603L},
        {"tanl", tanl, 1, 1.55740772465490223050697480745836017L},
        {"atanl", atanl, 1, 0.785398163397448309615660845819875721L},
        {"asinl", asinl, 0.5L, 0.523598775598298873077107230546583814L},
        {"acosl", acosl, 0.5L, 1.04719755119659774615421446109316763L},
        {"sinhl", sinhl, 1, 1.17520119364380145688238185059560082L},
        {"coshl", coshl, 1, 1.54308063481524377847790562075706168L},
        {"tanhl", tanhl, 1, 0.761594155955764888119458282604793590L},
        {"asinhl", asinhl, 1, 0.881373587019543025232609324979792309L},
        {"acoshl", acoshl, 2, 1.31695789692481670862504634730796844L},
        {"atanhl", atanhl, 0.5L, 0.549306144334054845697622618461262852L},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        long double found = rows[i].of(rows[i].x);
        bool rough = rows[i].x == -10000; /* the table has no more digits */
        expect(rough ? within((double)(found / rows[i].result), 1, 1e3)
                     : within_long(found, rows[i].result, 4),
               __FILE__, __LINE__, "%s(%Lg) is %.20Lg", rows[i].name, rows[i].x, found);
    }
    test_long_special();
    EXPECT(within_long(powl(2, 0.5L), 1.41421356237309504880168872420969808L, 4) &&
           within((double)(powl(10, 4000) / 1e4000L), 1, 8));
    EXPECT(powl(-1, INF) == 1 && powl(NAN, 0) == 1 && powl(-0.0L, -3) == -INF && isnan(powl(-2, 0.5L)) &&
           powl(-3, 3) == -27);
    EXPECT(within_long(atan2l(1, -1), 2.35619449019234492884698253745962716L, 2) &&
           hypotl(3e4000L, 4e4000L) == 5e4000L);
    EXPECT(expl(INF) == INF && expl(-INF) == 0 && logl(0) == -INF && isnan(logl(-1)) && expl(20000) == INF);
    /* These four have the precision of double. */
    EXPECT(within((double)erfl(0.5L), 0.5204998778130465, 2) &&
           within((double)erfcl(2), 0.004677734981047266, 4));
    EXPECT(within((double)tgammal(5), 24, 4) && within((double)lgammal(10), 12.801827480081469, 4));
}

void test_math_environment(void)
{
    static volatile double one = 1, zero = 0, three = 3, result;
    fenv_t kept;
    fexcept_t flags;
    EXPECT(feclearexcept(FE_ALL_EXCEPT) == 0 && fetestexcept(FE_ALL_EXCEPT) == 0);
    result = one / zero;
    EXPECT(result == INF && fetestexcept(FE_ALL_EXCEPT) == FE_DIVBYZERO &&
           fegetexceptflag(&flags, FE_ALL_EXCEPT) == 0);
    EXPECT(feclearexcept(FE_DIVBYZERO) == 0 && fesetexceptflag(&flags, FE_DIVBYZERO) == 0 &&
           fetestexcept(FE_DIVBYZERO));
    EXPECT(feholdexcept(&kept) == 0 && fetestexcept(FE_ALL_EXCEPT) == 0 &&
           feraiseexcept(FE_INVALID | FE_INEXACT) == 0);
    EXPECT(fetestexcept(FE_INVALID) && feupdateenv(&kept) == 0 && fetestexcept(FE_DIVBYZERO) &&
           fetestexcept(FE_INVALID));
    EXPECT(fegetround() == FE_TONEAREST && fesetround(FE_DOWNWARD) == 0 && fegetround() == FE_DOWNWARD);
    result = one / three;
    EXPECT(result * 3 <= 1 && fegetenv(&kept) == 0 && fesetenv(FE_DFL_ENV) == 0 &&
           fegetround() == FE_TONEAREST);
    EXPECT(fesetround(12345) != 0 && fesetenv(&kept) == 0 && fegetround() == FE_DOWNWARD &&
           fesetround(FE_TONEAREST) == 0);
    EXPECT(feclearexcept(FE_ALL_EXCEPT) == 0);
    EXPECT((math_errhandling & (MATH_ERRNO | MATH_ERREXCEPT)) != 0);
    static volatile double minus = -1;
    errno = 0;
    feclearexcept(FE_ALL_EXCEPT);
    result = sqrt(minus);
    EXPECT(!(math_errhandling & MATH_ERREXCEPT) || fetestexcept(FE_INVALID));
    EXPECT(!(math_errhandling & MATH_ERRNO) || errno == EDOM);
    feclearexcept(FE_ALL_EXCEPT);
    result = log(zero);
    EXPECT(!(math_errhandling & MATH_ERREXCEPT) || fetestexcept(FE_DIVBYZERO));
    feclearexcept(FE_ALL_EXCEPT);
    result = exp(one * 1000);
    EXPECT(!(math_errhandling & MATH_ERREXCEPT) || fetestexcept(FE_OVERFLOW));
}

void test_complex(void)
{
    double complex z = CMPLX(3, -4), w = csqrt(CMPLX(-4, 0));
    EXPECT(cabs(z) == 5 && creal(conj(z)) == 3 && cimag(conj(z)) == 4 &&
           within(carg(CMPLX(0, 1)), M_PI_2, 1));
    EXPECT(creal(w) == 0 && cimag(w) == 2 && cimag(csqrt(CMPLX(-4, -0.0))) == -2 &&
           cabs(CMPLX(INF, NAN)) == INF);
    w = cexp(CMPLX(0, M_PI_2));
    EXPECT(within(cimag(w), 1, 2) && fabs(creal(w)) < 1e-15 && within(creal(clog(CMPLX(0, M_E))), 1, 2));
    EXPECT(within(creal(cpow(CMPLX(2, 0), CMPLX(3, 0))), 8, 8) && creal(cproj(CMPLX(-INF, 1))) == INF);
    EXPECT(within(creal(csin(CMPLX(1, 0))), 0.8414709848078965, 2) &&
           within(creal(ccosh(CMPLX(0, 1))), 0.5403023058681398, 2));
    EXPECT(within(cimag(catan(CMPLX(0, 0.5))), 0.5493061443340549, 4) &&
           within(creal(cacos(CMPLX(0.5, 0))), 1.0471975511965979, 4));
    EXPECT(cabsf(CMPLXF(3, 4)) == 5 && cabsl(CMPLXL(3, 4)) == 5 && crealf(csqrtf(CMPLXF(4, 0))) == 2 &&
           cimagl(CMPLXL(1, 2)) == 2);
}
