/* SPDX-License-Identifier: BSD-2-Clause */
/* wchar.h, wctype.h, uchar.h and multibyte characters, in the "C" locale and in "C.UTF-8". */
#define _GNU_SOURCE 1
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

#include "check.h"

static wchar_t text[400];

static bool wrote(int length, const wchar_t *expected)
{
    return length == (int)wcslen(expected) && wcscmp(text, expected) == 0;
}

void test_wide_printf(void)
{
    EXPECT(wrote(swprintf(text, COUNT(text), L"%d %5d|%-5d|%05d %x %lld", 1, 2, 3, 4, 255, -1LL),
                 L"1     2|3    |00004 ff -1"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%.2f %e %g %a", 1.005, 1.5, 1e10, 1.0),
                 L"1.00 1.500000e+00 1e+10 0x1p+0"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%.12g %Lg %.0Lf", 1000000000005.0, 1e4000L, 0x1p64L),
                 L"1e+12 1e+4000 18446744073709551616"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%s|%6s|%-6s|%.2s|", "abc", "abc", "abc", "abc"),
                 L"abc|   abc|abc   |ab|"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%ls|%6ls|%-6ls|%.2ls|", L"abc", L"abc", L"abc", L"abc"),
                 L"abc|   abc|abc   |ab|"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%c%lc%%", 'x', (wint_t)L'y'), L"xy%"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%2$ls %1$d", 5, L"two"), L"two 5"));
    EXPECT(wrote(swprintf(text, COUNT(text), L"%f %F %5.1f", INFINITY, -INFINITY, NAN), L"inf -INF   nan"));
    EXPECT(swprintf(text, 4, L"%s", "abcd") < 0 && swprintf(text, 5, L"%s", "abcd") == 4);
}

