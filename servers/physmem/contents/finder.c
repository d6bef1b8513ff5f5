/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/finder.h"

#include "base/assertion.h"

void finder_init(struct finder *f, struct found **heads, uint32_t count)
{
    ASSERT(count > 1 && (count & (count - 1)) == 0);
    *f = (struct finder){.heads = heads, .shift = (uint32_t)__builtin_clz(count) + 1};
}

__attribute__((noinline)) struct found *finder_search(struct finder *f, const struct page_home *home,
                                                      uint32_t number)
{
    return finder_walk(f, home, number);
}

void finder_add(struct finder *f, struct found *one, struct page_home *home, uint32_t number)
{
    ASSERT(number <= UINT16_MAX);
    struct found **chain = finder_chain(f, home, number);
    one->home = home;
    one->number = (uint16_t)number;
    one->next = *chain;
    *chain = one;
    f->last = one;
}

void finder_remove(struct finder *f, struct found *one)
{
    struct found **i = finder_chain(f, one->home, one->number);
    while (*i != one) {
        ASSERT(*i);
        i = &(*i)->next;
    }
    *i = one->next;
    f->last = f->last == one ? NULL : f->last;
}
