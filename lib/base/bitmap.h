/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of small numbers, 32 to a word.  The caller owns the words and knows how many bits there
 * are.  Pure; anybody may call it, the kernel too, and whoever has the words has to keep others
 * from them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define BITMAP_WORDS(bits) (((bits) + 31) / 32)

#define BITMAP_NONE (~(uint32_t)0)

static inline bool bitmap_test(const uint32_t *map, uint32_t bit)
{
    return (map[bit / 32] >> bit % 32 & 1) != 0;
}

static inline void bitmap_set(uint32_t *map, uint32_t bit)
{
    map[bit / 32] |= 1u << bit % 32;
}

static inline void bitmap_clear(uint32_t *map, uint32_t bit)
{
    map[bit / 32] &= ~(1u << bit % 32);
}

/* Returns the first clear bit at or after start, going round once; BITMAP_NONE if every bit is
 * set. */
static inline uint32_t bitmap_find_clear(const uint32_t *map, uint32_t bits, uint32_t start)
{
    for (uint32_t i = 0; i < bits; i++) {
        uint32_t bit = start + i < bits ? start + i : start + i - bits;
        if (!bitmap_test(map, bit)) {
            return bit;
        }
    }
    return BITMAP_NONE;
}
