/* SPDX-License-Identifier: BSD-2-Clause */
/* strtol, strtod and their families: value, end of the number, errno (C11 7.22.1). */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static const struct {
    const char *input;
    int base;
    long long value;
    int used, error;
} ints[] = {
    {"0", 10, 0, 1, 0},
    {" \t\n\v\f\r-12x", 10, -12, 9, 0},
    {"+9", 10, 9, 2, 0},
    {"", 10, 0, 0, 0},
    {"  ", 10, 0, 0, 0},
    {"-", 10, 0, 0, 0},
    {"+-1", 10, 0, 0, 0},
    {"x1", 10, 0, 0, 0},
    {"0x1f", 0, 31, 4, 0},
    {"0x1f", 16, 31, 4, 0},
    {"-0X1F", 16, -31, 5, 0},
    {"0x", 16, 0, 1, 0},
    {"0xg", 0, 0, 1, 0},
    {"017", 0, 15, 3, 0},
    {"08", 0, 0, 1, 0},
    {"1f", 16, 31, 2, 0},
    {"zZ", 36, 35 * 36 + 35, 2, 0},
    {"102", 2, 2, 2, 0},
    {"2147483648", 10, 2147483648LL, 10, 0},
    {"9223372036854775807", 10, INT64_MAX, 19, 0},
    {"9223372036854775808", 10, INT64_MAX, 19, ERANGE},
    {"-9223372036854775808", 10, INT64_MIN, 20, 0},
    {"-9223372036854775809", 10, INT64_MIN, 20, ERANGE},
    {"99999999999999999999999x", 10, INT64_MAX, 23, ERANGE},
};

static void test_long_long(void)
{
    for (size_t i = 0; i < COUNT(ints); i++) {
        char *end = NULL;
        errno = 0;
        long long value = strtoll(ints[i].input, &end, ints[i].base);
        EXPECT_ROW(value == ints[i].value && errno == ints[i].error, ints[i].input);
        EXPECT_ROW(end == ints[i].input + ints[i].used, ints[i].input);
        errno = 0;
        EXPECT_ROW(strtoimax(ints[i].input, &end, ints[i].base) == value &&
                       (errno == ERANGE) == (ints[i].error == ERANGE),
                   ints[i].input);
        errno = 0;
        long narrow = strtol(ints[i].input, &end, ints[i].base);
        bool fits = value >= LONG_MIN && value <= LONG_MAX;
        EXPECT_ROW(narrow == (value < LONG_MIN   ? LONG_MIN
                              : value > LONG_MAX ? LONG_MAX
                                                 : value),
                   ints[i].input);
        EXPECT_ROW(errno == (fits ? 0 : ERANGE) && end == ints[i].input + ints[i].used, ints[i].input);
    }
}

void test_strtol(void)
{
    char *end = NULL;
    static const char text[] = "5";
    test_long_long();
    errno = 0;
    EXPECT(strtoul("4294967295", &end, 10) == ULONG_MAX && errno == 0);
    EXPECT(strtoul("4294967296", &end, 10) == ULONG_MAX && errno == ERANGE && *end == '\0');
    errno = 0;
    EXPECT(strtoul("-1", &end, 10) == ULONG_MAX && errno == 0);
    EXPECT(strtoul("-4294967296", &end, 10) == ULONG_MAX && errno == ERANGE);
    errno = 0;
    EXPECT(strtoull("18446744073709551615", &end, 0) == UINT64_MAX && errno == 0);
    EXPECT(strtoull("18446744073709551616", &end, 0) == UINT64_MAX && errno == ERANGE);
    errno = 0;
    EXPECT(strtoull("-18446744073709551615", &end, 0) == 1 && errno == 0);
    EXPECT(strtoumax("0xffffffffffffffff", &end, 0) == UINT64_MAX && *end == '\0');
    errno = 0;
    EXPECT(strtol(text, &end, 1) == 0 && errno == EINVAL);
    errno = 0;
    EXPECT(strtol(text, &end, 37) == 0 && errno == EINVAL);
    EXPECT(atoi("-7x") == -7 && atol(" 8") == 8 && atoll("9000000000") == 9000000000LL &&
           atof("2.5e1") == 25);
}

/* The end of a number and its errno are the same for all three types; the values are those of
 * double. */
