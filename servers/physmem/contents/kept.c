/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/kept.h"

#include "base/assertion.h"

struct kept_range kept_ranges[KEPT_RANGES];

void kept_init(void)
{
    for (uint32_t i = 0; i < KEPT_RANGES; i++) {
        kept_ranges[i].container = NULL;
    }
}

enum error kept_add(struct container *c, uint32_t first, uint32_t end)
{
    struct kept_range *place = NULL;
    ASSERT(c && first <= end);
    for (uint32_t i = 0; i < KEPT_RANGES; i++) {
        struct kept_range *r = &kept_ranges[i];
        if (r->container == c && r->first == first && r->end == end) {
            return OK;
        }
        place = !place && !r->container ? r : place;
    }
    if (!place) {
        return ERR_NO_MEMORY;
    }
    *place = (struct kept_range){c, first, end};
    return OK;
}

void kept_forget(const struct container *c)
{
    for (uint32_t i = 0; i < KEPT_RANGES; i++) {
        if (kept_ranges[i].container == c) {
            kept_ranges[i].container = NULL;
        }
    }
}

bool kept_has(const struct container *c, uint32_t page)
{
    bool has = false;
    for (uint32_t i = 0; i < KEPT_RANGES && !has; i++) {
        const struct kept_range *r = &kept_ranges[i];
        has = r->container == c && page >= r->first && page < r->end;
    }
    return has;
}
