/* SPDX-License-Identifier: BSD-2-Clause */
/* printf: each conversion with its flags, widths, precisions and lengths (C11 7.21.6.1). */
#define _GNU_SOURCE 1
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "check.h"

static char text[8000];

/* Whether exactly that was written, and its length returned. */
static bool wrote(int length, const char *expected)
{
    return length == (int)strlen(expected) && strcmp(text, expected) == 0;
}

static const struct integer_row {
    const char *format;
    intmax_t value;
    const char *expected;
} ints[] = {
    {"%d", 0, "0"},
    {"%d", INT_MIN, "-2147483648"},
    {"%i", INT_MAX, "2147483647"},
    {"%u", -1, "4294967295"},
    {"%5d|", 42, "   42|"},
    {"%-5d|", 42, "42   |"},
    {"%05d", -42, "-0042"},
    {"%+d", 7, "+7"},
    {"% d", 7, " 7"},
    {"%+ d", 7, "+7"},
    {"%-05d|", 7, "7    |"},
    {"%.0d|", 0, "|"},
    {"%.d|", 0, "|"},
    {"%+.0d|", 0, "+|"},
    {"%5.0d|", 0, "     |"},
    {"%.3d", -7, "-007"},
    {"%08.3d", 7, "     007"},
    {"%-8.3d|", 7, "007     |"},
    {"%o", 8, "10"},
    {"%#o", 8, "010"},
    {"%#o", 0, "0"},
    {"%#.0o", 0, "0"},
    {"%#.3o", 8, "010"},
    {"%x", -1, "ffffffff"},
    {"%#x", 255, "0xff"},
    {"%#X", 255, "0XFF"},
    {"%#x", 0, "0"},
    {"%#.0x|", 0, "|"},
    {"%#8x", 255, "    0xff"},
    {"%#08x", 255, "0x0000ff"},
    {"%#-8x|", 255, "0xff    |"},
    {"%#10.4x", 255, "    0x00ff"},
    {"%hhd", 255, "-1"},
    {"%hhu", 257, "1"},
    {"%hhx", -1, "ff"},
    {"%hd", 32768, "-32768"},
    {"%hu", 65537, "1"},
    {"%ho", -1, "177777"},
    {"%ld", LONG_MIN, "-2147483648"},
    {"%lx", -1, "ffffffff"},
    {"%zu", -1, "4294967295"},
    {"%zd", -1, "-1"},
    {"%td", -5, "-5"},
};

static const struct integer_row long_ints[] = {
    {"%lld", INT64_MIN, "-9223372036854775808"},  {"%lld", INT64_MAX, "9223372036854775807"},
    {"%llu", -1, "18446744073709551615"},         {"%llx", -1, "ffffffffffffffff"},
    {"%llo", -1, "1777777777777777777777"},       {"%#llx", 0, "0"},
    {"%025lld", -1, "-000000000000000000000001"}, {"%.20lld", 12, "00000000000000000012"},
    {"%jd", INT64_MIN, "-9223372036854775808"},   {"%jx", INT64_MAX, "7fffffffffffffff"},
    {"%-22jd|", -3, "-3                    |"},
};

void test_printf_integers(void)
{
    for (size_t i = 0; i < COUNT(ints); i++) {
        int length = snprintf(text, sizeof(text), ints[i].format, (int)ints[i].value);
        EXPECT_ROW(wrote(length, ints[i].expected), ints[i].format);
    }
    for (size_t i = 0; i < COUNT(long_ints); i++) {
        int length = snprintf(text, sizeof(text), long_ints[i].format, long_ints[i].value);
        EXPECT_ROW(wrote(length, long_ints[i].expected), long_ints[i].format);
    }
    EXPECT(wrote(snprintf(text, sizeof(text), "%*d|", -5, 3), "3    |"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%.*d", -1, 0), "0"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%*.*d", 6, 3, 5), "   005"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%" PRId64 " %" PRIu8 " %" PRIxPTR, (int64_t)1, (uint8_t)2,
                          (uintptr_t)3),
                 "1 2 3"));
    EXPECT(snprintf(text, sizeof(text), "%.500d", 1) == 500 && strspn(text, "0") == 499 &&
           !strcmp(text + 499, "1"));
}

