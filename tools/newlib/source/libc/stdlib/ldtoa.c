/* SPDX-License-Identifier: BSD-2-Clause */
/* long double to decimal, exactly: the number is written out whole as digits of base 10^9 and then
 * rounded. Replaces a conversion that computed 42 digits and wrote past its buffer for more (C11
 * 7.21.6.1 wants every digit that the precision asks for). Called by the printf family and by
 * frexp's stand-in there. */
#include <reent.h>
#include <stdint.h>
#include <string.h>

#include "mprec.h"

enum {
    BASE = 1000000000,
    BASE_DIGITS = 9,
    MANTISSA_BITS = 64,
    EXPONENT_BIAS = 16383,
    EXPONENT_SPECIAL = 0x7fff, /* infinity and NaN */
    TWO_STEP = 29,             /* 2^29 or 5^13 at once: times a limb it has 61 bits */
    FIVE_STEP = 13,
};

union extended {
    long double value;
    struct {
        uint64_t mantissa;
        uint16_t exponent : 15, sign : 1;
    } bits;
};

/* A natural number, the lowest limb first. */
struct number {
    uint32_t *limbs;
    int count;
};

int _ldcheck(long double *value);
long double _ldfrexp(long double value, int *exponent);
char *_ldtoa_r(struct _reent *r, long double value, int mode, int digits, int *point, int *sign, char **end);

/* 0: a number, 1: NaN, 2: infinity. */
int _ldcheck(long double *value)
{
    union extended x = {.value = *value};
    if (x.bits.exponent != EXPONENT_SPECIAL) {
        return 0;
    }
    return x.bits.mantissa << 1 ? 1 : 2;
}

/* frexpl for finite numbers. */
long double _ldfrexp(long double value, int *exponent)
{
    union extended x = {.value = value};
    *exponent = 0;
    if (x.bits.mantissa == 0) {
        return value;
    }
    int shift = __builtin_clzll(x.bits.mantissa), above = x.bits.exponent ? x.bits.exponent : 1;
    x.bits.mantissa <<= shift;
    x.bits.exponent = EXPONENT_BIAS - 1;
    *exponent = above - shift - (EXPONENT_BIAS - 1);
    return x.value;
}

/* The limb of value, which is below 2^62; what is above it goes to *carry, which is below 2^32. A
 * 64-bit division would be a call of the compiler's library. */
static uint32_t split(uint64_t value, uint32_t *carry)
{
    uint32_t low;
    __asm__("divl %4"
            : "=a"(*carry), "=d"(low)
            : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "r"(BASE)
            : "cc");
    return low;
}

static void multiply(struct number *n, uint32_t factor)
{
    uint32_t carry = 0;
    for (int i = 0; i < n->count; i++) {
        n->limbs[i] = split((uint64_t)n->limbs[i] * factor + carry, &carry);
    }
    while (carry) {
        n->limbs[n->count++] = split(carry, &carry);
    }
}

static void multiply_power(struct number *n, uint32_t base, int power, int step)
{
    for (; power > 0; power -= step) {
        uint32_t factor = 1;
        for (int i = 0; i < step && i < power; i++) {
            factor *= base;
        }
        multiply(n, factor);
    }
}

/* How many limbs mantissa * 2^power takes when written out: a limb holds more than 29 bits; a
 * negative power becomes one of five, of less than 2.33 bits each. */
static int limbs_for(int power)
{
    int bits = MANTISSA_BITS + (power >= 0 ? power : -power * 7 / 3);
    return bits / 29 + 3;
}

/* The digits of n, without leading zeros; their count. */
static int write_digits(const struct number *n, char *to)
{
    char *at = to + (size_t)n->count * BASE_DIGITS;
    for (int i = 0; i < n->count; i++) {
        uint32_t limb = n->limbs[i];
        for (int j = 0; j < BASE_DIGITS; j++, limb /= 10) {
            *--at = (char)('0' + limb % 10);
        }
    }
    int zeros = 0, count = n->count * BASE_DIGITS;
    while (zeros < count && to[zeros] == '0') {
        zeros++;
    }
    memmove(to, to + zeros, (size_t)(count - zeros));
    return count - zeros;
}

/* Keeps the first digits, rounded to nearest, ties to even; true: a digit was carried out in
 * front. */
