// sources: lib/pager/dc_pages.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Free pages of the designated container against a naive model. */
#include <stdio.h>
#include <string.h>

#include "base/xorshift.h"
#include "pager/dc_pages.h"
#include "check.h"

enum { PAGES = 70, BASE = 0x40000, BLOCKS = 40, ROUNDS = 200000 };

static struct dc_pages d;
static unsigned char model[PAGES]; /* 0 free, otherwise the block's number, 255 the growing block */
static uint32_t seed = 99;
static uint32_t rnd(uint32_t bound)
{
    return xorshift(&seed) % bound;
}

static bool model_free(uint32_t first, uint32_t pages)
{
    for (uint32_t i = first; i < first + pages; i++) {
        if (model[i]) {
            return false;
        }
    }
    return true;
}

static void try_alloc(unsigned char number, uint32_t pages)
{
    uint32_t want = PAGES;
    for (uint32_t i = 0; i + pages <= PAGES; i++) {
        want = model_free(i, pages) ? i : want;
    }
    uint32_t address = dc_pages_alloc(&d, pages);
    CHECK(address == (want == PAGES ? 0 : BASE + want * PAGE_SIZE));
    if (address) {
        memset(model + want, number, pages);
    }
}

static void try_free(unsigned char number)
{
    unsigned char *first = memchr(model, number, PAGES);
    uint32_t pages = 0;
    while (first && first + pages < model + PAGES && first[pages] == number) {
        pages++;
    }
    if (first) {
        dc_pages_free(&d, BASE + (uint32_t)(first - model) * PAGE_SIZE, pages);
        memset(first, 0, pages);
    }
}

static void try_grow(uint32_t end)
{
    uint32_t pages = (end - BASE + PAGE_SIZE - 1) / PAGE_SIZE;
    bool want = pages <= PAGES;
    for (uint32_t i = 0; want && i < pages; i++) {
        want = model[i] == 0 || model[i] == 255;
    }
    CHECK(dc_pages_grow(&d, end) == want);
    if (want) {
        memset(model, 255, pages > d.low ? pages : d.low);
    }
}

static void test_random(void)
{
    uint32_t reach = 0;
    dc_pages_init(&d, BASE, BASE + PAGES * PAGE_SIZE);
    for (int i = 0; i < ROUNDS && !failures; i++) {
        unsigned char number = (unsigned char)(1 + rnd(BLOCKS));
        if (memchr(model, number, PAGES)) {
            try_free(number);
        } else if (rnd(100) == 0) {
            reach = reach < 30 ? reach + rnd(3) : reach;
            try_grow(BASE + reach * PAGE_SIZE + rnd(PAGE_SIZE));
        } else {
            try_alloc(number, 1 + rnd(6));
        }
    }
}

static void test_bad_input(void)
{
    dc_pages_init(&d, BASE, BASE);
    CHECK(dc_pages_alloc(&d, 1) == 0 && dc_pages_grow(&d, BASE) && !dc_pages_grow(&d, BASE + 1));
    dc_pages_init(&d, BASE + PAGE_SIZE, BASE);
    CHECK(dc_pages_alloc(&d, 1) == 0);
    dc_pages_init(&d, BASE, BASE + 2u * DC_PAGES_MAX * PAGE_SIZE);
    CHECK(d.count == DC_PAGES_MAX && dc_pages_alloc(&d, DC_PAGES_MAX + 1) == 0);
    CHECK(dc_pages_alloc(&d, 0) == 0 && dc_pages_alloc(&d, ~0u) == 0);
    CHECK(dc_pages_alloc(&d, DC_PAGES_MAX) == BASE && !dc_pages_grow(&d, BASE + 1));
    dc_pages_free(&d, BASE, ~0u);
    CHECK(dc_pages_grow(&d, BASE + DC_PAGES_MAX * PAGE_SIZE) && dc_pages_alloc(&d, 1) == 0);
}

int main(void)
{
    test_bad_input();
    test_random();
    printf("KTAP version 1\n1..1\n%s 1 - pages of the designated container\n", failures ? "not ok" : "ok");
    return failures != 0;
}