static const struct double_row {
    const char *format;
    double value;
    const char *expected;
} doubles[] = {
    {"%f", 0.0, "0.000000"},
    {"%f", -0.0, "-0.000000"},
    {"%.0f", 0.5, "0"},
    {"%.0f", 1.5, "2"},
    {"%.0f", 2.5, "2"},
    {"%#.0f", 3.0, "3."},
    {"%.1f", 0.25, "0.2"},
    {"%.1f", 0.35, "0.3"},
    {"%.2f", 2.675, "2.67"},
    {"%.3f", 1e-10, "0.000"},
    {"%f", 1e15, "1000000000000000.000000"},
    {"%.0f", 1e23, "99999999999999991611392"},
    {"%.0f", 9007199254740993.0, "9007199254740992"},
    {"%10.2f|", -1.5, "     -1.50|"},
    {"%-10.2f|", 1.5, "1.50      |"},
    {"%010.2f", -1.5, "-000001.50"},
    {"%+.1f", 1.0, "+1.0"},
    {"% .1f", 1.0, " 1.0"},
    {"%e", 0.0, "0.000000e+00"},
    {"%e", 12345.678, "1.234568e+04"},
    {"%.0e", 15.0, "2e+01"},
    {"%.0e", 25.0, "2e+01"},
    {"%#.0e", 15.0, "2.e+01"},
    {"%.3E", 1e-300, "1.000E-300"},
    {"%.20e", 0.1, "1.00000000000000005551e-01"},
    {"%e", DBL_MAX, "1.797693e+308"},
    {"%.16e", 4.9406564584124654e-324, "4.9406564584124654e-324"},
    {"%g", 100000.0, "100000"},
    {"%g", 1000000.0, "1e+06"},
    {"%g", 0.0001, "0.0001"},
    {"%g", 0.00001, "1e-05"},
    {"%#g", 1.0, "1.00000"},
    {"%#.3g", 100.0, "100."},
    {"%.0g", 123.0, "1e+02"},
    {"%.3G", 1e-10, "1E-10"},
    {"%.10g", 0.1, "0.1"},
    {"%.17g", 0.1, "0.10000000000000001"},
    {"%.12g", 1000000000005.0, "1e+12"},
    {"%.3g", 1000.5, "1e+03"},
    {"%.4g", 10005.0, "1e+04"},
    {"%.4g", 20005.0, "2e+04"},
    {"%.8g", -423909105.0, "-4.239091e+08"},
    {"%.14g", 100000000000005.0, "1e+14"},
    {"%.14g", 100000000000015.0, "1.0000000000002e+14"},
    {"%g", 999999.5, "1e+06"},
    {"%g", 99999.95, "99999.9"},
    {"%f", INFINITY, "inf"},
    {"%F", -INFINITY, "-INF"},
    {"%+e", INFINITY, "+inf"},
    {"%010f", INFINITY, "       inf"},
    {"%-6g|", INFINITY, "inf   |"},
    {"%f", NAN, "nan"},
    {"%G", NAN, "NAN"},
    {"%08f", NAN, "     nan"},
    {"%a", 1.0, "0x1p+0"},
    {"%a", -0.0, "-0x0p+0"},
    {"%A", 255.5, "0X1.FFP+7"},
    {"%.0a", 1.5, "0x2p+0"},
    {"%.2a", 1.0, "0x1.00p+0"},
    {"%.3a", 0x1.23456p0, "0x1.234p+0"},
    {"%.3a", 0x1.2348p0, "0x1.234p+0"},
    {"%.3a", 0x1.2358p0, "0x1.236p+0"},
    {"%.2a", 0x1.fffp10, "0x2.00p+10"},
    {"%#a", 1.0, "0x1.p+0"},
    {"%20a|", 0.5, "              0x1p-1|"},
    {"%020a", 0.5, "0x000000000000001p-1"},
};

/* Some rows may be written in two ways, the first digit of %a being the library's choice. */
static bool hex_alike(const char *found, const char *expected)
{
    return strtod(found, NULL) == strtod(expected, NULL) && strlen(found) == strlen(expected);
}

void test_printf_doubles(void)
{
    for (size_t i = 0; i < COUNT(doubles); i++) {
        const struct double_row *row = &doubles[i];
        int length = snprintf(text, sizeof(text), row->format, row->value);
        bool hex = strpbrk(row->format, "aA") && isfinite(row->value) && length == (int)strlen(text);
        EXPECT_ROW(wrote(length, row->expected) || (hex && hex_alike(text, row->expected)), row->expected);
    }
    int length = snprintf(text, sizeof(text), "%f", DBL_MAX);
    EXPECT(length == 316 && strncmp(text, "17976931348623157081452742373170435679807056752584", 50) == 0);
    length = snprintf(text, sizeof(text), "%.1074f", 0x1p-1074);
    EXPECT(length == 1076 && strcmp(text + 1065, "33447265625") == 0);
    length = snprintf(text, sizeof(text), "%.2000f", 0.5);
    EXPECT(length == 2002 && strncmp(text, "0.500", 5) == 0 && strspn(text + 3, "0") == 1999);
    EXPECT(wrote(snprintf(text, sizeof(text), "%.1f %d %.1f", 1.0, 2, 3.0), "1.0 2 3.0"));
}

