/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the Segment Map: one describes a window, which is sixteen pages of a container in a
 * row. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_PAGES = 16 };

/* Windows are in the order of their keys: by container, then by place in it. */
struct window_key {
    uint32_t container; /* number of the container; physmem gives it out */
    uint32_t window;    /* first page / WINDOW_PAGES, below 2^16 */
};

/* What physmem stores and asks for.  The map does not look into entries, but 0 is a hole, and
 * nothing is kept of a hole. */
struct window_record {
    struct window_key key;
    uint32_t version;
    uint32_t entries[WINDOW_PAGES];
    uint32_t checksums[WINDOW_PAGES]; /* 0 at a hole */
};

/* A record as it lies in a leaf: the holes are left out.  In an inner node an item without words is
 * a child: the smallest key below it, and in `value` the number of its page. */
struct __attribute__((may_alias)) item {
    uint32_t container;
    uint16_t window;
    uint16_t present; /* bit i: entries[i] is no hole */
    uint32_t value;   /* version of a record, page of a child */
    uint32_t words[]; /* for each bit of `present` from the lowest: entry, checksum */
};

enum { ITEM_BYTES_MAX = 12 + 8 * WINDOW_PAGES };

uint32_t item_bytes(const struct item *it);
struct window_key item_key(const struct item *it);
/* Below 0, 0 or above 0: a stands before b, is b, stands behind b. */
int window_key_compare(struct window_key a, struct window_key b);

/* Writes at most ITEM_BYTES_MAX bytes to `it`. */
void record_pack(const struct window_record *r, struct item *it);
void record_unpack(const struct item *it, struct window_record *r);
