// sources: lib/pager/region.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The region table against a naive model: one entry for every page of a small range of
 * addresses. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xorshift.h"
#include "pager/region.h"
#include "check.h"

enum { PAGES = 96, BASE = TASK_REGIONS_BASE, CAPACITY = 64, ROUNDS = 200000 };

struct model_page {
    uint8_t used, kind, rights;
    uint32_t handle, page;
};

static struct model_page model[PAGES];
static struct region_table table;
static struct region storage[2][CAPACITY];
static uint32_t seed = 12345;
static uint32_t rnd(uint32_t bound)
{
    return xorshift(&seed) % bound;
}

static uint32_t at(uint32_t page)
{
    return (uint32_t)BASE + page * PAGE_SIZE;
}

static void compare(void)
{
    CHECK(region_table_check(&table));
    for (uint32_t p = 0; p < PAGES; p++) {
        const struct region *r = region_find(&table, at(p) + rnd(PAGE_SIZE));
        CHECK((r != NULL) == (model[p].used != 0));
        if (r && model[p].used) {
            CHECK(r->kind == model[p].kind && r->rights == model[p].rights && r->handle == model[p].handle);
            if (r->kind != REGION_GUARD) {
                CHECK(r->page + (at(p) - r->start) / PAGE_SIZE == model[p].page);
            }
        }
    }
}

static uint32_t used_between(uint32_t first, uint32_t end)
{
    uint32_t n = 0;
    for (uint32_t p = first; p < end; p++) {
        n += model[p].used;
    }
    return n;
}

static void try_add(uint32_t first, uint32_t count)
{
    struct region r = {at(first),  at(first + count),          rnd(1000),
                       1 + rnd(3), (uint8_t)rnd(REGION_KINDS), (uint8_t)rnd(8)};
    bool full = table.count == table.capacity;
    enum error e = region_add(&table, &r);
    if (used_between(first, first + count)) {
        CHECK(e == ERR_ALREADY);
        CHECK(region_overlaps(&table, r.start, r.end));
        return;
    }
    CHECK(e == (full ? ERR_NO_MEMORY : OK));
    for (uint32_t i = 0; e == OK && i < count; i++) {
        model[first + i] = (struct model_page){1, r.kind, r.rights, r.handle, r.page + i};
    }
}

static void try_remove(uint32_t first, uint32_t count)
{
    bool room = table.capacity - table.count >= REGION_SPARE;
    enum error e = region_remove(&table, at(first), at(first + count));
    CHECK(e == (room ? OK : ERR_NO_MEMORY));
    if (e == OK) {
        memset(model + first, 0, count * sizeof(model[0]));
    }
}

static void try_protect(uint32_t first, uint32_t count)
{
    uint8_t rights = (uint8_t)rnd(8);
    bool room = table.capacity - table.count >= REGION_SPARE;
    enum error e = region_protect(&table, at(first), at(first + count), rights);
    if (used_between(first, first + count) != count) {
        CHECK(e == ERR_HOLE);
        return;
    }
    CHECK(e == (room ? OK : ERR_NO_MEMORY));
    for (uint32_t i = 0; e == OK && i < count; i++) {
        model[first + i].rights = rights;
    }
}

static void try_find_free(uint32_t count)
{
    uint32_t want = PAGES, found = 0;
    for (uint32_t p = 0; p + count <= PAGES; p++) {
        if (used_between(p, p + count) == 0) {
            want = p;
            break;
        }
    }
    enum error e = region_find_free(&table, count * PAGE_SIZE, at(0), at(PAGES), &found);
    CHECK(e == (want == PAGES ? ERR_NO_ROOM : OK));
    CHECK(e != OK || found == at(want));
}