static const struct {
    const char *input;
    double value;
    int used, error;
} doubles[] = {
    {"0", 0, 1, 0},
    {"-0", -0.0, 2, 0},
    {"  1.5x", 1.5, 5, 0},
    {".5", 0.5, 2, 0},
    {"5.", 5, 2, 0},
    {"1e3", 1000, 3, 0},
    {"1E+3", 1000, 4, 0},
    {"1e", 1, 1, 0},
    {"1e+", 1, 1, 0},
    {"1e+x", 1, 1, 0},
    {"1.e2", 100, 4, 0},
    {".", 0, 0, 0},
    {"-.", 0, 0, 0},
    {"+", 0, 0, 0},
    {"-", 0, 0, 0},
    {"-e5", 0, 0, 0},
    {".e5", 0, 0, 0},
    {"", 0, 0, 0},
    {"inf", INFINITY, 3, 0},
    {"-InFx", -INFINITY, 4, 0},
    {"infinity", INFINITY, 8, 0},
    {"infinit", INFINITY, 3, 0},
    {"in", 0, 0, 0},
    {"nan", NAN, 3, 0},
    {"-NAN", NAN, 4, 0},
    {"nan(12)x", NAN, 7, 0},
    {"nan(ab_9)", NAN, 9, 0},
    {"nan()", NAN, 5, 0},
    {"nan(", NAN, 3, 0},
    {"nan(a b)", NAN, 3, 0},
    {"nan(12", NAN, 3, 0},
    {"na", 0, 0, 0},
    {"0x1p0", 1, 5, 0},
    {"0X1.8P1", 3, 7, 0},
    {"-0x.8", -0.5, 5, 0},
    {"0x8.", 8, 4, 0},
    {"0x1p", 1, 3, 0},
    {"0x1p+", 1, 3, 0},
    {"0x", 0, 1, 0},
    {"-0x", -0.0, 2, 0},
    {"0x.", 0, 1, 0},
    {"0x.p1", 0, 1, 0},
    {"0xg", 0, 1, 0},
    {"0x0p5", 0, 5, 0},
    {"0x1p-2", 0.25, 6, 0},
    {"0e99999999999", 0, 13, 0},
    {"0x0p99999999999", 0, 15, 0},
    {"1e99999999999", INFINITY, 13, ERANGE},
    {"-1e99999999999", -INFINITY, 14, ERANGE},
    {"0x1p99999999999", INFINITY, 15, ERANGE},
    {"0x1p2147483648", INFINITY, 14, ERANGE},
    {"1e-99999999999", 0, 14, ERANGE},
    {"-1e-99999999999", -0.0, 15, ERANGE},
    {"0x1p-99999999999", 0, 16, ERANGE},
    {"0x1p-4294967296", 0, 15, ERANGE},
};

static const struct {
    const char *input;
    double value;
    int error;
} halves[] = {
    {"1.7976931348623157e308", 0x1.fffffffffffffp1023, 0},
    {"1.7976931348623159e308", INFINITY, ERANGE},
    {"0x1.fffffffffffff7p1023", 0x1.fffffffffffffp1023, 0},
    {"0x1.fffffffffffff8p1023", INFINITY, ERANGE},
    {"9007199254740993", 9007199254740992.0, 0},
    {"9007199254740993.0000000000000000000000000000000000000000001", 9007199254740994.0, 0},
    {"9007199254740995", 9007199254740996.0, 0},
    {"9294174977643498295783623e-75", 0x1.bd1a40f0c9a31p-167, 0},
    {"0x67dbeE9dce.05fb", 0x1.9f6fba773817fp38, 0},
    {"0x1.00000000000008", 1, 0},
    {"0x1.00000000000008001", 0x1.0000000000001p0, 0},
    {"0x1.0000000000000c", 0x1.0000000000001p0, 0},
    {"0x1.00000000000018", 0x1.0000000000002p0, 0},
    {"2.2250738585072011e-308", 0x0.fffffffffffffp-1022, ERANGE},
    {"2.2250738585072014e-308", 0x1p-1022, 0},
    {"4.9406564584124654e-324", 0x1p-1074, ERANGE},
    {"2.4703282292062327e-324", 0, ERANGE},
    {"2.4703282292062328e-324", 0x1p-1074, ERANGE},
    {"0x1p-1074", 0x1p-1074, 0},
    {"0x1.0000000000000000001p-1075", 0x1p-1074, ERANGE},
    {"0x1p-1075", 0, ERANGE},
    {"0x1.8p-1074", 0x1p-1073, ERANGE},
    {"8.988465674311580e307", 0x1.0000000000000p1023, 0},
};

