/* SPDX-License-Identifier: BSD-2-Clause */
/* stdlib.h and search.h: allocation, sorting, tables, division; setjmp.h. */
#define _GNU_SOURCE 1
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <malloc.h>
#include <search.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* ---- allocation ---- */

static bool refused(void *block)
{
    bool good = !block && errno == ENOMEM;
    free(block);
    errno = 0;
    return good;
}

/* Sizes that are no size: the product or the sum is beyond SIZE_MAX, where a wrapped one would be
 * small. */
void test_allocation_overflow(void)
{
    static volatile size_t near = 0x10001, half = (size_t)1 << 31, most = SIZE_MAX, page = 4096, two = 2;
    void *block = NULL;
    errno = 0;
    EXPECT(refused(calloc(near, near)) && refused(calloc(half, two)) && refused(calloc(most, most)));
    EXPECT(refused(calloc(two, half)) && refused(calloc(half + 8, two)) && refused(calloc(most, two)));
    EXPECT(refused(malloc(most)) && refused(malloc(most - 3)) && refused(malloc(most - 15)) &&
           refused(malloc(half)));
    EXPECT(refused(realloc(NULL, most - 7)) && refused(reallocarray(NULL, near, near)));
    EXPECT(refused(memalign(page, most - 5)) && refused(memalign(page, most - page)) &&
           refused(memalign(page, half - 1)));
    EXPECT(refused(memalign(half, half)) && refused(aligned_alloc(page, most - page + 1)));
    EXPECT(refused(valloc(most - 5)) && refused(pvalloc(most - 5)) && refused(pvalloc(most - page)));
    EXPECT(posix_memalign(&block, page, most - 5) == ENOMEM && !block);
    EXPECT(posix_memalign(&block, 3, 8) == EINVAL && posix_memalign(&block, 0, 8) == EINVAL && !block);
    char *volatile kept = malloc(10);
    strcpy(kept, "kept");
    errno = 0;
    EXPECT(!realloc(kept, most - 7) && errno == ENOMEM && !strcmp(kept, "kept"));
    EXPECT(!reallocarray(kept, near, near) && !strcmp(kept, "kept"));
    free(kept);
}

static bool all_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i]) {
            return false;
        }
    }
    return true;
}

void test_allocation(void)
{
    for (size_t size = 0; size < 3000; size += 37) {
        unsigned char *block = malloc(size), *zero = calloc(size, 1);
        EXPECT((uintptr_t)block % 8 == 0 && (uintptr_t)zero % 8 == 0 && all_zero(zero, size));
        memset(zero, 0xee, size);
        block = realloc(block, size + 100);
        EXPECT(block && malloc_usable_size(block) >= size + 100);
        free(block);
        free(zero);
    }
    for (size_t alignment = 8; alignment <= 65536; alignment *= 2) {
        char *block = memalign(alignment, 100), *second = aligned_alloc(alignment, alignment);
        EXPECT(block && (uintptr_t)block % alignment == 0 && second && (uintptr_t)second % alignment == 0);
        memset(second, 1, alignment);
        free(block);
        second = realloc(second, 3 * alignment);
        EXPECT(second && second[alignment - 1] == 1);
        free(second);
    }
    char *grown = NULL;
    for (int size = 1; size < 20000; size += size / 3 + 1) {
        grown = realloc(grown, (size_t)size);
        grown[size - 1] = 'x';
    }
    EXPECT(grown[0] == 'x' && grown[1] == 'x');
    free(grown);
    free(NULL);
}

/* ---- sorting ---- */

