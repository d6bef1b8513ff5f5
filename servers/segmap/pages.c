/* SPDX-License-Identifier: BSD-2-Clause */
#include "pages.h"

#include <string.h>

#include "base/assertion.h"

enum { BITS = 32 };

static bool is_used(const struct map_pages *p, uint32_t page)
{
    return p->used[page / BITS] & 1U << page % BITS;
}

static void set_used(struct map_pages *p, uint32_t page)
{
    ASSERT(!is_used(p, page) && p->free > 0);
    p->used[page / BITS] |= 1U << page % BITS;
    p->free--;
}

static void set_free(struct map_pages *p, uint32_t page)
{
    ASSERT(is_used(p, page));
    p->used[page / BITS] &= ~(1U << page % BITS);
    p->free++;
}

void pages_init(struct map_pages *p, void *base, uint32_t count, uint32_t *used, uint32_t reserved)
{
    ASSERT(count >= MAP_PAGES_MIN && reserved < MAP_PAGES_MIN);
    *p = (struct map_pages){.base = base, .count = count, .used = used, .free = count, .next = reserved};
    memset(used, 0, (count + BITS - 1) / BITS * sizeof *used);
    for (uint32_t page = 0; page < reserved; page++) {
        set_used(p, page);
    }
}

bool pages_mark(struct map_pages *p, uint32_t page)
{
    if (page >= p->count || is_used(p, page)) {
        return false;
    }
    set_used(p, page);
    return true;
}

const struct node *pages_node(const struct map_pages *p, uint32_t page, uint32_t level)
{
    return page < p->count && is_used(p, page) && node_is(&p->base[page], level) ? &p->base[page] : NULL;
}

/* The words of the bit map in turn, from the page that was found last: what is taken one after the
 * other lies side by side, as far as it can. */
static uint32_t find_free(struct map_pages *p)
{
    uint32_t page = p->next;
    while (is_used(p, page)) {
        bool full = page % BITS == 0 && p->used[page / BITS] == UINT32_MAX;
        page += full ? BITS : 1;
        page = page < p->count ? page : 0;
    }
    p->next = page + 1 < p->count ? page + 1 : 0;
    return page;
}

/* What the last change gave up is in memory. */
uint32_t pages_take(struct map_pages *p)
{
    ASSERT(p->free > 0 && p->taken_count < CHANGE_PAGES_MAX);
    uint32_t page = p->warm_count > 0 ? p->warm[--p->warm_count] : find_free(p);
    set_used(p, page);
    p->taken[p->taken_count++] = page;
    return page;
}

void pages_give_up(struct map_pages *p, uint32_t page)
{
    ASSERT(is_used(p, page) && p->given_up_count < CHANGE_PAGES_MAX);
    p->given_up[p->given_up_count++] = page;
}

void pages_committed(struct map_pages *p)
{
    for (uint32_t i = 0; i < p->given_up_count; i++) {
        set_free(p, p->given_up[i]);
        p->warm[i] = p->given_up[i];
    }
    p->warm_count = p->given_up_count > 0 ? p->given_up_count : p->warm_count;
    p->taken_count = p->given_up_count = 0;
}

void pages_undone(struct map_pages *p)
{
    for (uint32_t i = 0; i < p->taken_count; i++) {
        set_free(p, p->taken[i]);
    }
    p->taken_count = p->given_up_count = 0;
}
