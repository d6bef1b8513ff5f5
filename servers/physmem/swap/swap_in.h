/* SPDX-License-Identifier: BSD-2-Clause */
/* SwapIn: starts reads.  Waits for nothing: swap_finish.c hears of their ends. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct place;
struct container;

/* Starts reading the pages of places, which are out, with slots one behind the other: as many, from
 * the first on, as there are frames and fit a request (*got).  Leaves `leave` frames free for the
 * first one, the low mark for the others.  OK; ERR_BUSY: no frame, no room for a request, or the
 * disk is awaited, so none is read; ERR_NO_SWAP. */
enum error swap_in_pages(const struct place *places, uint32_t count, uint32_t leave, uint32_t *got);

/* Starts reading a page of the container, which is out and has a slot, for a fault.  If it goes on
 * where the container's last such read ended, so do the pages behind it, twice as many as last time
 * and up to sixteen, as far as they lie one behind the other on the disk.  Errors are those of
 * swap_in_pages. */
enum error swap_in_run(struct container *c, uint32_t page);
/* There is a fault for a page that has a frame.  If with that one the last read of several began,
 * what goes on behind it is asked for now: so the disk has something to do while these are used.
 * Never for frames that somebody waits for, or when they are short. */
void swap_in_used(struct container *c, uint32_t page);
