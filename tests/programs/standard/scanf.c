/* SPDX-License-Identifier: BSD-2-Clause */
/* scanf: each conversion, field widths, suppression, what is left in the stream (C11 7.21.6.2). */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "check.h"

static const struct {
    const char *input, *format;
    int result, value, used; /* used: what %n says; -1 if it is not reached */
} ints[] = {
    {"42", "%d%n", 1, 42, 2},      {"  -42x", "%d%n", 1, -42, 5},     {"+7", "%d%n", 1, 7, 2},
    {"12345", "%3d%n", 1, 123, 3}, {"-12", "%2d%n", 1, -1, 2},        {"-", "%d%n", 0, 0, -1},
    {"-5", "%1d%n", 0, 0, -1},     {"x", "%d%n", 0, 0, -1},           {"", "%d%n", EOF, 0, -1},
    {"   ", "%d%n", EOF, 0, -1},   {"0x1f", "%i%n", 1, 31, 4},        {"0x1f", "%d%n", 1, 0, 1},
    {"0x1F", "%x%n", 1, 31, 4},    {"1f", "%x%n", 1, 31, 2},          {"-0X1f", "%i%n", 1, -31, 5},
    {"017", "%i%n", 1, 15, 3},     {"018", "%i%n", 1, 1, 2},          {"17", "%o%n", 1, 15, 2},
    {"0x1f", "%3i%n", 1, 1, 3},    {"4294967295", "%u%n", 1, -1, 10}, {"-1", "%u%n", 1, -1, 2},
    {"a5", "a%d%n", 1, 5, 2},      {"b5", "a%d%n", 0, 0, -1},         {"% 5", "%% %d%n", 1, 5, 3},
    {"%5", " %%%d%n", 1, 5, 2},    {"1 , 5", "%*d ,%d%n", 1, 5, 5},   {"1", "%*d%d%n", EOF, 0, -1},
    {"1 x", "%*d%d%n", 0, 0, -1},
};

void test_scanf_integers(void)
{
    for (size_t i = 0; i < COUNT(ints); i++) {
        int value = 0, used = -1;
        int result = sscanf(ints[i].input, ints[i].format, &value, &used);
        EXPECT_ROW(result == ints[i].result, ints[i].input);
        EXPECT_ROW(value == ints[i].value && used == ints[i].used, ints[i].input);
    }
    signed char tiny[3] = {5, 5, 5};
    short small[3] = {5, 5, 5};
    long plain = 0;
    long long large = 0;
    intmax_t most = 0;
    size_t size = 0;
    EXPECT(sscanf("-1 -2 -3 -9223372036854775808 9223372036854775807 7", "%hhd%hd%ld%lld%jd%zu", &tiny[1],
                  &small[1], &plain, &large, &most, &size) == 6);
    EXPECT(tiny[0] == 5 && tiny[1] == -1 && tiny[2] == 5 && small[0] == 5 && small[1] == -2 && small[2] == 5);
    EXPECT(plain == -3 && large == INT64_MIN && most == INT64_MAX && size == 7);
    EXPECT(sscanf("99999999999999999999 5", "%lld %ld", &large, &plain) == 2 && large == INT64_MAX &&
           plain == 5);
    unsigned long long bits = 0;
    EXPECT(sscanf("ffffffffffffffff", "%llx", &bits) == 1 && bits == UINT64_MAX);
}

static const struct {
    const char *input, *format;
    int result;
    double value;
    int used;
} doubles[] = {
    {"1.5", "%lf%n", 1, 1.5, 3},
    {" -.5e1x", "%lf%n", 1, -5, 6},
    {"1e2", "%2lf%n", 0, 0, -1},
    {"1.25", "%3lf%n", 1, 1.2, 3},
    {"1e+5", "%lg%n", 1, 1e5, 4},
    {"0x1.8p1", "%la%n", 1, 3, 7},
    {"0x.8", "%la%n", 1, 0.5, 4},
    {"inf", "%lf%n", 1, INFINITY, 3},
    {"-INFINITYx", "%lf%n", 1, -INFINITY, 9},
    {"nan", "%lf%n", 1, NAN, 3},
    {"infinitz", "%lf%n", 0, 0, -1},
    {"in", "%lf%n", 0, 0, -1},
    {".", "%lf%n", 0, 0, -1},
    {"-", "%lf%n", 0, 0, -1},
    {"e5", "%lf%n", 0, 0, -1},
    {"", "%lf%n", EOF, 0, -1},
    {"1.7976931348623157e308", "%lf%n", 1, 0x1.fffffffffffffp1023, 22},
    {"4.9406564584124654e-324", "%lf%n", 1, 0x1p-1074, 23},
    {"0.1000000000000000055511151231257827021181583404541015625", "%lf%n", 1, 0.1, 57},
    {"9007199254740993", "%lf%n", 1, 9007199254740992.0, 16},
    {"9007199254740993.00000000000000000000000000000000000000000000000000000000001", "%lf%n", 1,
     9007199254740994.0, 76},
    {"00000000000000000000000000000000000000000000000000000000000000000000000000000000001.5", "%lf%n", 1, 1.5,
     85},
};

