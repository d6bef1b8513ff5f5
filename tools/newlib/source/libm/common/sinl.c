/* SPDX-License-Identifier: BSD-2-Clause */
/* Trigonometric functions of long double. The processor's own reduction knows only 66 bits of pi:
 * arguments are reduced here, in integers. Beyond 2^1000 the table of 2/pi ends, and the result is
 * that of the rounded remainder by 2 pi: a number between -1 and 1, no more. */
#include "x87.h"

#define PIO2 0xc.90fdaa22168c235p-3L
#define PIO4 0xc.90fdaa22168c235p-4L

enum { WINDOW = 8 /* words of 2/pi that are multiplied */, PRODUCT = WINDOW + 2 };

/* The first bits of 2/pi, the highest first. */
static const uint32_t two_over_pi[] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
    0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b,
    0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7,
    0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1,
    0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d, 0xa9e39161, 0x5ee61b08,
};

/* Thirty-two bits of 2/pi, from that of weight 2^-bit on. */
static uint32_t bits_of_two_over_pi(int bit)
{
    int word = (bit - 1) / 32, shift = (bit - 1) % 32;
    return (uint32_t)((((uint64_t)two_over_pi[word] << 32 | two_over_pi[word + 1]) << shift) >> 32);
}

/* product = mantissa * window, the lowest word first. */
static void multiply(uint64_t mantissa, int first, uint32_t product[PRODUCT])
{
    for (int i = 0; i < PRODUCT; i++) {
        product[i] = 0;
    }
    for (int half = 0; half < 2; half++) {
        uint64_t carry = 0, factor = (uint32_t)(mantissa >> (32 * half));
        for (int i = 0; i < WINDOW; i++) {
            carry += factor * bits_of_two_over_pi(first + 32 * (WINDOW - 1 - i)) + product[i + half];
            product[i + half] = (uint32_t)carry;
            carry >>= 32;
        }
        product[WINDOW + half] = (uint32_t)carry;
    }
}

/* Sixty-four bits of the product, the lowest being that of weight 2^low. */
static uint64_t bits_at(const uint32_t product[PRODUCT], int low)
{
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) {
        int at = low + i;
        if (at >= 0 && at < 32 * PRODUCT) {
            bits |= (uint64_t)(product[at / 32] >> (at % 32) & 1) << i;
        }
    }
    return bits;
}

/* *rest is x less a multiple of pi/2, at most pi/4 in magnitude; the result is that multiple,
 * modulo 4. */
static unsigned reduce(long double x, long double *rest)
{
    uint32_t product[PRODUCT];
    union ld_parts p = {.value = x};
    int negative = p.bits.negative;
    if (x87_abs(x) <= PIO4) {
        *rest = x;
        return 0;
    }
    if (x87_abs(x) >= 0x1p1000L) {
        return reduce(fmodl(x, 4 * PIO2), rest);
    }
    /* x is mantissa * 2^power; bits of 2/pi whose product is a multiple of 4 are left out. */
    int power = p.bits.exponent - LD_BIAS - 63, first = power > 2 ? power - 1 : 1;
    multiply(p.bits.mantissa, first, product);
    int point = first + 32 * WINDOW - 1 - power;
    unsigned quarters = (unsigned)bits_at(product, point) & 3;
    uint64_t high = bits_at(product, point - 64), low = bits_at(product, point - 128);
    int above_half = high >> 63;
    if (above_half) {
        quarters++;
        low = -low;
        high = ~high + (low == 0);
    }
    long double fraction = (long double)high * 0x1p-64L + (long double)low * 0x1p-128L;
    *rest = negative != above_half ? -fraction * PIO2 : fraction * PIO2;
    return (negative ? -quarters : quarters) & 3;
}

/* For |x| <= pi/4 the series are short; the processor's own fsin has the precision of double in
 * some emulators. */
static long double series(const long double *terms, int count, long double square)
{
    long double sum = 0;
    while (count-- > 0) {
        sum = (sum + terms[count]) * square;
    }
    return sum;
}

static long double sine(long double x)
{
    static const long double terms[] = {
        -1.0L / 6,
        1.0L / 120,
        -1.0L / 5040,
        1.0L / 362880,
        -1.0L / 39916800,
        1.0L / 6227020800LL,
        -1.0L / 1307674368000LL,
        1.0L / 355687428096000LL,
        -1.0L / 121645100408832000LL,
    };
    return x + x * series(terms, sizeof(terms) / sizeof(terms[0]), x * x);
}

static long double cosine(long double x)
{
    static const long double terms[] = {
        -1.0L / 2,
        1.0L / 24,
        -1.0L / 720,
        1.0L / 40320,
        -1.0L / 3628800,
        1.0L / 479001600,
        -1.0L / 87178291200LL,
        1.0L / 20922789888000LL,
        -1.0L / 6402373705728000LL,
        1.0L / 2432902008176640000LL,
    };
    return 1 + series(terms, sizeof(terms) / sizeof(terms[0]), x * x);
}

static long double sine_of_turned(long double rest, unsigned quarters)
{
    long double value = quarters & 1 ? cosine(rest) : sine(rest);
    return quarters & 2 ? -value : value;
}

long double sinl(long double x)
{
    long double rest;
    if (!ld_is_finite(x)) {
        return x - x;
    }
    unsigned quarters = reduce(x, &rest);
    return sine_of_turned(rest, quarters);
}

long double cosl(long double x)
{
    long double rest;
    if (!ld_is_finite(x)) {
        return x - x;
    }
    unsigned quarters = reduce(x, &rest);
    return sine_of_turned(rest, quarters + 1);
}

long double tanl(long double x)
{
    long double rest;
    if (!ld_is_finite(x)) {
        return x - x;
    }
    unsigned quarters = reduce(x, &rest);
    long double opposite = sine(rest), adjacent = cosine(rest);
    return quarters & 1 ? -adjacent / opposite : opposite / adjacent;
}

long double atanl(long double x)
{
    return x87_atan2(x, 1);
}

long double atan2l(long double y, long double x)
{
    return ld_is_nan(x) || ld_is_nan(y) ? x + y : x87_atan2(y, x);
}

long double asinl(long double x)
{
    return x87_atan2(x, x87_sqrt((1 - x) * (1 + x)));
}

long double acosl(long double x)
{
    return x87_atan2(x87_sqrt((1 - x) * (1 + x)), x);
}
