/* SPDX-License-Identifier: BSD-2-Clause */
/* What hog does to its pages, apart from the memory itself: the order of the accesses, the
 * contents, the hash.  Pure: hog runs it over real pages, tests and tools run it over nothing and
 * get the hash that a machine without a fault must print.
 *
 * The accesses are those of the Linux peer benchmark, so that figures can be set side by side:
 *   fill       write every page, ascending
 *   seqread    fill, then read every page three times, ascending
 *   randread   fill, then read each page once in the order perm(i, 77)
 *   seqwrite   fill, then write every page, ascending
 *   randwrite  fill, then write each page once in the order perm(i, 78)
 *   zipf       fill, then 32768 + 98304 reads and 65536 accesses with 30 % writes,
 *              page = perm(rank, 0x5eed)
 *   zipf:N     fill, then N accesses of the last kind
 * and at the end every page is read once more, ascending.
 *
 * Contents: word k of page i is i * 2654435761 ^ k ^ (seed * 2654435769 + how often the page has
 * been written after the fill).  Every 64th word counts, or with `full` every word.  With seed 0
 * the fill is the benchmark's.  Hash: starts as 2166136261; each word w that is read: hash = (hash
 * ^ w, turned left by 5 bits) * 2654435769. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/xorshift.h"

enum { HOG_PAGE_WORDS = 1024, HOG_STRIDE = 64 };

struct hog {
    uint32_t pages, seed, stride;
    uint32_t hash;
    uint32_t accesses;
    uint8_t *writes; /* one for each page, zero at the start, supplied by the caller */
    void (*access)(struct hog *h, uint32_t page, bool write);
    void *context; /* the caller's */
    unsigned bits; /* of the permutation */
    uint32_t random;
    double zipf_low, zipf_high;
};

static inline uint32_t hog_word(const struct hog *h, uint32_t page, uint32_t k)
{
    return (page * 2654435761u) ^ k ^ (h->seed * 2654435769u + h->writes[page]);
}

static inline void hog_mix(struct hog *h, uint32_t word)
{
    uint32_t x = h->hash ^ word;
    h->hash = (x << 5 | x >> 27) * 2654435769u;
}

/* An access function that needs no memory. */
static inline void hog_model_access(struct hog *h, uint32_t page, bool write)
{
    for (uint32_t k = 0; !write && k < HOG_PAGE_WORDS; k += h->stride) {
        hog_mix(h, hog_word(h, page, k));
    }
}

static inline void hog_init(struct hog *h, uint32_t pages, uint32_t seed, bool full, uint8_t *writes)
{
    h->pages = pages;
    h->seed = seed;
    h->stride = full ? 1 : HOG_STRIDE;
    h->hash = 2166136261u;
    h->accesses = 0;
    h->writes = writes;
    h->access = hog_model_access;
    h->context = 0;
    h->random = 0x2545f491;
    for (h->bits = 2; (uint64_t)1 << h->bits < pages; h->bits += 2) {
    }
}

/* A bijection on [0, pages): Feistel network of four rounds with cycle walking. */
static inline uint32_t hog_perm(const struct hog *h, uint32_t x, uint32_t seed)
{
    unsigned half = h->bits / 2;
    uint32_t mask = ((uint32_t)1 << half) - 1;
    do {
        uint32_t left = x >> half, right = x & mask;
        for (uint32_t round = 0; round < 4; round++) {
            uint32_t f = (right + seed + round * 0x9e3779b9u) * 0x85ebca6bu;
            f ^= f >> 15;
            f *= 0xc2b2ae35u;
            f ^= f >> 13;
            uint32_t t = left ^ (f & mask);
            left = right;
            right = t;
        }
        x = left << half | right;
    } while (x >= h->pages);
    return x;
}

static inline uint32_t hog_random(struct hog *h)
{
    return xorshift(&h->random);
}

/* The x87 computes with 53 bits, as SSE does: the same ranks on every machine. */
static inline void hog_set_precision(void)
{
#ifdef __i386__
    unsigned short control = 0x27f;
    __asm__ volatile("fldcw %0" : : "m"(control));
#endif
}