void test_wide_scanf(void)
{
    int n = 0, m = 0;
    double d = 0;
    long double l = 0;
    char narrow[20] = "";
    wchar_t wide[20] = L"";
    EXPECT(swscanf(L" 42 0x1f 1.5e1", L"%d %i %lf", &n, &m, &d) == 3 && n == 42 && m == 31 && d == 15);
    EXPECT(swscanf(L"one two", L"%s %ls", narrow, wide) == 2 && !strcmp(narrow, "one") &&
           !wcscmp(wide, L"two"));
    EXPECT(swscanf(L"abcd", L"%2l[abcd]%n", wide, &n) == 1 && !wcscmp(wide, L"ab") && n == 2);
    EXPECT(swscanf(L"xyz", L"%lc%2c", wide, narrow) == 2 && wide[0] == L'x' && !memcmp(narrow, "yz", 2));
    EXPECT(swscanf(L"inf nan", L"%lf %Lf", &d, &l) == 2 && d == INFINITY && isnan(l));
    EXPECT(swscanf(L"", L"%d", &n) == EOF && swscanf(L"x", L"%d", &n) == 0);
    EXPECT(swscanf(L"-", L"%d", &n) == 0 && swscanf(L"1 x", L"%*d%d", &n) == 0);
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

void test_wide_strings(void)
{
    static const wchar_t a[] = L"abcabd";
    wchar_t buffer[20], *rest = NULL;
    EXPECT(wcslen(a) == 6 && wcschr(a, L'b') == a + 1 && wcsrchr(a, L'b') == a + 4 && wcschr(a, 0) == a + 6);
    EXPECT(wcsstr(a, L"abd") == a + 3 && wcsstr(a, L"") == a && !wcsstr(a, L"abx"));
    EXPECT(wcsspn(a, L"cba") == 5 && wcscspn(a, L"dc") == 2 && wcspbrk(a, L"dc") == a + 2);
    EXPECT(wcscmp(L"a", L"b") < 0 && wcscmp(L"b", L"a") > 0 && wcsncmp(L"abc", L"abd", 2) == 0);
    EXPECT(sign(wcscmp(L"\x7fffffff", L"a")) == 1 && sign(wcscoll(L"abc", L"abd")) == -1);
    EXPECT(!wcscmp(wcscpy(buffer, a), a) && !wcscmp(wcscat(buffer, L"x"), L"abcabdx"));
    EXPECT(wcsncpy(buffer, L"xy", 4) == buffer && !wmemcmp(buffer, L"xy\0\0bd", 6));
    EXPECT(!wcscmp(wcsncat(buffer, L"abc", 1), L"xya"));
    EXPECT(wmemset(buffer, L'q', 3) == buffer && wmemchr(buffer, L'q', 3) == buffer &&
           !wmemchr(buffer, L'z', 3));
    EXPECT(wmemcpy(buffer, a, 7) == buffer && wmemmove(buffer + 1, buffer, 3) == buffer + 1);
    EXPECT(!wcscmp(buffer, L"aabcbd") && wcsxfrm(buffer, L"abc", 20) == 3 && !wcscmp(buffer, L"abc"));
    wchar_t list[] = L" a,b";
    EXPECT(!wcscmp(wcstok(list, L" ,", &rest), L"a") && !wcscmp(wcstok(NULL, L" ,", &rest), L"b"));
    EXPECT(!wcstok(NULL, L" ,", &rest));
    EXPECT(iswalpha(L'a') && !iswalpha(L'1') && iswdigit(L'1') && iswspace(L' ') && iswpunct(L'!') &&
           iswupper(L'A'));
    EXPECT(towupper(L'a') == L'A' && towlower(L'A') == L'a' && iswctype(L'a', wctype("alpha")) &&
           !wctype("nothing"));
    EXPECT(towctrans(L'a', wctrans("toupper")) == L'A' && !iswalpha(WEOF) && !iswcntrl(WEOF));
    struct tm tm = {.tm_year = 100, .tm_mday = 1};
    EXPECT(wcsftime(buffer, 20, L"%Y-%m-%d", &tm) == 10 && !wcscmp(buffer, L"2000-01-01"));
}

void test_wide_numbers(void)
{
    wchar_t *end = NULL;
    static const wchar_t hex[] = L" 0x1fz", real[] = L"1.5e1x", none[] = L"zz",
                         large[] = L"9223372036854775808";
    EXPECT(wcstol(hex, &end, 0) == 31 && end == hex + 5 && wcstol(none, &end, 10) == 0 && end == none);
    errno = 0;
    EXPECT(wcstoll(large, &end, 10) == INT64_MAX && errno == ERANGE &&
           wcstoull(large, &end, 10) == 1ULL << 63);
    errno = 0;
    EXPECT(wcstol(large, &end, 10) == LONG_MAX && errno == ERANGE && wcstoul(L"-1", &end, 10) == ULONG_MAX);
    EXPECT(wcstod(real, &end) == 15 && end == real + 5 && wcstof(real, &end) == 15 &&
           wcstold(real, &end) == 15);
    EXPECT(wcstod(none, &end) == 0 && end == none && wcstod(L"-inf", &end) == -INFINITY && *end == 0);
    EXPECT(isnan(wcstod(L"nan", &end)) && wcstod(L"0x1.8p1", &end) == 3 &&
           wcstold(L"1e4000", &end) == 1e4000L);
    errno = 0;
    EXPECT(wcstod(L"1e999", &end) == INFINITY && errno == ERANGE);
}

static void test_c_locale(void)
{
    wchar_t wide[10];
    char narrow[20];
    mbstate_t state;
    memset(&state, 0, sizeof(state));
    EXPECT(MB_CUR_MAX == 1 && mblen("a", 1) == 1 && mblen("", 1) == 0 && mblen(NULL, 0) == 0);
    EXPECT(mbtowc(wide, "a", 1) == 1 && wide[0] == L'a' && mbtowc(wide, "a", 0) == -1 &&
           wctomb(narrow, L'z') == 1);
    EXPECT(mbstowcs(wide, "abc", 10) == 3 && !wcscmp(wide, L"abc") && mbstowcs(NULL, "abcd", 0) == 4);
    EXPECT(wcstombs(narrow, L"abc", 20) == 3 && !strcmp(narrow, "abc") && wcstombs(NULL, L"abcd", 0) == 4);
    EXPECT(mbrtowc(wide, "", 1, &state) == 0 && mbrlen("x", 1, &state) == 1 && mbsinit(&state) &&
           mbsinit(NULL));
    EXPECT(mbrtowc(wide, "x", 0, &state) == (size_t)-2 && btowc('a') == L'a' && btowc(EOF) == WEOF);
    EXPECT(wctob(L'a') == 'a' && wctob(0x1234) == EOF && wctob(WEOF) == EOF);
    errno = 0;
    EXPECT(wcrtomb(narrow, 0x1234, &state) == (size_t)-1 && errno == EILSEQ);
}

static void test_utf8(void)
{
    /* one, two, three and four bytes */
    static const char utf8[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x9f";
    static const wchar_t wide[] = {L'a', 0xe9, 0x20ac, 0x1f41f, 0};
    static const char *const wrong[] = {
        "\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3(", "\xff"};
    wchar_t found[10];
    char narrow[20];
    mbstate_t state;
    EXPECT(mbstowcs(found, utf8, 10) == 4 && !wcscmp(found, wide));
    EXPECT(wcstombs(narrow, wide, 20) == 10 && !strcmp(narrow, utf8) && mblen(utf8 + 1, 5) == 2);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        memset(&state, 0, sizeof(state));
        errno = 0;
        EXPECT_ROW(mbrtowc(found, wrong[i], strlen(wrong[i]) + 1, &state) == (size_t)-1 && errno == EILSEQ,
                   wrong[i]);
    }
    memset(&state, 0, sizeof(state));
    EXPECT(mbrtowc(found, "\xe2", 1, &state) == (size_t)-2 &&
           mbrtowc(found, "\x82", 1, &state) == (size_t)-2);
    EXPECT(!mbsinit(&state) && mbrtowc(found, "\xac", 1, &state) == 1 && found[0] == 0x20ac &&
           mbsinit(&state));
    EXPECT(snprintf(narrow, sizeof(narrow), "%ls|%.4ls|%lc", wide, wide, (wint_t)0x20ac) ==
           10 + 1 + 3 + 1 + 3);
    EXPECT(swprintf(text, COUNT(text), L"%s|%3s|", utf8, "\xc3\xa9") == 9 && text[2] == 0x20ac &&
           text[7] == 0xe9);
    const char *from = utf8;
    EXPECT(mbsrtowcs(found, &from, 2, NULL) == 2 && from == utf8 + 3 && iswalpha(0xe9) &&
           towupper(0xe9) == 0xc9);
    const wchar_t *back = wide;
    EXPECT(wcsrtombs(narrow, &back, 5, NULL) == 3 && back == wide + 2);
}

void test_multibyte(void)
{
    test_c_locale();
    if (setlocale(LC_CTYPE, "C.UTF-8")) {
        EXPECT(MB_CUR_MAX >= 4 && MB_CUR_MAX <= MB_LEN_MAX);
        test_utf8();
    } else {
        EXPECT(false);
    }
    EXPECT(setlocale(LC_CTYPE, "C") != NULL && MB_CUR_MAX == 1);
}

void test_uchar(void)
{
    mbstate_t state;
    char16_t c16[3] = {0};
    char32_t c32 = 0;
    char narrow[8];
    memset(&state, 0, sizeof(state));
    EXPECT(mbrtoc32(&c32, "a", 1, &state) == 1 && c32 == 'a' && c32rtomb(narrow, 'b', &state) == 1 &&
           narrow[0] == 'b');
    EXPECT(mbrtoc16(c16, "a", 1, &state) == 1 && c16[0] == 'a' && c16rtomb(narrow, 'c', &state) == 1);
    EXPECT(setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    EXPECT(mbrtoc32(&c32, "\xf0\x9f\x90\x9f", 4, &state) == 4 && c32 == 0x1f41f &&
           c32rtomb(narrow, c32, &state) == 4);
    EXPECT(mbrtoc16(c16, "\xf0\x9f\x90\x9f", 4, &state) == 4 && c16[0] == 0xd83d);
    EXPECT(mbrtoc16(c16 + 1, "x", 1, &state) == (size_t)-3 && c16[1] == 0xdc1f);
    EXPECT(mbrtoc16(c16 + 2, "x", 1, &state) == 1 && c16[2] == 'x' && mbrtoc16(c16, "", 1, &state) == 0);
    EXPECT(c16rtomb(narrow, 0xd83d, &state) == 0 && c16rtomb(narrow, 0xdc1f, &state) == 4);
    EXPECT(memcmp(narrow, "\xf0\x9f\x90\x9f", 4) == 0);
    EXPECT(setlocale(LC_CTYPE, "C") != NULL);
}
