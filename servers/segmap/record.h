/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of the Segment Map, as they lie in a node. */
#pragma once

#include "protocol/segmap.h"

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
/* Writes the record as it is in a message (protocol/segmap.h); NULL: there is none.  Returns the
 * number of words. */
uint32_t item_to_message(const struct item *it, uint32_t *words);
static inline struct window_key item_key(const struct item *it)
{
    return (struct window_key){.container = it->container, .window = it->window};
}

/* Below 0, 0 or above 0: a stands before b, is b, stands behind b. */
static inline int window_key_compare(struct window_key a, struct window_key b)
{
    bool below = a.container != b.container ? a.container < b.container : a.window < b.window;
    return below ? -1 : a.container != b.container || a.window != b.window;
}

/* Writes at most ITEM_BYTES_MAX bytes to `it`. */
void record_pack(const struct window_record *r, struct item *it);
void record_unpack(const struct item *it, struct window_record *r);
