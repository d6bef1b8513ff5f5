/* SPDX-License-Identifier: BSD-2-Clause */
/* What is searched from end to end are a number for each page, and the records of one page. */
#include "table.h"

#include <stddef.h>

#include "base/assertion.h"
#include "protocol/ids.h"

void table_init(struct table *t, char *start, uint32_t record_bytes, uint32_t pages_max, uint32_t spare)
{
    ASSERT((uintptr_t)start % PAGE_SIZE == 0 && pages_max >= 1 && pages_max <= TABLE_PAGES_MAX);
    t->start = start;
    t->record_bytes = record_bytes;
    t->per_page = PAGE_SIZE / record_bytes;
    t->places_max = pages_max * t->per_page;
    t->spare = spare;
    ASSERT(spare < t->per_page);
}

static char *page_at(const struct table *t, uint32_t page)
{
    return t->start + page * PAGE_SIZE;
}

static char *record_at(const struct table *t, uint32_t place)
{
    return page_at(t, place / t->per_page) + place % t->per_page * t->record_bytes;
}

static bool is_free(const char *record)
{
    return record[0] == 0 && record[1] == 0;
}

static uint32_t at_hand(const struct table *t)
{
    return t->real * t->per_page - t->taken;
}

/* One more page is real, the first that was not. */
static enum error grow(struct table *t)
{
    uint32_t pages_max = t->places_max / t->per_page, page = 0;
    while (page < pages_max && t->pages[page] != 0) {
        page++;
    }
    enum error e = page < pages_max ? page_make(page_at(t, page)) : ERR_NO_MEMORY;
    if (e == OK) {
        t->pages[page] = 1;
        t->real++;
    }
    return e;
}

/* The next page with a free record, from the one with that place on, and round. */
static uint32_t page_with_room(const struct table *t, uint32_t place)
{
    uint32_t pages_max = t->places_max / t->per_page, page = place / t->per_page;
    for (uint32_t i = 0; t->pages[page] == 0 || t->pages[page] > t->per_page; i++) {
        ASSERT(i < pages_max); /* there is one at hand */
        page = page + 1 < pages_max ? page + 1 : 0;
    }
    return page;
}

/* A free place of the page, the first one behind `behind` if that lies in it. */
static uint32_t place_in(const struct table *t, uint32_t page, uint32_t behind)
{
    uint32_t first = page * t->per_page, place = behind;
    for (uint32_t i = 0; i < t->per_page; i++) {
        place = place >= first && place + 1 < first + t->per_page ? place + 1 : first;
        if (is_free(record_at(t, place))) {
            return place;
        }
    }
    ASSERT(false);
    return first;
}

enum error table_take(struct table *t, bool system, void **record)
{
    uint32_t least = system ? 0 : t->spare;
    enum error e = at_hand(t) > least ? OK : grow(t);
    if (e != OK) {
        return e;
    }
    uint32_t page = page_with_room(t, t->last);
    t->last = place_in(t, page, t->last);
    *record = record_at(t, t->last);
    t->pages[page]++;
    t->taken++;
    return OK;
}

void table_give(struct table *t, void *record)
{
    uint32_t page = table_place(t, record) / t->per_page;
    ASSERT(t->pages[page] > 1);
    for (uint32_t i = 0; i < t->record_bytes; i++) {
        ((char *)record)[i] = 0;
    }
    t->pages[page]--;
    t->taken--;
    if (t->pages[page] == 1 && at_hand(t) > t->spare + t->per_page) {
        page_give_back(page_at(t, page));
        t->pages[page] = 0;
        t->real--;
    }
}

void *table_at(const struct table *t, uint32_t place)
{
    if (place >= t->places_max || t->pages[place / t->per_page] == 0) {
        return NULL;
    }
    char *record = record_at(t, place);
    return is_free(record) ? NULL : record;
}

uint32_t table_place(const struct table *t, const void *record)
{
    uint32_t offset = (uint32_t)((const char *)record - t->start);
    uint32_t place = offset / PAGE_SIZE * t->per_page + offset % PAGE_SIZE / t->record_bytes;
    ASSERT(place < t->places_max && record_at(t, place) == record);
    return place;
}
