/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots: pages of the swap disk behind its header, a bit each.  A slot belongs to one page (page.slot), or is
 * free, or is bad: a write to it failed, it is never used again. */
#pragma once

#include "protocol/error.h"
#include "types.h"

struct slot_counts {
    uint32_t total, used, bad; /* used: without the bad ones */
};
extern struct slot_counts slot_counts;

/* Slots 1 .. pages - 1 of a disk; the bits are taken from table memory. */
enum error slot_init(uint32_t disk_pages);
uint32_t slot_usable(void); /* 0 while there is no swap */

/* A run of up to `want` free slots one behind the other; returns how many there were together. */
uint32_t slot_alloc_run(uint32_t want, slot_t *first);
void slot_free(slot_t s);
void slot_set_bad(slot_t s);
bool slot_is_used(slot_t s);

/* Takes slots from pages that are in memory as well, about `want` of them. */
void slot_reclaim(uint32_t want);
