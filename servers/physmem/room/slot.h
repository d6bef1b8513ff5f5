/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots: pages of the swap disk behind its header, a bit each.
 *
 *   free --slot_alloc_run--> used --slot_free--> free
 *                            used --slot_set_bad--> bad, for ever: it could not be written or read
 *
 * A used slot belongs to exactly one page (contents/entry.h).  The bits are laid out when the first
 * disk is attached, and stay when its driver goes: the pages' contents are still there, and the
 * same disk is to come back.  Slots count for the contract between slot_open and slot_close, which
 * is called when nothing is to come back any more.
 *
 * Called by page.c (which gives slots back), by swap_out.c and swap_finish.c; swap_area.c opens
 * and closes. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct slot_counts {
    uint32_t total, used, bad; /* used: without the bad ones */
};
extern struct slot_counts slot_counts;

void slot_init(void);
/* Lays out the bits for a disk of so many pages, of which page 0 is the header: slots 1 .. pages
 * - 1.  At most once.  It takes one frame now, which has been set aside for it, and that is
 * enough for 32 767 slots; ERR_NO_MEMORY or ERR_BUSY: there was none, nothing has happened. */
enum error slot_lay_out(uint32_t disk_pages);
/* Lays out the slots of a larger disk, a table's at a time, when there are frames.  To be called
 * now and then; it costs nothing when all have been laid out. */
void slot_lay_out_more(void);

/* The slots can be promised from now on, or not any longer. */
void slot_open(void);
void slot_close(void);
/* Slots that can be written to: 0 while there is no swap. */
uint32_t slot_usable(void);

/* Takes a run of up to `want` free slots, one behind the other, and returns how many it is: fewer
 * if there is no run as long, 0 if none is free. */
uint32_t slot_alloc_run(uint32_t want, slot_t *first);
void slot_free(slot_t s);
void slot_set_bad(slot_t s);
bool slot_is_used(slot_t s);
/* Hardly any slot is free. */
static inline bool slot_is_short(void)
{
    return slot_counts.used + slot_counts.bad + slot_counts.total / 32 >= slot_counts.total;
}
