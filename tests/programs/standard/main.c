/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the tests of the C library against the C standard and prints KTAP. The same sources compile
 * for the host (-m32 -D_GNU_SOURCE -fno-builtin): what fails with another library as well is to be
 * looked up in the standard. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "check.h"

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    {"printf: integers", test_printf_integers},
    {"printf: double", test_printf_doubles},
    {"printf: long double", test_printf_long_doubles},
    {"printf: characters, strings, %n, numbered arguments", test_printf_strings},
    {"printf: what is too long", test_printf_limits},
    {"scanf: integers", test_scanf_integers},
    {"scanf: floating point", test_scanf_doubles},
    {"scanf: characters, strings, sets, %n", test_scanf_strings},
    {"strtol and its family", test_strtol},
    {"strtod", test_strtod},
    {"strtof", test_strtof},
    {"strtold", test_strtold},
    {"wide printf", test_wide_printf},
    {"wide scanf", test_wide_scanf},
    {"wide strings", test_wide_strings},
    {"wide strtol and strtod", test_wide_numbers},
    {"multibyte characters", test_multibyte},
    {"uchar.h", test_uchar},
    {"string.h", test_strings},
    {"ctype.h", test_ctype},
    {"locale.h", test_locale},
    {"streams: buffers, ungetc, orientation", test_streams},
    {"streams: positions", test_stream_positions},
    {"streams in memory", test_memory_streams},
    {"malloc and its family: sizes that overflow", test_allocation_overflow},
    {"malloc and its family: alignment and contents", test_allocation},
    {"qsort and bsearch", test_sorting},
    {"hsearch", test_hash_tables},
    {"tsearch", test_trees},
    {"div, abs, rand, the environment", test_division},
    {"setjmp", test_exits},
    {"mktime, gmtime, asctime", test_calendar},
    {"strftime", test_strftime},
    {"clocks", test_clocks},
    {"math: functions of one argument", test_math_values},
    {"math: functions of two arguments", test_math_pairs},
    {"math: ldexp, frexp, modf, logb", test_math_scaling},
    {"math: rounding", test_math_rounding},
    {"math: fma", test_math_fma},
    {"math: gamma", test_math_gamma},
    {"math: float", test_math_float},
    {"math: long double", test_math_long_double},
    {"math: the floating-point environment", test_math_environment},
    {"complex.h", test_complex},
    {"tgmath.h", test_generic_math},
};

static unsigned failures;

void expect(bool holds, const char *file, int line, const char *format, ...)
{
    va_list arguments;
    char text[300];
    if (holds) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    printf("# %s:%d: %s\n", file, line, text);
    failures++;
}

bool same_double(double a, double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : a == b && !signbit(a) == !signbit(b);
}

bool same_long_double(long double a, long double b)
{
    return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : a == b && !signbit(a) == !signbit(b);
}

int main(void)
{
    bool all = true;
    printf("KTAP version 1\n1..%zu\n", COUNT(tests));
    for (size_t i = 0; i < COUNT(tests); i++) {
        failures = 0;
        tests[i].run();
        printf("%s %zu - %s\n", failures ? "not ok" : "ok", i + 1, tests[i].name);
        fflush(stdout);
        all = all && failures == 0;
    }
    return all ? 0 : 1;
}
