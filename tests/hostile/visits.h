/* SPDX-License-Identifier: BSD-2-Clause */
/* Which page the victim reads and writes when, and what lies there: the victim does it, the runner
 * reckons what must come out.  Pure. */
#pragma once

#include <stdint.h>

enum { VISITS_PAGES_MAX = 16 * 1024, VISITS_PAGE_WORDS = 1024 };

struct visits {
    uint32_t pages, random, hash;
    uint16_t generation[VISITS_PAGES_MAX]; /* how often the page has been written again */
};

static inline uint32_t visits_word(uint32_t page, uint32_t generation, uint32_t k)
{
    return (page * 2654435761u ^ generation * 40503u) + k * 97;
}

static inline void visits_start(struct visits *v, uint32_t pages)
{
    *v = (struct visits){.pages = pages, .random = 1, .hash = 2166136261u};
}

static inline uint32_t visits_next_page(struct visits *v)
{
    v->random = v->random * 1664525 + 1013904223;
    return (v->random >> 8) % v->pages;
}

static inline void visits_mix(struct visits *v, uint32_t word)
{
    v->hash = (v->hash ^ word) * 16777619u;
}