static void test_random(void)
{
    region_table_init(&table, storage[0], CAPACITY);
    for (int i = 0; i < ROUNDS && failures == 0; i++) {
        uint32_t first = rnd(PAGES), count = 1 + rnd(PAGES - first < 12 ? PAGES - first : 12);
        switch (rnd(5)) {
        case 0:
        case 1:
            try_add(first, count);
            break;
        case 2:
            try_remove(first, count);
            break;
        case 3:
            try_protect(first, count);
            break;
        case 4:
            try_find_free(count);
            break;
        }
        if (i % 1000 == 0) {
            region_table_move(&table, storage[i / 1000 % 2 ^ 1], CAPACITY);
        }
        compare();
    }
}

/* What a search has learned is forgotten where something is removed, and holds for as much or
 * more. */
static void test_search_again(void)
{
    uint32_t a = 0;
    region_table_init(&table, storage[0], CAPACITY);
    for (uint32_t p = 0; p < 20; p++) { /* each second page */
        struct region r = {at(2 * p + 1), at(2 * p + 2), 0, 1, REGION_ANONYMOUS, 6};
        CHECK(region_add(&table, &r) == OK);
    }
    CHECK(region_find_free(&table, 2 * PAGE_SIZE, at(0), at(PAGES), &a) == OK && a == at(40));
    CHECK(region_find_free(&table, PAGE_SIZE, at(0), at(PAGES), &a) == OK && a == at(0));
    CHECK(region_find_free(&table, 3 * PAGE_SIZE, at(0), at(PAGES), &a) == OK && a == at(40));
    CHECK(region_remove(&table, at(11), at(12)) == OK);
    CHECK(region_find_free(&table, 3 * PAGE_SIZE, at(0), at(PAGES), &a) == OK && a == at(10));
    CHECK(region_find_free(&table, 2 * PAGE_SIZE, at(0), at(PAGES), &a) == OK && a == at(10));
    CHECK(region_find_free(&table, 2 * PAGE_SIZE, at(11), at(PAGES), &a) == OK && a == at(11));
}

static void test_bad_input(void)
{
    struct region r = {at(0), at(1), 0, 1, REGION_ANONYMOUS, 6};
    uint32_t a = 0;
    region_table_init(&table, storage[0], 3);
    CHECK(region_find(&table, 0) == NULL && region_find(&table, ~0u) == NULL);
    CHECK(region_add(&table, &r) == OK && region_add(&table, &r) == ERR_ALREADY);
    r.start = at(3), r.end = at(2);
    CHECK(region_add(&table, &r) == ERR_ARGUMENT);
    r.start = at(2) + 1, r.end = at(3);
    CHECK(region_add(&table, &r) == ERR_ARGUMENT);
    r.start = r.end = at(2);
    CHECK(region_add(&table, &r) == ERR_ARGUMENT);
    r.start = at(2), r.end = at(3), r.kind = REGION_KINDS;
    CHECK(region_add(&table, &r) == ERR_ARGUMENT);
    CHECK(region_remove(&table, at(1), at(1)) == ERR_ARGUMENT);
    CHECK(region_remove(&table, 0xfffff000u, 0x1000) == ERR_ARGUMENT);
    CHECK(region_protect(&table, at(0), at(2), 4) == ERR_HOLE);
    CHECK(region_find_free(&table, 0, at(0), at(9), &a) == ERR_ARGUMENT);
    CHECK(region_find_free(&table, 5, at(0), at(9), &a) == ERR_ARGUMENT);
    /* A size that would wrap past the end of the range, and a range the wrong way round. */
    CHECK(region_find_free(&table, 0xfffff000u, at(0), at(9), &a) == ERR_NO_ROOM);
    CHECK(region_find_free(&table, PAGE_SIZE, at(9), at(0), &a) == ERR_NO_ROOM);
    CHECK(region_find_free(&table, 8 * PAGE_SIZE, at(0), at(9), &a) == OK && a == at(1));
}

int main(void)
{
    test_bad_input();
    test_search_again();
    test_random();
    printf("KTAP version 1\n1..1\n%s 1 - region table against the model\n", failures ? "not ok" : "ok");
    return failures != 0;
}
