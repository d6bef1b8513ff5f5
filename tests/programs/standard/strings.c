/* SPDX-License-Identifier: BSD-2-Clause */
/* string.h, ctype.h, locale.h. */
#define _GNU_SOURCE 1
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check.h"

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void test_compare(void)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {{"", "", 0},      {"a", "", 1},     {"abc", "abd", -1},
                {"abc", "ab", 1}, {"\xff", "a", 1}, {"a", "\x80", -1}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *a = rows[i].a, *b = rows[i].b;
        size_t n = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
        EXPECT_ROW(sign(strcmp(a, b)) == rows[i].order && sign(strcmp(b, a)) == -rows[i].order, a);
        EXPECT_ROW(sign(strcoll(a, b)) == rows[i].order && sign(strncmp(a, b, 100)) == rows[i].order, a);
        EXPECT_ROW(sign(memcmp(a, b, n + 1)) == rows[i].order && strncmp(a, b, 0) == 0, a);
    }
    EXPECT(strncmp("abcx", "abcy", 3) == 0 && strcasecmp("HeLLo", "hEllO") == 0 &&
           strncasecmp("ABx", "aby", 2) == 0);
}

static void test_find(void)
{
    static const char text[] = "abcabd\xff";
    EXPECT(strchr(text, 'b') == text + 1 && strrchr(text, 'b') == text + 4 && !strchr(text, 'z'));
    EXPECT(strchr(text, 0) == text + 7 && strrchr(text, 0) == text + 7 && strchr(text, '\xff') == text + 6);
    EXPECT(memchr(text, 0xff, 8) == text + 6 && memchr(text, -1, 8) == text + 6 && !memchr(text, 'd', 5));
    EXPECT(memchr(text, 'a' + 256, 1) == text && !memchr(text, 'a', 0));
    EXPECT(strstr(text, "abd") == text + 3 && strstr(text, "") == text && !strstr(text, "abx") &&
           !strstr("", "a"));
    EXPECT(strspn(text, "cba") == 5 && strcspn(text, "dc") == 2 && strspn(text, "") == 0 &&
           strcspn(text, "") == 7);
    EXPECT(strpbrk(text, "xdc") == text + 2 && !strpbrk(text, "") && !strpbrk(text, "xyz"));
    EXPECT(memmem(text, 7, "bd", 2) == text + 4 && !memmem(text, 5, "bd", 2) &&
           memmem(text, 7, "", 0) == text);
    EXPECT(strnlen("abc", 2) == 2 && strnlen("abc", 9) == 3 && strcasestr("xABc", "abC") != NULL);
    EXPECT(memrchr(text, 'a', 7) == text + 3 && strchrnul(text, 'z') == text + 7 &&
           rawmemchr(text, 'c') == text + 2);
    EXPECT(ffs(0) == 0 && ffs(1) == 1 && ffs(INT_MIN) == 32 && ffs(24) == 4);
}

/* Needles in haystacks of few letters: the plain search says where they are. */
static void test_search(void)
{
    char haystack[300], needle[70];
    for (int round = 0; round < 3000; round++) {
        size_t hay = (size_t)rand() % sizeof(haystack),
               n = 1 + (size_t)rand() % (round % 3 ? 6 : sizeof(needle) - 1);
        memset(haystack, 0, sizeof(haystack));
        memset(needle, 0, sizeof(needle));
        for (size_t i = 0; i + 1 < hay; i++) {
            haystack[i] = (char)('a' + rand() % 2);
        }
        for (size_t i = 0; i < n; i++) {
            needle[i] = (char)('a' + rand() % 2);
        }
        if (n + 1 < hay && round % 2) {
            memcpy(haystack + (size_t)rand() % (hay - n), needle, n);
        }
        size_t length = strlen(haystack);
        const char *found = NULL;
        for (size_t i = 0; !found && i + n <= length; i++) {
            found = memcmp(haystack + i, needle, n) == 0 ? haystack + i : NULL;
        }
        EXPECT(strstr(haystack, needle) == found && memmem(haystack, length, needle, n) == found);
        EXPECT(strcasestr(haystack, needle) == found);
    }
}

static void test_tokens(void)
{
    char text[] = "  a,b ,,c", *rest = NULL, empty[] = ",,", fields[] = "x::y", *at = fields;
    EXPECT(!strcmp(strtok_r(text, " ,", &rest), "a") && !strcmp(strtok_r(NULL, " ,", &rest), "b"));
    EXPECT(!strcmp(strtok_r(NULL, " ,", &rest), "c") && !strtok_r(NULL, " ,", &rest) &&
           !strtok_r(NULL, " ,", &rest));
    EXPECT(!strtok(empty, ",") && !strtok(NULL, ","));
    EXPECT(!strcmp(strsep(&at, ":"), "x") && !strcmp(strsep(&at, ":"), "") && !strcmp(strsep(&at, ":"), "y"));
    EXPECT(at == NULL && strsep(&at, ":") == NULL);
}

