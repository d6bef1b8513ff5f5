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

/* Numbers in a row, or at any other distance, are spread evenly. */
static inline struct found **finder_chain(const struct finder *f, const struct page_home *home,
                                          uint32_t number)
{
    uint32_t key = (uint32_t)(uintptr_t)home * 0x85ebca77u + number * 0x9e3779b1u;
    return &f->heads[key >> f->shift];
}

static inline struct found *finder_walk(struct finder *f, const struct page_home *home, uint32_t number)
{
    struct found *i = *finder_chain(f, home, number);
    while (i && (i->home != home || i->number != number)) {
        i = i->next;
    }
    f->last = i ? i : f->last;
    return i;
}

/* Not in line: most searches end with what was found last. */
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

static inline uint32_t finder_heads(const struct finder *f)
{
    return 1u << (32 - f->shift);
}
