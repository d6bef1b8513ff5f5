/* SPDX-License-Identifier: BSD-2-Clause */
/* A bit for each page that is taken; pages below `low` belong to the growing block and have no bit
 * set. */
#include "pager/dc_pages.h"

#include "base/assertion.h"

void dc_pages_init(struct dc_pages *d, uint32_t start, uint32_t end)
{
    *d = (struct dc_pages){.base = start, .count = start < end ? (end - start) >> PAGE_SHIFT : 0};
    if (d->count > DC_PAGES_MAX) {
        d->count = DC_PAGES_MAX;
    }
}

uint32_t dc_pages_alloc(struct dc_pages *d, uint32_t pages)
{
    uint32_t run = 0;
    for (uint32_t i = d->count; pages > 0 && i-- > d->low;) {
        run = bitmap_test(d->taken, i) ? 0 : run + 1;
        if (run == pages) {
            ASSERT(i >= d->low && pages <= d->count - i);
            for (uint32_t k = i; k < i + pages; k++) {
                bitmap_set(d->taken, k);
            }
            return d->base + (i << PAGE_SHIFT);
        }
    }
    return 0;
}

void dc_pages_free(struct dc_pages *d, uint32_t address, uint32_t pages)
{
    uint32_t first = (address - d->base) >> PAGE_SHIFT;
    ASSERT(address >= d->base && address % PAGE_SIZE == 0 && first >= d->low);
    for (uint32_t k = first; k - first < pages && k < d->count; k++) {
        ASSERT(bitmap_test(d->taken, k));
        bitmap_clear(d->taken, k);
    }
}

bool dc_pages_grow(struct dc_pages *d, uint32_t end)
{
    uint32_t new_low = end <= d->base ? 0 : (end - d->base + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (new_low > d->count) {
        return false;
    }
    for (uint32_t k = d->low; k < new_low; k++) {
        if (bitmap_test(d->taken, k)) {
            return false;
        }
    }
    d->low = new_low > d->low ? new_low : d->low;
    return true;
}
