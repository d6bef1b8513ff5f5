/* SPDX-License-Identifier: BSD-2-Clause */
/* Row B23: all faults whose window is here are fast, not only most of them.  First touches, in
 * instructions, where a tick of the TSC is one: of pages whose windows are a few, are many, and are
 * as many in one chain of physmem's table as one container can have.  Prints KTAP.  For 16 MiB. */
#include <stdio.h>
#include <stdlib.h>

#include "client/physmem.h"
#include "ktap/ktap.h"
#include "l4/types.h"
#include "pager/pager.h"
#include "protocol/segmap.h"

enum {
    TOUCHED = 1000,
    WINDOWS = 4000,
    CONTAINER_PAGES = 1 << 20, /* the largest there is */
    HEADS = 1 << 10,           /* of that table, on 16 MiB */
    CHAIN = WINDOWS_MAX / HEADS,
    MEDIAN_MOST = 3300,
    MOST_BEYOND = 900, /* of the slowest in a hundred, over the median */
};

static uint32_t times[TOUCHED];

static void write_text(const char *text)
{
    (void)fputs(text, stdout);
}

static uint32_t ticks(void)
{
    uint32_t low;
    __asm__ volatile("rdtsc" : "=a"(low) : : "edx");
    return low;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void touch(volatile char *page, unsigned i)
{
    uint32_t start = ticks();
    *page = 1;
    times[i] = ticks() - start;
}

static void judge(const char *what, unsigned count)
{
    qsort(times, count, sizeof *times, by_size);
    uint32_t median = times[count / 2], late = times[count - 1 - count / 100];
    ktap_diagnostic("%s: %lu instructions, %lu for the slowest in a hundred, %lu at most", what,
                    (unsigned long)median, (unsigned long)late, (unsigned long)times[count - 1]);
    EXPECT_LE(median, MEDIAN_MOST);
    EXPECT_LE(late, median + MOST_BEYOND);
}

/* Of a container of which so many windows exist, each with a hole, the pages of the first ones,
 * which have been made first: all but the holes and what makes a page table. */
static void touch_first(const char *what, unsigned windows)
{
    enum { AREA_PAGES = 1024 };
    handle_t handle;
    void *start;
    unsigned done = 0;
    REQUIRE(physmem_create(windows * WINDOW_PAGES, 0, &handle) == OK);
    REQUIRE(pager_map_container(handle, 0, TOUCHED * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &start) == OK);
    for (unsigned i = 0; i < windows; i++) {
        EXPECT_EQ(physmem_punch(handle, i * WINDOW_PAGES + WINDOW_PAGES - 1, 1), OK);
    }
    for (unsigned i = 0; i < TOUCHED; i++) {
        volatile char *page = (volatile char *)start + (size_t)i * PAGE_SIZE;
        if (i == 0 || (L4_Word_t)page / PAGE_SIZE % AREA_PAGES == 0) {
            *page = 1;
        } else if (i % WINDOW_PAGES != WINDOW_PAGES - 1) {
            touch(page, done++);
        }
    }
    judge(what, done);
    EXPECT_EQ(pager_unmap(start, TOUCHED * PAGE_SIZE), OK);
    EXPECT_EQ(physmem_destroy(handle), OK);
}

static void test_few(void)
{
    ktap_begin("B23: where there are few windows");
    touch_first("few windows", TOUCHED / WINDOW_PAGES + 1);
    (void)ktap_end();
}

static void test_many(void)
{
    ktap_begin("B23: where there are many windows");
    touch_first("many windows", WINDOWS);
    (void)ktap_end();
}

/* Windows that physmem has in one chain of its table or in two, for their places' hashes differ in
 * the lower bits alone (servers/physmem/contents/finder.h). */
static unsigned find_chain(uint32_t *windows)
{
    unsigned count = 0;
    for (uint32_t n = 0; n < WINDOWS_MAX && count < CHAIN; n++) {
        if (n * 0x9e3779b1u < UINT32_MAX / HEADS) {
            windows[count++] = n;
        }
    }
    return count;
}

static void test_chain(void)
{
    ktap_begin("B23: where a program has chosen its windows so that they are found last");
    static uint32_t windows[CHAIN];
    unsigned count = find_chain(windows);
    handle_t handle;
    void *start = NULL;
    EXPECT_LE(CHAIN - 4, count);
    REQUIRE(physmem_create(CONTAINER_PAGES, 0, &handle) == OK);
    for (unsigned i = 0; i < count; i++) {
        EXPECT_EQ(physmem_punch(handle, windows[i] * WINDOW_PAGES, 1), OK);
    }
    for (unsigned i = 0; i < count; i++) {
        uint32_t page = windows[i] * WINDOW_PAGES + 1;
        REQUIRE(pager_map_container(handle, page, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &start) == OK);
        if (i == 0) {
            *(volatile char *)start = 1; /* makes the page table */
        } else {
            touch(start, i - 1);
        }
    }
    judge("one chain", count - 1);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(write_text, 3);
    test_few();
    test_many();
    test_chain();
    return ktap_finish();
}
