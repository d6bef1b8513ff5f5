/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared records: a page that a logical copy made several places name has one, and they name its
 * id.  So a shared page moves in and out without touching a container.  An id is neither frame nor
 * slot, which change. */
#pragma once

#include "contents/entry.h"

enum { SHARED_REFS_MAX = 0xffff };

struct shared {
    entry_t page; /* FRAME, SLOT or BAD */
    uint32_t checksum;
    uint16_t refs; /* places that name it */
    uint16_t mark; /* for check.c: zero between events */
};

void shared_init(void);
/* A record that nobody names yet.  Errors are those of slab_alloc. */
enum error shared_new(uint32_t *id);
struct shared *shared_find(uint32_t id);
/* What is known of the page of a place with that entry. */
static inline entry_t shared_page(entry_t entry)
{
    return entry_kind(entry) == KIND_SHARED ? shared_find(entry_number(entry))->page : entry;
}
/* Whether there is a record of that id, whatever it is. */
bool shared_is_used(uint32_t id);
void shared_free(uint32_t id);
