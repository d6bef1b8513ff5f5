/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking frames that hold pages away from everybody who has them mapped, and learning whether they
 * were written. */
#pragma once

#include "ground/platform.h"
#include "ground/types.h"

/* How many may have it mapped, as far as is known: those that name the page.  An Unmap takes as
 * much longer. */
uint32_t page_places(frame_t f);

void page_unmap(frame_t f);

/* The same for many: collects frames and unmaps them together. */
struct unmap_batch {
    L4_Word_t rights;
    uint32_t count, places;
    frame_t frames[UNMAP_BATCH_MAX];
};
/* Any page's frame; one that is not mapped is skipped. */
void unmap_batch_add(struct unmap_batch *b, frame_t f);
void unmap_batch_flush(struct unmap_batch *b);
/* One frame's status: the write is noted.  Returns whether it was touched at all. */
bool page_note_status(frame_t f, L4_Word_t status);
