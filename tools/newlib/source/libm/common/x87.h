/* SPDX-License-Identifier: BSD-2-Clause */
/* The x87's own instructions on long double, and its number format. Included by the long double
 * functions of this folder, which replace files of newlib that are empty for a long double wider
 * than double. */
#pragma once

#include <math.h>
#include <stdint.h>

enum { LD_BIAS = 16383, LD_SPECIAL = 0x7fff };

union ld_parts {
    long double value;
    struct {
        uint64_t mantissa;
        uint16_t exponent : 15, negative : 1;
    } bits;
};

static inline int ld_is_nan(long double x)
{
    return x != x;
}

static inline int ld_exponent(long double x)
{
    union ld_parts p = {.value = x};
    return p.bits.exponent;
}

static inline int ld_negative(long double x)
{
    union ld_parts p = {.value = x};
    return p.bits.negative;
}

static inline int ld_is_finite(long double x)
{
    return ld_exponent(x) != LD_SPECIAL;
}

static inline long double x87_abs(long double x)
{
    __asm__("fabs" : "+t"(x));
    return x;
}

static inline long double x87_sqrt(long double x)
{
    __asm__("fsqrt" : "+t"(x));
    return x;
}

/* To an integer in the current rounding mode. */
static inline long double x87_round(long double x)
{
    __asm__("frndint" : "+t"(x));
    return x;
}

/* x * 2^trunc(n); n at most 2^15 in magnitude. */
static inline long double x87_scale(long double x, long double n)
{
    __asm__("fscale" : "+t"(x) : "u"(n));
    return x;
}

/* 2^x - 1 for -1 <= x <= 1. */
static inline long double x87_exp2m1(long double x)
{
    __asm__("f2xm1" : "+t"(x));
    return x;
}

/* y * log2(x). */
static inline long double x87_ylog2(long double y, long double x)
{
    __asm__("fyl2x" : "+t"(x) : "u"(y) : "st(1)");
    return x;
}

/* y * log2(x + 1) for |x| below 1 - sqrt(1/2). */
static inline long double x87_ylog2p1(long double y, long double x)
{
    __asm__("fyl2xp1" : "+t"(x) : "u"(y) : "st(1)");
    return x;
}

/* The angle of the point (x, y). */
static inline long double x87_atan2(long double y, long double x)
{
    __asm__("fpatan" : "+t"(x) : "u"(y) : "st(1)");
    return x;
}

/* The control word, and one that rounds to nearest, down, up or to zero. */
enum { X87_NEAREST = 0, X87_DOWN = 0x400, X87_UP = 0x800, X87_CHOP = 0xc00, X87_ROUNDING = 0xc00 };

static inline uint16_t x87_control(void)
{
    uint16_t control;
    __asm__ volatile("fnstcw %0" : "=m"(control));
    return control;
}

static inline void x87_set_control(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control) : "memory");
}

static inline long double x87_round_as(long double x, uint16_t mode)
{
    uint16_t control = x87_control();
    long double rounded;
    x87_set_control((uint16_t)((control & ~X87_ROUNDING) | mode));
    __asm__ volatile("frndint" : "=t"(rounded) : "0"(x));
    x87_set_control(control);
    return rounded;
}