void test_scanf_doubles(void)
{
    for (size_t i = 0; i < COUNT(doubles); i++) {
        double value = 0;
        int used = -1;
        int result = sscanf(doubles[i].input, doubles[i].format, &value, &used);
        EXPECT_ROW(result == doubles[i].result && used == doubles[i].used, doubles[i].input);
        EXPECT_ROW(same_double(value, doubles[i].value), doubles[i].input);
    }
    float f = 0;
    long double l = 0;
    EXPECT(sscanf("0.1 0.1", "%f%Lf", &f, &l) == 2 && f == 0.1f && l == 0.1L);
    EXPECT(sscanf("1e4000", "%Lf", &l) == 1 && l == 1e4000L);
    EXPECT(sscanf("16777217.0000001", "%f", &f) == 1 && f == 16777218.0f);
    EXPECT(sscanf("1e400", "%f", &f) == 1 && f == INFINITY);
}

static void test_sets(void)
{
    static const struct {
        const char *input, *format, *found;
    } sets[] = {
        {"abcxyz", "%[abc]", "abc"},        {"abc]x", "%[]abc]", "abc]"}, {"abc]x", "%[^]]", "abc"},
        {"hello world", "%[a-z]", "hello"}, {"a-b", "%[a-]", "a-"},       {"  x", "%[ ]", "  "},
        {"12ab", "%2[0-9a-z]", "12"},       {"x^y", "%[x^]", "x^"},
    };
    for (size_t i = 0; i < COUNT(sets); i++) {
        char found[20] = "";
        EXPECT_ROW(sscanf(sets[i].input, sets[i].format, found) == 1, sets[i].format);
        EXPECT_ROW(strcmp(found, sets[i].found) == 0, sets[i].format);
    }
    char none[20] = "kept";
    EXPECT(sscanf("xyz", "%[abc]", none) == 0 && strcmp(none, "kept") == 0);
    EXPECT(sscanf("", "%[abc]", none) == EOF);
}

void test_scanf_strings(void)
{
    char a[20] = "", b[20] = "", c[4] = "###";
    int used = -1;
    test_sets();
    EXPECT(sscanf("  one two", "%s%s%n", a, b, &used) == 2 && !strcmp(a, "one") && !strcmp(b, "two") &&
           used == 9);
    EXPECT(sscanf("abcdef", "%3s%s", a, b) == 2 && !strcmp(a, "abc") && !strcmp(b, "def"));
    EXPECT(sscanf(" xy", "%2c", c) == 1 && memcmp(c, " x#", 3) == 0);
    EXPECT(sscanf("xyz", "%c", c) == 1 && memcmp(c, "xx#", 3) == 0);
    EXPECT(sscanf("x", "%2c", c) != 2);
    EXPECT(sscanf("a  b", "%1s %c", a, c) == 2 && c[0] == 'b');
    EXPECT(sscanf("skip keep", "%*s%s", a) == 1 && !strcmp(a, "keep"));
    EXPECT(sscanf("5", "%d%s", &used, a) == 1);
    EXPECT(sscanf("2 first", "%2$d %1$s", a, &used) == 2 && used == 2 && !strcmp(a, "first"));
    wchar_t wide[10] = L"";
    EXPECT(sscanf("wide x", "%ls", wide) == 1 && wcscmp(wide, L"wide") == 0);
    EXPECT(sscanf("wide", "%2l[a-z]", wide) == 1 && wcscmp(wide, L"wi") == 0);
    EXPECT(sscanf("wide", "%2lc", wide) == 1 && wide[0] == L'w' && wide[1] == L'i');
    char *made = NULL;
    EXPECT(sscanf("allocated", "%ms", &made) == 1 && made && !strcmp(made, "allocated"));
    free(made);
}
