/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory_type.h"

#include "mapping_db.h"
#include "mapping_db_priv.h"
#include "space.h"
#include "superpage.h"

/* No two ranges overlap, and no two of one type touch.  They are in no order. */
static struct range {
    paddr_t first, last; /* bytes, first one and last one */
    word_t type;
} ranges[MEMORY_RANGES];
size_t memory_ranges;

static bool overlaps(const struct range *r, paddr_t first, paddr_t last)
{
    return r->first <= last && r->last >= first;
}

RARE word_t memory_type_find(paddr_t frame)
{
    for (size_t i = 0; i < memory_ranges; i++) {
        if (overlaps(&ranges[i], frame, frame)) {
            return ranges[i].type;
        }
    }
    return 0;
}

bool memory_typed(paddr_t first, paddr_t last)
{
    for (size_t i = 0; i < memory_ranges; i++) {
        if (overlaps(&ranges[i], first, last)) {
            return true;
        }
    }
    return false;
}

static void add(paddr_t first, paddr_t last, word_t type)
{
    assert(memory_ranges < MEMORY_RANGES && first <= last && type != 0);
    ranges[memory_ranges++] = (struct range){first, last, type};
}

/* Replaces a range by what is left of it without [first, last], which is none, one or two
 * ranges. */
static void cut(size_t i, paddr_t first, paddr_t last)
{
    struct range r = ranges[i];
    assert(i < memory_ranges && overlaps(&r, first, last));
    ranges[i] = ranges[--memory_ranges];
    if (r.first < first) {
        add(r.first, first - 1, r.type);
    }
    if (r.last > last) {
        add(last + 1, r.last, r.type);
    }
}

/* A range that touches [*first, *last], of the same type, becomes part of it. */
static void join(paddr_t *first, paddr_t *last, word_t type)
{
    for (size_t i = memory_ranges; i-- > 0;) {
        struct range r = ranges[i];
        bool below = r.last<*first && * first - r.last == 1, above = r.first> * last && r.first - *last == 1;
        if (r.type != type || !(below || above)) {
            continue;
        }
        *first = below ? r.first : *first;
        *last = above ? r.last : *last;
        ranges[i] = ranges[--memory_ranges];
    }
}

/* How many ranges there are without [first, last]. */
static size_t ranges_without(paddr_t first, paddr_t last)
{
    size_t count = memory_ranges;
    for (size_t i = 0; i < memory_ranges; i++) {
        if (overlaps(&ranges[i], first, last)) {
            count = count - 1 + (ranges[i].first < first) + (ranges[i].last > last);
        }
    }
    return count;
}

/* There are some of RAM alone. */
static enum map_result open_superpages(paddr_t first, paddr_t last)
{
    enum map_result result = MAP_OK;
    size_t end = (last >> PAGE_BITS) + 1 < frame_count ? (last >> PAGE_BITS) + 1 : frame_count;
    for (size_t n = first >> PAGE_BITS; superpages_exist() && result == MAP_OK && n < end;) {
        result = superpage_open(sigma0_space, (paddr_t)(n << PAGE_BITS));
        n = (n | ~SUPERPAGE_MASK >> PAGE_BITS) + 1;
    }
    return result;
}

static void set_range(paddr_t first, paddr_t last, word_t type)
{
    for (size_t i = memory_ranges;
         i-- > 0;) { /* from the end, so that a cut moves only what has had its turn */
        if (overlaps(&ranges[i], first, last)) {
            cut(i, first, last);
        }
    }
    assert(!memory_typed(first, last));
    if (type) {
        join(&first, &last, type);
        add(first, last, type);
    }
}

RARE enum map_result memory_type_set(paddr_t first, paddr_t last, word_t type, struct type_progress *p)
{
    if (p->part == TYPE_BEGINS) {
        if (ranges_without(first, last) + (type != 0) > MEMORY_RANGES) {
            return MAP_NO_MEMORY;
        }
        enum map_result result = open_superpages(first, last);
        if (result != MAP_OK) {
            return result;
        }
        set_range(first, last, type);
        *p = (struct type_progress){.part = TYPE_FRAMES};
    }
    return mapping_set_type(first, last, type, p) ? MAP_OK : MAP_MORE;
}