void test_strtod(void)
{
    char *end = NULL;
    for (size_t i = 0; i < COUNT(doubles); i++) {
        errno = 0;
        double value = strtod(doubles[i].input, &end);
        EXPECT_ROW(same_double(value, doubles[i].value), doubles[i].input);
        EXPECT_ROW(end == doubles[i].input + doubles[i].used && errno == doubles[i].error, doubles[i].input);
    }
    for (size_t i = 0; i < COUNT(halves); i++) {
        errno = 0;
        EXPECT_ROW(strtod(halves[i].input, &end) == halves[i].value && *end == '\0', halves[i].input);
        EXPECT_ROW(errno == halves[i].error, halves[i].input);
    }
}

void test_strtof(void)
{
    static const struct {
        const char *input;
        float value;
        int error;
    } floats[] = {
        {"16777217", 16777216.0f, 0},
        {"16777217.0000000000000000001", 16777218.0f, 0}, /* half-way as double */
        {"16777219", 16777220.0f, 0},
        {"3.4028234e38", 0x1.fffffep127f, 0},
        {"3.4028235677973366e38", 0x1.fffffep127f, 0},
        {"3.4028235677973367e38", INFINITY, ERANGE},
        {"1e39", INFINITY, ERANGE},
        {"-0x1p128", -INFINITY, ERANGE},
        {"1e-46", 0, ERANGE},
        {"1.4e-45", 0x1p-149f, ERANGE},
        {"0x1p-149", 0x1p-149f, 0},
        {"0x1.000001p0", 1, 0},
        {"0x1.0000010000000000001p0", 0x1.000002p0f, 0},
    };
    char *end = NULL;
    for (size_t i = 0; i < COUNT(doubles); i++) {
        errno = 0;
        float value = strtof(doubles[i].input, &end);
        EXPECT_ROW(same_double(value, doubles[i].value), doubles[i].input);
        EXPECT_ROW(end == doubles[i].input + doubles[i].used && errno == doubles[i].error, doubles[i].input);
    }
    for (size_t i = 0; i < COUNT(floats); i++) {
        errno = 0;
        EXPECT_ROW(same_double(strtof(floats[i].input, &end), floats[i].value), floats[i].input);
        EXPECT_ROW(*end == '\0' && errno == floats[i].error, floats[i].input);
    }
}

void test_strtold(void)
{
    static const struct {
        const char *input;
        long double value;
        int error;
    } longs[] = {
        {"0.1", 0.1L, 0},
        {"18446744073709551615", 0x1.fffffffffffffffep63L, 0},
        {"36893488147419103231", 0x1p65L, 0},
        {"1e4932", 1e4932L, 0},
        {"1e4933", INFINITY, ERANGE},
        {"1e-4940", 1e-4940L, ERANGE},
        {"1e-4960", 0, ERANGE},
        {"0x1.fffffffffffffffe8p0", 0x1.fffffffffffffffep0L, 0},
        {"0x1.ffffffffffffffff8p0", 2, 0},
        {"-0x2.7972449566cbb5b3", -0x2.7972449566cbb5b4p0L, 0},
        {"0x1p16384", INFINITY, ERANGE},
    };
    char *end = NULL;
    for (size_t i = 0; i < COUNT(doubles); i++) {
        errno = 0;
        long double value = strtold(doubles[i].input, &end);
        EXPECT_ROW(same_long_double(value, doubles[i].value), doubles[i].input);
        EXPECT_ROW(end == doubles[i].input + doubles[i].used && errno == doubles[i].error, doubles[i].input);
    }
    for (size_t i = 0; i < COUNT(longs); i++) {
        errno = 0;
        EXPECT_ROW(same_long_double(strtold(longs[i].input, &end), longs[i].value), longs[i].input);
        EXPECT_ROW(*end == '\0' && errno == longs[i].error, longs[i].input);
    }
}
