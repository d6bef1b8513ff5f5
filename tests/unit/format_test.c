// sources: lib/base/format.c lib/client/error.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted text against the host's printf; bitmaps and lists. */
#include "base/format.h"
#include "base/bitmap.h"
#include "base/list.h"
#include "protocol/error.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "result.h"

/* Our text and libc's agree, in a buffer large enough and in every smaller one. */
#define SAME(...)                                                                                            \
    do {                                                                                                     \
        char ours[128], theirs[128];                                                                         \
        int a = format(ours, sizeof ours, __VA_ARGS__);                                                      \
        int b = snprintf(theirs, sizeof theirs, __VA_ARGS__);                                                \
        int good = a == b && strcmp(ours, theirs) == 0;                                                      \
        for (size_t size = 0; size < 20; size++) {                                                           \
            char small[20];                                                                                  \
            good = good && format(small, size, __VA_ARGS__) == b;                                            \
            good =                                                                                           \
                good && (size == 0 || (strlen(small) < size && strncmp(small, theirs, strlen(small)) == 0)); \
        }                                                                                                    \
        check(good, #__VA_ARGS__);                                                                           \
    } while (0)

static void test_bitmap(void)
{
    uint32_t map[BITMAP_WORDS(70)] = {0};
    for (uint32_t i = 0; i < 70; i++) {
        bitmap_set(map, i);
    }
    check(bitmap_find_clear(map, 70, 5) == BITMAP_NONE, "a full bitmap has no clear bit");
    bitmap_clear(map, 3);
    check(bitmap_find_clear(map, 70, 5) == 3 && bitmap_find_clear(map, 70, 0) == 3, "the search goes round");
    check(!bitmap_test(map, 3) && bitmap_test(map, 69), "bits are told apart");
}

static void test_list(void)
{
    struct list head, a, b, c;
    list_init(&head);
    list_init(&c);
    list_append(&head, &a);
    list_append(&head, &b);
    list_prepend(&head, &c);
    check(head.next == &c && c.next == &a && a.next == &b && b.next == &head && head.prev == &b,
          "list order");
    list_remove(&a);
    list_remove(&a);
    list_remove(&b);
    list_remove(&c);
    check(list_is_empty(&head), "removing twice is harmless");
}

int main(void)
{
    SAME("plain");
    SAME("%s", "text");
    SAME("[%8s][%-8s][%2s]", "abc", "abc", "abcdef");
    SAME("[%.2s][%.*s][%8.3s]", "abcdef", 4, "abcdef", "abcdef");
    SAME("%d %d %d", 0, -1, 42);
    SAME("%d %d", INT_MAX, INT_MIN);
    SAME("%ld %lu", LONG_MIN, ULONG_MAX);
    SAME("%u %x", UINT_MAX, 0xdeadbeefu);
    SAME("[%8x][%08x][%-8x][%2x]", 0x1234u, 0x1234u, 0x1234u, 0x12345u);
    SAME("[%6d][%06d][%-6d]", -42, -42, -42);
#pragma GCC diagnostic ignored "-Wformat"
    SAME("[%-06d]", 7);
    SAME("%c%c%%", 'a', 'b');
    SAME("[%5c]", 'x');
    SAME("%p", (void *)0x1234);
    SAME("%s%s%s%s", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b", "", "c");
    char text[32];
    const char *unknown = "100%q %";
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
    format(text, sizeof text, unknown);
    check(strcmp(text, "100%q %") == 0, "unknown conversions are copied");
    const char *volatile null = NULL;
    format(text, sizeof text, "%s", null);
    check(strcmp(text, "(null)") == 0, "a null string");

    int named = 1;
    for (int e = 0; e < ERROR_COUNT; e++) {
        named = named && strcmp(error_text((enum error)e), "unknown error") != 0;
    }
    check(named, "every error has a text");
    int short_enough = 1;
    for (int e = 0; e < ERROR_COUNT; e++) {
        const char *words = error_text((enum error)e);
        short_enough = short_enough && strlen(words) <= 90 && words[strlen(words) - 1] != '.';
    }
    check(short_enough, "each fits into a line, and goes on there");
    static const enum error curable[] = {ERR_NO_ROOM, ERR_QUOTA,  ERR_NO_MEMORY, ERR_KERNEL_MEMORY,
                                         ERR_NO_SWAP, ERR_FORMAT, ERR_TOO_LARGE, ERR_BUSY};
    int advised = 1;
    for (unsigned i = 0; i < sizeof curable / sizeof *curable; i++) {
        advised = advised && strchr(error_text(curable[i]), ';');
    }
    check(advised, "what can be helped comes with advice");
    check(strcmp(error_text(ERROR_COUNT), "unknown error") == 0 && error_text((enum error) - 1) != NULL,
          "numbers that are no error have one too");
    test_bitmap();
    test_list();
    printf("1..%d\n", count);
    return failures != 0;
}
