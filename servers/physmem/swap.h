/* SPDX-License-Identifier: BSD-2-Clause */
/* Pilot's three: SwapIn brings the page a fault needs, SwapOut sends pages out, SwapFinish hears of the disk. */
#pragma once

#include "page.h"
#include "protocol/error.h"
#include "types.h"

struct container;
struct task;
struct request;

enum { SWAP_IN_RUN_MAX = 8 }; /* pages read for one fault, when faults follow each other */

/* ---- swap_in.c ---- */

enum bring {
    BRING_DONE,       /* the page is IN, private if it is to be written */
    BRING_WAIT_DISK,  /* the page is in transit */
    BRING_WAIT_FRAME, /* no frame, or no room for a request, just now */
    BRING_REFUSED,    /* *why says what is wrong */
};

/* Makes the page of the container one that can be mapped, for writing if `write`; starts reading it if it is out. */
enum bring page_bring(struct container *c, uint32_t page, bool write, struct page **result, enum error *why);

/* Starts reading pages that are OUT, with slots one behind the other: as many, from the first on, as there are frames and
 * fit a request (*got).  Leaves `leave` frames free for the first one, the low mark for the others.  OK, ERR_BUSY (no
 * frame, no room for a request: none), ERR_NO_SWAP. */
enum error swap_in_pages(struct page **pages, uint32_t count, uint32_t leave, uint32_t *got);

/* ---- swap_out.c ---- */

/* Sends pages out, all of them IN, not wired, none twice: unmaps them, frees the clean ones, writes the dirty ones, together
 * where they follow each other in the array.  `outswap`: the task it is done for, or NULL.  Stops at ERR_BUSY (no
 * room for a request), ERR_NO_ROOM (no slot), ERR_NO_SWAP; the pages behind stay IN. */
enum error swap_out(struct page **pages, uint32_t count, struct task *outswap);

/* ---- swap_finish.c ---- */

struct swap_counts {
    uint32_t pages_read, pages_written, reads, writes, zero_fills, copies, evictions, io_errors;
};
extern struct swap_counts swap_counts;

/* `done` pages, from the first on, were moved well. */
void swap_finish(struct request *r, enum error e, uint32_t done);
/* The driver is gone; `sent`: its device may still be at it. */
void swap_abandon(struct request *r, bool sent);
