/* SPDX-License-Identifier: BSD-2-Clause */
/* strtod and strtof, each rounded once to its own format by _strtodg_l, which counts in integers.
 * The conversion that this replaces counted in double: on the x87, whose registers are wider, it
 * rounded twice, and strtof rounded a double once more (C11 7.22.1.3 wants the correctly rounded
 * value). */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "mprec.h"
#include "gdtoa.h"
#include "locale.h"

int _strtodg_l(struct _reent *r, const char *text, char **end, FPI *format, Long *exponent, __ULong *bits,
               locale_t locale);
int __flt_rounds(void);
void _strtog_errno(struct _reent *r, int code);

static const FPI double_format = {53, 1 - 1023 - 52, 2046 - 1023 - 52, FPI_Round_near, 0};
static const FPI float_format = {24, 1 - 127 - 23, 254 - 127 - 23, FPI_Round_near, 0};

/* ERANGE for what is too large, and for what lost bits because it is too small. */
void _strtog_errno(struct _reent *r, int code)
{
    int kind = code & STRTOG_Retmask;
    if ((code & STRTOG_Overflow) ||
        ((kind == STRTOG_Denormal || kind == STRTOG_Zero) && (code & STRTOG_Inexact))) {
        r->_errno = ERANGE;
    }
}

static int convert(struct _reent *r, const char *text, char **end, const FPI *format, Long *exponent,
                   __ULong *bits, locale_t locale)
{
    FPI now = *format;
    now.rounding = __flt_rounds();
    int code = _strtodg_l(r, text, end, &now, exponent, bits, locale);
    _strtog_errno(r, code);
    return code;
}

double _strtod_l(struct _reent *r, const char *__restrict text, char **__restrict end, locale_t locale)
{
    union {
        double value;
        uint64_t bits;
    } x = {.bits = 0};
    __ULong bits[2] = {0, 0};
    Long exponent = 0;
    int code = convert(r, text, end, &double_format, &exponent, bits, locale);
    uint64_t mantissa = (uint64_t)bits[1] << 32 | bits[0], hidden = (uint64_t)1 << 52;
    switch (code & STRTOG_Retmask) {
    case STRTOG_Normal:
        x.bits = (mantissa & (hidden - 1)) | (uint64_t)(exponent + 1023 + 52) << 52;
        break;
    case STRTOG_Denormal:
        x.bits = mantissa;
        break;
    case STRTOG_Infinite:
        x.value = __builtin_inf();
        break;
    case STRTOG_NaN:
        x.value = __builtin_nan("");
        break;
    default:
        break;
    }
    return code & STRTOG_Neg ? -x.value : x.value;
}

static float convert_float(struct _reent *r, const char *text, char **end, locale_t locale)
{
    union {
        float value;
        uint32_t bits;
    } x = {.bits = 0};
    __ULong bits[1] = {0}, hidden = 1ul << 23;
    Long exponent = 0;
    int code = convert(r, text, end, &float_format, &exponent, bits, locale);
    switch (code & STRTOG_Retmask) {
    case STRTOG_Normal:
        x.bits = (bits[0] & (hidden - 1)) | (uint32_t)(exponent + 127 + 23) << 23;
        break;
    case STRTOG_Denormal:
        x.bits = bits[0];
        break;
    case STRTOG_Infinite:
        x.value = __builtin_inff();
        break;
    case STRTOG_NaN:
        x.value = __builtin_nanf("");
        break;
    default:
        break;
    }
    return code & STRTOG_Neg ? -x.value : x.value;
}

double _strtod_r(struct _reent *r, const char *__restrict text, char **__restrict end)
{
    return _strtod_l(r, text, end, __get_current_locale());
}

double strtod_l(const char *__restrict text, char **__restrict end, locale_t locale)
{
    return _strtod_l(_REENT, text, end, locale);
}

double strtod(const char *__restrict text, char **__restrict end)
{
    return _strtod_l(_REENT, text, end, __get_current_locale());
}

float strtof_l(const char *__restrict text, char **__restrict end, locale_t locale)
{
    return convert_float(_REENT, text, end, locale);
}

float strtof(const char *__restrict text, char **__restrict end)
{
    return convert_float(_REENT, text, end, __get_current_locale());
}