static int compare(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int compare_with(const void *a, const void *b, void *calls)
{
    ++*(int *)calls;
    return compare(a, b);
}

struct wide_element {
    int key;
    char rest[9];
};

void test_sorting(void)
{
    static int numbers[2000];
    for (int kind = 0; kind < 6; kind++) {
        for (int i = 0; i < 2000; i++) {
            const int values[] = {rand(), i, -i, 7, i % 3, i ^ 5};
            numbers[i] = values[kind];
        }
        qsort(numbers, COUNT(numbers), sizeof(int), compare);
        bool ordered = true;
        for (size_t i = 1; i < COUNT(numbers); i++) {
            ordered = ordered && numbers[i - 1] <= numbers[i];
        }
        EXPECT(ordered);
        for (size_t i = 0; i < COUNT(numbers); i += 61) {
            const int *found = bsearch(&numbers[i], numbers, COUNT(numbers), sizeof(int), compare);
            EXPECT(found && *found == numbers[i]);
        }
    }
    struct wide_element odd[50];
    for (int i = 0; i < 50; i++) {
        odd[i] = (struct wide_element){.key = i * 37 % 50};
        snprintf(odd[i].rest, sizeof(odd[i].rest), "%d", odd[i].key);
    }
    qsort(odd, 50, sizeof(odd[0]), compare);
    for (int i = 0; i < 50; i++) {
        EXPECT(odd[i].key == i && atoi(odd[i].rest) == i);
    }
    int absent = -1, few[] = {3, 1, 2}, calls = 0;
    EXPECT(!bsearch(&absent, numbers, 0, sizeof(int), compare));
    qsort(numbers, 0, sizeof(int), compare);
    qsort_r(few, 3, sizeof(int), compare_with, &calls);
    EXPECT(few[0] == 1 && few[2] == 3 && calls > 0);
}

/* ---- tables ---- */

static void fill_table(void)
{
    static char keys[500][8];
    for (size_t i = 0; i < COUNT(keys); i++) {
        snprintf(keys[i], sizeof(keys[i]), "key%u", (unsigned)i);
        ENTRY entry = {keys[i], (void *)i};
        ENTRY *found = hsearch(entry, ENTER);
        EXPECT(found && found->data == (void *)i);
    }
    for (size_t i = 0; i < COUNT(keys); i++) {
        ENTRY entry = {keys[i], NULL};
        ENTRY *found = hsearch(entry, FIND);
        EXPECT(found && found->data == (void *)i && !strcmp(found->key, keys[i]));
    }
}

/* A table may be made, destroyed and made again; its keys belong to the program and may be
 * constants. */
void test_hash_tables(void)
{
    ENTRY constant = {(char *)(uintptr_t) "constant", NULL}, absent = {(char *)(uintptr_t) "absent", NULL};
    size_t used = (size_t)mallinfo().uordblks;
    for (int round = 0; round < 3; round++) {
        EXPECT(hcreate(600) != 0);
        fill_table();
        EXPECT(hsearch(constant, ENTER) && hsearch(constant, FIND) && !hsearch(absent, FIND));
        hdestroy();
    }
    hdestroy();
    errno = 0;
    EXPECT(!hsearch(absent, FIND) && errno == EINVAL && !hsearch(constant, ENTER));
    EXPECT((size_t)mallinfo().uordblks == used);
    struct hsearch_data table;
    ENTRY *found = NULL;
    memset(&table, 0, sizeof(table));
    EXPECT(hcreate_r(20, &table) != 0 && hsearch_r(constant, ENTER, &found, &table) != 0 && found);
    EXPECT(hsearch_r(absent, FIND, &found, &table) == 0 && !found);
    hdestroy_r(&table);
}

static int visits, sum_of_visits;

static void visit(const void *node, VISIT order, int depth)
{
    if (order == postorder || order == leaf) {
        visits++;
        sum_of_visits += **(int *const *)node + 0 * depth;
    }
}

void test_trees(void)
{
    static int values[200];
    void *root = NULL;
    for (int i = 0; i < 200; i++) {
        values[i] = i * 77 % 200;
        int **node = tsearch(&values[i], &root, compare);
        EXPECT(node && *node == &values[i]);
    }
    int present = 5, absent = 1000;
    EXPECT(tfind(&present, &root, compare) && !tfind(&absent, &root, compare) &&
           !tdelete(&absent, &root, compare));
    int **again = tsearch(&present, &root, compare);
    EXPECT(again && *again != &present && **again == 5);
    visits = sum_of_visits = 0;
    twalk(root, visit);
    EXPECT(visits == 200 && sum_of_visits == 199 * 100);
    for (int i = 0; i < 200; i++) {
        EXPECT(tdelete(&i, &root, compare) && !tfind(&i, &root, compare));
    }
    EXPECT(root == NULL);
}

/* ---- numbers and control ---- */

void test_division(void)
{
    static volatile int seven = 7, minus_two = -2;
    div_t d = div(seven, minus_two);
    ldiv_t l = ldiv(-seven, -minus_two);
    lldiv_t ll = lldiv(INT64_MAX, minus_two);
    imaxdiv_t m = imaxdiv(INT64_MIN, 10);
    EXPECT(d.quot == -3 && d.rem == 1 && l.quot == -3 && l.rem == -1);
    EXPECT(ll.quot == -4611686018427387903LL && ll.rem == 1 && m.quot == -922337203685477580LL &&
           m.rem == -8);
    EXPECT(abs(minus_two) == 2 && labs(-5L) == 5 && llabs(-5000000000LL) == 5000000000LL && imaxabs(-1) == 1);
    srand(5);
    int first = rand(), second = rand();
    srand(5);
    EXPECT(rand() == first && rand() == second && first >= 0 && first <= RAND_MAX && first != second);
    unsigned seed = 5;
    EXPECT(rand_r(&seed) >= 0 && drand48() < 1 && lrand48() >= 0 && random() >= 0);
    EXPECT(setenv("NAME", "value", 1) == 0 && !strcmp(getenv("NAME"), "value") &&
           setenv("NAME", "x", 0) == 0);
    EXPECT(!strcmp(getenv("NAME"), "value") && unsetenv("NAME") == 0 && !getenv("NAME"));
    EXPECT(setenv("A=B", "x", 1) == -1 && errno == EINVAL && setenv("", "x", 1) == -1);
}

static jmp_buf place;
static void leave(int depth, int value);
static void (*volatile deeper)(int depth, int value) = leave;

static void leave(int depth, int value)
{
    if (depth > 0) {
        deeper(depth - 1, value);
    }
    longjmp(place, value);
}

void test_exits(void)
{
    volatile int count = 0;
    double kept = 1.0 / 3;
    int value = setjmp(place);
    if (count == 0) {
        EXPECT(value == 0);
        count++;
        leave(10, 5);
    } else if (count == 1) {
        EXPECT(value == 5);
        count++;
        leave(0, 0);
    }
    EXPECT(value == 1 && count == 2 && kept * 3 == 1.0);
}
