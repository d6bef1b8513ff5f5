/* SPDX-License-Identifier: BSD-2-Clause */
/* The region table as a sorted array, searched by halves.  What a fault calls lies with the pager's
 * loop (program.ld); a change moves the entries behind it.  New regions are mostly the last
 * ones. */
#include "pager/region.h"

#include "base/assertion.h"

/* A fault looks up, so this lies with the pager's loop. */
#define LOOKUP_TEXT __attribute__((section(".text.pager")))

void region_table_init(struct region_table *t, struct region *storage, uint32_t capacity)
{
    t->entries = storage;
    t->count = 0;
    t->capacity = capacity;
    t->full.bytes = 0;
}

void region_table_move(struct region_table *t, struct region *storage, uint32_t capacity)
{
    ASSERT(storage != t->entries && capacity >= t->count);
    for (uint32_t i = 0; i < t->count; i++) {
        storage[i] = t->entries[i];
    }
    t->entries = storage;
    t->capacity = capacity;
}

static bool range_ok(uint32_t start, uint32_t end)
{
    return start < end && ((start | end) & (PAGE_SIZE - 1)) == 0;
}

bool region_table_check(const struct region_table *t)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const struct region *r = &t->entries[i];
        if (!range_ok(r->start, r->end) || r->start < last || r->kind >= REGION_KINDS) {
            return false;
        }
        last = r->end;
    }
    return t->count <= t->capacity;
}

/* Returns the index of the first region that ends above the address; count if there is none. */
static LOOKUP_TEXT uint32_t index_from(const struct region_table *t, uint32_t address)
{
    uint32_t low = 0, high = t->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (t->entries[mid].end > address) {
            high = mid;
        } else {
            low = mid + 1;
        }
    }
    return low;
}

LOOKUP_TEXT const struct region *region_find_from(const struct region_table *t, uint32_t address)
{
    uint32_t i = index_from(t, address);
    return i < t->count ? &t->entries[i] : 0;
}

LOOKUP_TEXT const struct region *region_find(const struct region_table *t, uint32_t address)
{
    const struct region *r = region_find_from(t, address);
    return r && r->start <= address ? r : 0;
}

bool region_overlaps(const struct region_table *t, uint32_t start, uint32_t end)
{
    const struct region *r = region_find_from(t, start);
    return r && r->start < end;
}

bool region_uses(const struct region_table *t, enum region_kind kind, handle_t handle)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->entries[i].kind == kind && t->entries[i].handle == handle) {
            return true;
        }
    }
    return false;
}

/* [start, end) is free from now on, and perhaps what is before it: only before that nothing has
 * changed. */
static void forget_full(struct region_table *t, uint32_t start)
{
    uint32_t i = index_from(t, start);
    uint32_t before = i > 0 ? t->entries[i - 1].end : 0;
    if (before < t->full.end) {
        t->full.end = before;
    }
    if (t->full.end <= t->full.start) {
        t->full.bytes = 0;
    }
}

static bool is_full(const struct region_table *t, uint32_t low, uint32_t size)
{
    return t->full.bytes != 0 && t->full.start == low && size >= t->full.bytes;
}

enum error region_find_free(struct region_table *t, uint32_t size, uint32_t low, uint32_t high,
                            uint32_t *start)
{
    uint32_t from = low;
    if (size == 0 || (size & (PAGE_SIZE - 1)) != 0) {
        return ERR_ARGUMENT;
    }
    if (is_full(t, low, size)) {
        low = t->full.end;
    }
    for (uint32_t i = index_from(t, low); low <= high && size <= high - low; i++) {
        if (i == t->count || (t->entries[i].start >= low && t->entries[i].start - low >= size)) {
            ASSERT(!region_overlaps(t, low, low + size));
            *start = low;
            if (low > from && (t->full.bytes == 0 || t->full.start != from || size <= t->full.bytes)) {
                t->full.start = from;
                t->full.end = low;
                t->full.bytes = size;
            }
            return OK;
        }
        low = t->entries[i].end;
    }
    return ERR_NO_ROOM;
}

