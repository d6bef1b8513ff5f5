/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a page of a container one that can be mapped, whatever it is now: implied, on swap, shared,
 * or there already. */
#pragma once

#include "contents/entry.h"
#include "l4/types.h"
#include "protocol/error.h"
#include "ground/types.h"

struct container;
struct task;

enum provided {
    PROVIDE_DONE,        /* the page is IN, private if it is to be written */
    PROVIDE_WAIT_DISK,   /* the page is in transit, and wanted (page.h) */
    PROVIDE_WAIT_FRAME,  /* no frame, or no room for a request, just now */
    PROVIDE_WAIT_SWAP,   /* the page is on the swap disk, which is awaited */
    PROVIDE_WAIT_WINDOW, /* its window is away, and has been asked for (contents/away.h) */
    PROVIDE_REFUSED,     /* *why says what is wrong */
};

/* Goes as far as it can with that page, of which container_page says `entry`, for writing if
 * `write`; starts reading it if it is out. */
enum provided page_provide(struct container *c, uint32_t page, entry_t entry, bool write, frame_t *result,
                           enum error *why);

/* Would page_provide need a frame that is free, if the page is neither in memory nor on its way? */
bool page_needs_frame(entry_t entry, bool write);

/* The page, which is IN, is about to be mapped for the task with at most these
 * rights: notes that, shields it, and returns the second word of the map item.  A shared page goes
 * without the write right: its first write breaks the sharing. */
L4_Word_t page_map_item(struct task *t, frame_t f, L4_Word_t rights);
