/* SPDX-License-Identifier: BSD-2-Clause */
/* The free pages of the task's designated container (startup.dc_free .. dc_end).  They are for what
 * must never depend on the task's pager: its stack, the alternate stacks, a growing region table;
 * and for everything in a program without a pager.  Blocks are taken from the top down; one block,
 * the heap of such a program, grows from the bottom up.  Pure.  One thread at a time calls it: the
 * first thread before the hand-over and the pager thread after it, or whoever has the lock of
 * lib/newlib/memory.c. */
#pragma once

#include "base/bitmap.h"
#include "protocol/ids.h"

enum { DC_PAGES_MAX = 4096 };

struct dc_pages {
    uint32_t base, count; /* address of the first page; how many pages there are */
    uint32_t low;         /* pages below are the growing block */
    uint32_t taken[BITMAP_WORDS(DC_PAGES_MAX)];
};

void dc_pages_init(struct dc_pages *d, uint32_t start, uint32_t end);
/* Returns the address of a run of free pages, as high as possible; 0 if there is none.  The pages
 * hold whatever was there. */
uint32_t dc_pages_alloc(struct dc_pages *d, uint32_t pages);
/* The pages come from dc_pages_alloc. */
void dc_pages_free(struct dc_pages *d, uint32_t address, uint32_t pages);
/* Makes the growing block reach at least address end.  Returns false if something is in the way. */
bool dc_pages_grow(struct dc_pages *d, uint32_t end);