static void insert_at(struct region_table *t, uint32_t i, struct region r)
{
    ASSERT(t->count < t->capacity && i <= t->count && range_ok(r.start, r.end));
    ASSERT(i == 0 || t->entries[i - 1].end <= r.start);
    ASSERT(i == t->count || r.end <= t->entries[i].start);
    for (uint32_t k = t->count; k > i; k--) {
        t->entries[k] = t->entries[k - 1];
    }
    t->entries[i] = r;
    t->count++;
}

static void erase(struct region_table *t, uint32_t from, uint32_t to)
{
    ASSERT(from <= to && to <= t->count);
    for (uint32_t k = to; k < t->count; k++) {
        t->entries[from + (k - to)] = t->entries[k];
    }
    t->count -= to - from;
}

/* If the address lies inside a region, it becomes a border between two.  The caller has seen to the
 * room. */
static void split_at(struct region_table *t, uint32_t address)
{
    uint32_t i = index_from(t, address);
    if (i == t->count || t->entries[i].start >= address) {
        return;
    }
    struct region upper = t->entries[i];
    upper.page += (address - upper.start) >> PAGE_SHIFT;
    upper.start = address;
    ASSERT(range_ok(t->entries[i].start, address) && range_ok(address, upper.end));
    t->entries[i].end = address;
    insert_at(t, i + 1, upper);
}

enum error region_add(struct region_table *t, const struct region *r)
{
    if (!range_ok(r->start, r->end) || r->kind >= REGION_KINDS) {
        return ERR_ARGUMENT;
    }
    if (region_overlaps(t, r->start, r->end)) {
        return ERR_ALREADY;
    }
    if (t->capacity - t->count < 1) {
        return ERR_NO_MEMORY;
    }
    insert_at(t, index_from(t, r->start), *r);
    return OK;
}

enum error region_remove(struct region_table *t, uint32_t start, uint32_t end)
{
    if (!range_ok(start, end)) {
        return ERR_ARGUMENT;
    }
    if (t->capacity - t->count < REGION_SPARE) {
        return ERR_NO_MEMORY;
    }
    split_at(t, start);
    split_at(t, end);
    erase(t, index_from(t, start), index_from(t, end - 1) + (region_find(t, end - 1) ? 1 : 0));
    forget_full(t, start);
    return OK;
}

static bool covered(const struct region_table *t, uint32_t start, uint32_t end)
{
    for (uint32_t i = index_from(t, start); start < end; i++) {
        if (i == t->count || t->entries[i].start > start) {
            return false;
        }
        start = t->entries[i].end;
    }
    return true;
}

static bool joins(const struct region *a, const struct region *b)
{
    return a->end == b->start && a->kind == b->kind && a->rights == b->rights && a->handle == b->handle &&
           (a->kind == REGION_GUARD || a->page + ((a->end - a->start) >> PAGE_SHIFT) == b->page);
}

/* Joins neighbours that differ in nothing, from the one before index i as far as address end. */
static void join_around(struct region_table *t, uint32_t i, uint32_t end)
{
    i = i > 0 ? i - 1 : 0;
    while (i + 1 < t->count && t->entries[i].start < end) {
        if (joins(&t->entries[i], &t->entries[i + 1])) {
            t->entries[i].end = t->entries[i + 1].end;
            erase(t, i + 1, i + 2);
        } else {
            i++;
        }
    }
}

enum error region_protect(struct region_table *t, uint32_t start, uint32_t end, uint8_t rights)
{
    if (!range_ok(start, end)) {
        return ERR_ARGUMENT;
    }
    if (!covered(t, start, end)) {
        return ERR_HOLE;
    }
    if (t->capacity - t->count < REGION_SPARE) {
        return ERR_NO_MEMORY;
    }
    split_at(t, start);
    split_at(t, end);
    uint32_t first = index_from(t, start);
    for (uint32_t i = first; i < t->count && t->entries[i].start < end; i++) {
        t->entries[i].rights = rights;
    }
    join_around(t, first, end);
    return OK;
}