static const struct {
    const char *format;
    long double value;
    const char *expected;
} long_doubles[] = {
    {"%Lf", 1.0L, "1.000000"},
    {"%.0Lf", 0x1.fffffffffffffffep63L, "18446744073709551615"},
    {"%.20Lf", 0.1L, "0.10000000000000000000"},
    {"%.25Lf", 0.1L, "0.1000000000000000000013553"},
    {"%.0Lf", 0x1p100L, "1267650600228229401496703205376"},
    {"%.1Lf", -0.25L, "-0.2"},
    {"%.0Lf", 2.5L, "2"},
    {"%.0Lf", 0.5L, "0"},
    {"%.0Lf", 0.75L, "1"},
    {"%.2Lf", 9.995L, "9.99"},
    {"%.2Lf", 99.996L, "100.00"},
    {"%.5Lf", 1e-4000L, "0.00000"},
    {"%Le", LDBL_MAX, "1.189731e+4932"},
    {"%Le", LDBL_MIN, "3.362103e-4932"},
    {"%.3Le", 0x1p-16445L, "3.645e-4951"},
    {"%.21Lg", 0.1L, "0.100000000000000000001"},
    {"%.50Lg", 0x1p-70L, "8.470329472543003390683225006796419620513916015625e-22"},
    {"%Lg", 1e100L, "1e+100"},
    {"%Lg", 100000.0L, "100000"},
    {"%#Lg", 1.0L, "1.00000"},
    {"%.4Lg", 10005.0L, "1e+04"},
    {"%LF", (long double)INFINITY, "INF"},
    {"%+Lf", (long double)NAN, "+nan"},
    {"%015.2Le", -1234.5L, "-0000001.23e+03"},
};

void test_printf_long_doubles(void)
{
    for (size_t i = 0; i < COUNT(long_doubles); i++) {
        int length = snprintf(text, sizeof(text), long_doubles[i].format, long_doubles[i].value);
        EXPECT_ROW(wrote(length, long_doubles[i].expected), long_doubles[i].expected);
    }
    static const long double values[] = {1.0L,     0.1L,       -3e4000L, 0x1.23456789abcdefp-5000L,
                                         LDBL_MAX, 0x1p-16445L};
    for (size_t i = 0; i < COUNT(values); i++) {
        snprintf(text, sizeof(text), "%La", values[i]);
        EXPECT_ROW(strtold(text, NULL) == values[i], text);
        snprintf(text, sizeof(text), "%.20Le", values[i]);
        EXPECT_ROW(strtold(text, NULL) == values[i], text);
    }
    int length = snprintf(text, sizeof(text), "%.0Lf", LDBL_MAX);
    EXPECT(length == 4933 && strncmp(text, "118973149535723176502126385303097020516906332229", 48) == 0);
    EXPECT(strcmp(text + 4923, "1989770240") == 0);
}

void test_printf_strings(void)
{
    static const wchar_t wide[] = L"wide";
    int here = -1;
    signed char tiny = -1;
    long long large = -1;
    EXPECT(wrote(snprintf(text, sizeof(text), "%c%5c%-3c|", 'a', 'b', 'c'), "a    bc  |"));
    EXPECT(snprintf(text, sizeof(text), "a%cb", 0) == 3 && memcmp(text, "a\0b", 4) == 0);
    EXPECT(wrote(snprintf(text, sizeof(text), "%s|%6s|%-6s|%.2s|%.0s|", "abc", "abc", "abc", "abc", "abc"),
                 "abc|   abc|abc   |ab||"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%.3s", (const char[3]){'x', 'y', 'z'}), "xyz"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%%|%s", ""), "%|"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%ls|%6ls|%-6ls|%.2ls|", wide, wide, wide, wide),
                 "wide|  wide|wide  |wi|"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%.2ls", (const wchar_t[2]){L'x', L'y'}), "xy"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%lc%3lc", (wint_t)L'p', (wint_t)L'q'), "p  q"));
    EXPECT(wrote(snprintf(text, sizeof(text), "abc%n%hhn%lln", &here, &tiny, &large), "abc"));
    EXPECT(here == 3 && tiny == 3 && large == 3);
    EXPECT(wrote(snprintf(text, sizeof(text), "%2$s %1$d %2$.1s", 5, "xy"), "xy 5 x"));
    EXPECT(wrote(snprintf(text, sizeof(text), "%1$*2$d|%1$-*2$d|", 7, 4), "   7|7   |"));
    snprintf(text, sizeof(text), "%p", (void *)text);
    void *back = NULL;
    EXPECT(sscanf(text, "%p", &back) == 1 && back == text);
}

void test_printf_limits(void)
{
    char small[5] = "####";
    static volatile size_t three = 3, one = 1;
    EXPECT(snprintf(small, three, "%s", "abcdef") == 6 && memcmp(small, "ab\0#", 5) == 0);
    EXPECT(snprintf(small, one, "%d", 1234) == 4 && small[0] == '\0' && small[1] == 'b');
    EXPECT(snprintf(NULL, 0, "%d %s", 12, "abc") == 6);
    EXPECT(snprintf(small, 0, "x") == 1 && small[0] == '\0');
    errno = 0;
    volatile int most = INT_MAX;
    EXPECT(snprintf(NULL, 0, "%*d%d", most, 1, 22) == -1 && errno == EOVERFLOW);
    errno = 0;
    volatile size_t far_too_much = (size_t)INT_MAX + 2;
    EXPECT(snprintf(text, far_too_much, "x") == -1 ? errno == EOVERFLOW : strcmp(text, "x") == 0);
    char *made = NULL;
    EXPECT(asprintf(&made, "%s-%d", "made", 5) == 6 && made && strcmp(made, "made-5") == 0);
    free(made);
}
