/* SPDX-License-Identifier: BSD-2-Clause */
/* The tests of the C library against the C standard: what they share. Each test_ function is one
 * result; main.c calls it and prints the result. A test says what differs with EXPECT and its
 * relatives, and goes on. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Notes a failure, in one line of at most 300 bytes, unless the condition holds. */
void expect(bool holds, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#define EXPECT(condition) expect(condition, __FILE__, __LINE__, "%s", #condition)
/* The row of a table that is being tested is named as well. */
#define EXPECT_ROW(condition, row) expect(condition, __FILE__, __LINE__, "%s, row \"%s\"", #condition, row)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Tables hold what is to be computed as data, so that the compiler cannot compute it instead of
 * the library. */
bool same_double(double a, double b);                /* equal, zeros by sign, or both NaN */
bool same_long_double(long double a, long double b); /* likewise */

void test_printf_integers(void);
void test_printf_doubles(void);
void test_printf_long_doubles(void);
void test_printf_strings(void);
void test_printf_limits(void);
void test_scanf_integers(void);
void test_scanf_doubles(void);
void test_scanf_strings(void);
void test_strtol(void);
void test_strtod(void);
void test_strtof(void);
void test_strtold(void);
void test_wide_printf(void);
void test_wide_scanf(void);
void test_wide_strings(void);
void test_wide_numbers(void);
void test_multibyte(void);
void test_uchar(void);
void test_strings(void);
void test_ctype(void);
void test_locale(void);
void test_streams(void);
void test_stream_positions(void);
void test_memory_streams(void);
void test_allocation_overflow(void);
void test_allocation(void);
void test_sorting(void);
void test_hash_tables(void);
void test_trees(void);
void test_division(void);
void test_exits(void);
void test_calendar(void);
void test_strftime(void);
void test_clocks(void);
void test_math_values(void);
void test_math_pairs(void);
void test_math_scaling(void);
void test_math_rounding(void);
void test_math_fma(void);
void test_math_gamma(void);
void test_math_float(void);
void test_math_long_double(void);
void test_math_environment(void);
void test_complex(void);
void test_generic_math(void);
