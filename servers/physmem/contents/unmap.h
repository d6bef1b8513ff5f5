/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking frames that hold pages away from everybody who has them mapped, and learning whether they
 * were written. */
#pragma once

#include "ground/platform.h"
#include "ground/types.h"

/* How many may have it mapped, as far as is known: those that name the page.  An Unmap takes as
 * much longer. */
uint32_t page_places(frame_t f);

/* platform_unmap for frames that so many places name, in as many steps as that takes, within
 * bounds, and one more.  The budget is spent. */
void unmap_frames(const frame_t *frames, uint32_t count, uint32_t places, L4_Word_t rights,
                  L4_Word_t *status);

/* A task may have mapped the page to any number of addresses, by messages that physmem does not
 * see.  Then it goes in pieces: false means that it may still be mapped, that what is left of the
 * budget is spent, and that the caller is to come again in another event. */
bool page_unmap(frame_t f);
/* In one event, whatever it takes: for who has found it not mapped, or cannot come again. */
void page_unmap_wholly(frame_t f);

/* The same for many: collects frames and unmaps them together. */
struct unmap_batch {
    L4_Word_t rights;
    uint32_t count, places;
    bool more; /* of one that was added something is left, as by page_unmap */
    frame_t frames[UNMAP_BATCH_MAX];
};
void unmap_batch_init(struct unmap_batch *b, L4_Word_t rights);
/* Any page's frame; one that is not mapped is skipped. */
void unmap_batch_add(struct unmap_batch *b, frame_t f);
/* False: b->more. */
bool unmap_batch_flush(struct unmap_batch *b);
/* One frame's status: the write is noted.  Returns whether it was touched at all. */
bool page_note_status(frame_t f, L4_Word_t status);