static void test_copies(void)
{
    char buffer[12];
    static volatile size_t two = 2, three = 3;
    memset(buffer, '#', sizeof(buffer));
    EXPECT(strncpy(buffer, "ab", 5) == buffer && memcmp(buffer, "ab\0\0\0#", 6) == 0);
    EXPECT(strncpy(buffer, "abcdef", three) == buffer && memcmp(buffer, "abc\0\0#", 6) == 0);
    EXPECT(strncat(strcpy(buffer, "ab"), "cdef", two) == buffer && !strcmp(buffer, "abcd"));
    EXPECT(strcat(buffer, "") == buffer && stpcpy(buffer, "xyz") == buffer + 3 &&
           stpncpy(buffer, "q", 3) == buffer + 1);
    EXPECT(memccpy(buffer, "abcabc", 'c', 6) == buffer + 3 && !memccpy(buffer, "abc", 'z', 3));
    EXPECT(mempcpy(buffer, "12", 3) == buffer + 3 && strlcpy(buffer, "long text", 5) == 9 &&
           !strcmp(buffer, "long"));
    EXPECT(strlcat(buffer, "er text", 8) == 11 && !strcmp(buffer, "longer "));
    char overlap[] = "0123456789";
    EXPECT(memmove(overlap + 2, overlap, 5) == overlap + 2 && !strcmp(overlap, "0101234789"));
    EXPECT(memmove(overlap, overlap + 2, 5) == overlap && !strcmp(overlap, "0123434789"));
    char *copy = strndup("abcdef", 3), *whole = strdup("");
    EXPECT(copy && !strcmp(copy, "abc") && whole && !*whole);
    free(copy);
    free(whole);
    EXPECT(strxfrm(buffer, "abc", 4) == 3 && !strcmp(buffer, "abc") && strxfrm(NULL, "abcd", 0) == 4);
}

/* Every length and alignment up to some words, against a loop. */
static void test_blocks(void)
{
    static unsigned char a[160], b[160];
    for (size_t from = 0; from < 8; from++) {
        for (size_t length = 0; length < 70; length++) {
            size_t to = (from * 3 + length) % 8;
            bool right = true;
            for (size_t i = 0; i < sizeof(a); i++) {
                a[i] = (unsigned char)(i * 7);
                b[i] = 0xee;
            }
            memcpy(b + 16 + to, a + from, length);
            memset(b + 100, 0x1a5, length % 40);
            for (size_t i = 0; i < 100; i++) {
                bool inside = i >= 16 + to && i < 16 + to + length;
                right = right && b[i] == (inside ? a[i - 16 - to + from] : 0xee);
            }
            for (size_t i = 0; i < 60; i++) {
                right = right && b[100 + i] == (i < length % 40 ? 0xa5 : 0xee);
            }
            EXPECT(right && memcmp(b + 16 + to, a + from, length) == 0);
        }
    }
}

void test_strings(void)
{
    test_compare();
    test_find();
    test_search();
    test_tokens();
    test_copies();
    test_blocks();
    for (int i = -1; i < 200; i++) {
        EXPECT(strerror(i) && strlen(strerror(i)) < 80);
    }
    EXPECT(strcmp(strerror(ENOENT), strerror(ENOMEM)) != 0 && strlen(strerror(EDOM)) > 3);
}

void test_ctype(void)
{
    static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", lower[] = "abcdefghijklmnopqrstuvwxyz";
    for (int c = -1; c < 256; c++) {
        bool known = c > 0 && c < 128, up = known && strchr(upper, c), low = known && strchr(lower, c);
        bool digit = c >= '0' && c <= '9', graphic = c > ' ' && c < 127;
        EXPECT(!isupper(c) == !up && !islower(c) == !low && !isalpha(c) == !(up || low) &&
               !isdigit(c) == !digit);
        EXPECT(!isalnum(c) == !(up || low || digit) && !isgraph(c) == !graphic &&
               !isprint(c) == !(graphic || c == ' '));
        EXPECT(!ispunct(c) == !(graphic && !up && !low && !digit) &&
               !iscntrl(c) == !((c >= 0 && c < 32) || c == 127));
        EXPECT(!isspace(c) == !(c == ' ' || (c >= 9 && c <= 13)) && !isblank(c) == !(c == ' ' || c == '\t'));
        EXPECT(!isxdigit(c) == !(digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')));
        EXPECT(tolower(c) == (up ? c + 32 : c) && toupper(c) == (low ? c - 32 : c));
    }
}

void test_locale(void)
{
    const struct lconv *l = localeconv();
    EXPECT(l && !strcmp(l->decimal_point, ".") && !*l->thousands_sep && !*l->grouping &&
           !*l->currency_symbol);
    EXPECT(l && l->frac_digits == CHAR_MAX && l->p_cs_precedes == CHAR_MAX && l->n_sign_posn == CHAR_MAX);
    EXPECT(!strcmp(setlocale(LC_ALL, NULL), "C") && setlocale(LC_ALL, "") != NULL);
    EXPECT(!strcmp(setlocale(LC_ALL, "C"), "C") && setlocale(LC_NUMERIC, "POSIX") != NULL);
    EXPECT(!setlocale(LC_ALL, "no such locale") && !setlocale(99, "C"));
}
