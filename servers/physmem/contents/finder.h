/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of containers, found by container and number in one hash table. */
#pragma once

#include "ground/types.h"

struct page_home;

struct found {
    struct found *next;     /* in its chain */
    struct page_home *home; /* of which container */
    uint16_t number;
    uint16_t marks; /* the user's */
};

struct finder {
    struct found **heads;
    uint32_t shift;     /* 32 - the binary logarithm of their number */
    struct found *last; /* found or added last, or NULL */
};

/* The heads are zero. */
void finder_init(struct finder *f, struct found **heads, uint32_t count);

struct found *finder_search(struct finder *f, const struct page_home *home, uint32_t number);

/* NULL: there is none. */
static inline struct found *finder_find(struct finder *f, const struct page_home *home, uint32_t number)
{
    struct found *last = f->last;
    return last && last->home == home && last->number == number ? last : finder_search(f, home, number);
}

/* There is none of that home and number yet. */
void finder_add(struct finder *f, struct found *one, struct page_home *home, uint32_t number);
void finder_remove(struct finder *f, struct found *one);
