/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include "base/assertion.h"

uint32_t item_bytes(const struct item *it)
{
    return (uint32_t)sizeof *it + 8 * (uint32_t)__builtin_popcount(it->present);
}

struct window_key item_key(const struct item *it)
{
    return (struct window_key){.container = it->container, .window = it->window};
}

int window_key_compare(struct window_key a, struct window_key b)
{
    if (a.container != b.container) {
        return a.container < b.container ? -1 : 1;
    }
    return (a.window > b.window) - (a.window < b.window);
}

void record_pack(const struct window_record *r, struct item *it)
{
    ASSERT(r->key.window <= UINT16_MAX);
    it->container = r->key.container;
    it->window = (uint16_t)r->key.window;
    it->value = r->version;
    it->present = 0;
    uint32_t *word = it->words;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        if (r->entries[i]) {
            it->present |= (uint16_t)(1U << i);
            *word++ = r->entries[i];
            *word++ = r->checksums[i];
        }
    }
}

void record_unpack(const struct item *it, struct window_record *r)
{
    *r = (struct window_record){.key = item_key(it), .version = it->value};
    const uint32_t *word = it->words;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        if (it->present & 1U << i) {
            r->entries[i] = *word++;
            r->checksums[i] = *word++;
        }
    }
}