static int round_digits(char *text, int *count, int keep)
{
    int up = 0, carried = 0;
    text[*count] = '\0';
    if (keep < *count) {
        int beyond = keep < 0 ? '0' : text[keep];
        int rest = keep + 1 < *count && strspn(text + keep + 1, "0") < (size_t)(*count - keep - 1);
        int odd = keep > 0 && (text[keep - 1] - '0') % 2;
        up = beyond > '5' || (beyond == '5' && (rest || odd));
        *count = keep < 0 ? 0 : keep;
    }
    if (up) {
        int i = *count;
        while (i > 0 && text[i - 1] == '9') {
            text[--i] = '0';
        }
        carried = i == 0;
        if (carried) {
            text[0] = '1';
            *count = *count ? *count : 1;
        } else {
            text[i - 1]++;
        }
    }
    while (*count > 0 && text[*count - 1] == '0') {
        --*count;
    }
    text[*count] = '\0';
    return carried;
}

/* A buffer of mprec's pool that lives until the next conversion of this thread. */
static char *result_buffer(struct _reent *r, size_t bytes)
{
    _REENT_CHECK_MP(r);
    if (_REENT_MP_RESULT(r)) {
        _REENT_MP_RESULT(r)->_k = _REENT_MP_RESULT_K(r);
        _REENT_MP_RESULT(r)->_maxwds = 1 << _REENT_MP_RESULT_K(r);
        Bfree(r, _REENT_MP_RESULT(r));
        _REENT_MP_RESULT(r) = 0;
    }
    _REENT_MP_RESULT_K(r) = 0;
    while (sizeof(_Bigint) - sizeof(__ULong) + (sizeof(__ULong) << _REENT_MP_RESULT_K(r)) < bytes) {
        _REENT_MP_RESULT_K(r)++;
    }
    _REENT_MP_RESULT(r) = eBalloc(r, _REENT_MP_RESULT_K(r));
    return (char *)_REENT_MP_RESULT(r);
}

/* Writes |mantissa * 2^power| into text as digits; returns the place of the decimal point. */
static int expand(struct _reent *r, uint64_t mantissa, int power, char *text, int *count)
{
    int k = 0;
    while (1 << k < limbs_for(power)) {
        k++;
    }
    _Bigint *room = eBalloc(r, k);
    uint32_t carry = 0;
    struct number n = {.limbs = (uint32_t *)room->_x, .count = 1};
    n.limbs[0] = split(mantissa >> 32, &carry);
    while (carry) {
        n.limbs[n.count++] = split(carry, &carry);
    }
    multiply_power(&n, 2, 32, TWO_STEP);
    uint64_t low = (uint64_t)n.limbs[0] + (uint32_t)mantissa;
    n.limbs[0] = split(low, &carry);
    for (int i = 1; carry; i++) {
        if (i == n.count) {
            n.limbs[n.count++] = 0;
        }
        n.limbs[i] = split((uint64_t)n.limbs[i] + carry, &carry);
    }
    multiply_power(&n, 2, power, TWO_STEP);
    multiply_power(&n, 5, -power, FIVE_STEP);
    *count = write_digits(&n, text);
    Bfree(r, room);
    return *count + (power < 0 ? power : 0);
}

/* Modes as for _dtoa_r: 2, so many significant digits; 3, so many behind the decimal point.
 * Trailing zeros are not in the result, but there is room for those that the precision asks for; a
 * number that is rounded to nothing is the empty string. */
char *_ldtoa_r(struct _reent *r, long double value, int mode, int digits, int *point, int *sign, char **end)
{
    union extended x = {.value = value};
    int power = (x.bits.exponent ? x.bits.exponent : 1) - EXPONENT_BIAS - (MANTISSA_BITS - 1), count = 0;
    size_t wanted = (size_t)(digits > 0 ? digits : 0) +
                    (mode == 3 && power > -MANTISSA_BITS ? (size_t)power + MANTISSA_BITS : 0);
    char *text = result_buffer(r, (size_t)limbs_for(power) * BASE_DIGITS + wanted + 3);
    *sign = x.bits.sign;
    if (x.bits.mantissa == 0) {
        strcpy(text, "0");
        *point = 1;
        *end = text + 1;
        return text;
    }
    *point = expand(r, x.bits.mantissa, power, text, &count);
    int keep = mode == 3 ? *point + digits : mode == 2 ? (digits > 0 ? digits : 1) : count;
    *point += round_digits(text, &count, keep);
    if (count == 0) {
        *point = -digits;
    }
    *end = text + count;
    return text;
}