static inline double hog_power100(double x)
{
    double x2 = x * x, x4 = x2 * x2, x8 = x4 * x4, x16 = x8 * x8, x32 = x16 * x16, x64 = x32 * x32;
    return x64 * x32 * x4;
}

static inline double hog_root100(double v) /* Newton */
{
    double x = 1.2, last = 0;
    for (int i = 0; i < 200; i++) {
        double next = x - (hog_power100(x) - v) * x / (100 * hog_power100(x));
        if (next == last) {
            break;
        }
        last = x;
        x = next;
    }
    return x;
}

/* Ranks 0 .. pages - 1 by inverting the continuous law x^-0.99 on [0.5, pages + 0.5). */
static inline uint32_t hog_zipf(struct hog *h)
{
    double u = hog_random(h) * (1.0 / 4294967296.0);
    uint32_t rank = (uint32_t)(hog_power100(h->zipf_low + u * (h->zipf_high - h->zipf_low)) + 0.5);
    rank = rank < 1 ? 1 : rank;
    return (rank > h->pages ? h->pages : rank) - 1;
}

static inline void hog_touch(struct hog *h, uint32_t page, bool write)
{
    h->writes[page] = (uint8_t)(h->writes[page] + write);
    h->accesses++;
    h->access(h, page, write);
}

static inline void hog_each(struct hog *h, bool write)
{
    for (uint32_t i = 0; i < h->pages; i++) {
        hog_touch(h, i, write);
    }
}

static inline void hog_each_permuted(struct hog *h, uint32_t seed, bool write)
{
    for (uint32_t i = 0; i < h->pages; i++) {
        hog_touch(h, hog_perm(h, i, seed), write);
    }
}

static inline void hog_zipf_run(struct hog *h, uint32_t count, uint32_t write_percent)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t page = hog_perm(h, hog_zipf(h), 0x5eed);
        hog_touch(h, page, (hog_random(h) >> 8) % 100 < write_percent);
    }
}

static inline bool hog_word_is(const char *s, const char *name)
{
    while (*s && *s == *name) {
        s++, name++;
    }
    return *s == *name;
}

/* "zipf:N" -> N; anything else 0. */
static inline uint32_t hog_zipf_count(const char *pattern)
{
    const char *prefix = "zipf:";
    uint32_t n = 0;
    for (; *prefix; prefix++, pattern++) {
        if (*pattern != *prefix) {
            return 0;
        }
    }
    for (; *pattern >= '0' && *pattern <= '9' && n < 100000000; pattern++) {
        n = n * 10 + (uint32_t)(*pattern - '0');
    }
    return *pattern ? 0 : n;
}

static inline bool hog_pattern_known(const char *p)
{
    return hog_word_is(p, "fill") || hog_word_is(p, "seqread") || hog_word_is(p, "randread") ||
           hog_word_is(p, "seqwrite") || hog_word_is(p, "randwrite") || hog_word_is(p, "zipf") ||
           hog_zipf_count(p) > 0;
}

/* Everything behind the fill, without the last reading. */
static inline void hog_main_phase(struct hog *h, const char *pattern)
{
    if (hog_word_is(pattern, "seqread")) {
        for (int i = 0; i < 3; i++) {
            hog_each(h, false);
        }
    } else if (hog_word_is(pattern, "randread")) {
        hog_each_permuted(h, 77, false);
    } else if (hog_word_is(pattern, "seqwrite")) {
        hog_each(h, true);
    } else if (hog_word_is(pattern, "randwrite")) {
        hog_each_permuted(h, 78, true);
    } else if (pattern[0] == 'z') {
        uint32_t n = hog_zipf_count(pattern);
        hog_set_precision();
        h->zipf_low = hog_root100(0.5);
        h->zipf_high = hog_root100(h->pages + 0.5);
        hog_zipf_run(h, n ? 0 : 32768 + 98304, 0);
        hog_zipf_run(h, n ? n : 65536, 30);
    }
}

static inline void hog_fill(struct hog *h)
{
    for (uint32_t i = 0; i < h->pages; i++) {
        h->accesses++;
        h->access(h, i, true);
    }
}

/* The whole run; the hash is in h->hash. */
static inline void hog_run(struct hog *h, const char *pattern)
{
    hog_fill(h);
    hog_main_phase(h, pattern);
    hog_each(h, false);
}
