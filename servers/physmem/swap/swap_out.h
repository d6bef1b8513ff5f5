/* SPDX-License-Identifier: BSD-2-Clause */
/* SwapOut: sends pages out.  Who is to go is decided by the caller (page_may_go).  Needs no memory
 * and waits for nothing: swap_finish.c hears of the ends of the writes. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct task;

void swap_out_init(void);
/* How many pages can be written before the disk is full. */
uint32_t swap_out_room(void);
/* Looks for slots for the next swap_out, if few are free: those of pages that are in memory as
 * well, and second ones.  The search ends with the event's budget, and goes on when this is called
 * again. */
void swap_out_find_slots(void);

/* Sends the pages of frames out, all of them IN, not wired, none twice: unmaps them, frees the
 * clean ones, writes the dirty ones, together where they follow each other in the array.
 * `outswap`: the task for whose outswap it is done, or NULL.  count is at most SWAP_RUN_MAX.  Stops
 * at ERR_BUSY (no room for a request, the disk is awaited, or the event's budget is spent because
 * free slots lie scattered or a page has very many mappings), ERR_NO_ROOM (no slot), ERR_NO_SWAP;
 * the pages behind stay IN. */
enum error swap_out(const frame_t *frames, uint32_t count, struct task *outswap);
