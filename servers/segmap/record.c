/* SPDX-License-Identifier: BSD-2-Clause */
#include "record.h"

#include <string.h>

#include "base/assertion.h"

uint32_t item_bytes(const struct item *it)
{
    return (uint32_t)sizeof *it + 8 * segmap_present(it->present);
}

uint32_t item_to_message(const struct item *it, uint32_t *words)
{
    words[0] = it ? it->value : 0;
    words[1] = it ? it->present : 0;
    uint32_t bytes = it ? item_bytes(it) - (uint32_t)sizeof *it : 0;
    if (it) {
        memcpy(words + 2, it->words, bytes);
    }
    return 2 + bytes / (uint32_t)sizeof *words;
}

void record_pack(const struct window_record *r, struct item *it)
{
    ASSERT(r->key.window <= UINT16_MAX);
    it->container = r->key.container;
    it->window = (uint16_t)r->key.window;
    it->value = r->version;
    uint32_t present;
    (void)segmap_pack_pages(it->words, r, &present);
    it->present = (uint16_t)present;
}

void record_unpack(const struct item *it, struct window_record *r)
{
    *r = (struct window_record){.key = item_key(it), .version = it->value};
    segmap_unpack_pages(it->words, it->present, r);
}
