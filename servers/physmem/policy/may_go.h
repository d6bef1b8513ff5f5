/* SPDX-License-Identifier: BSD-2-Clause */
/* The one predicate about leaving memory.  Whoever wants a page's frame asks here, and whatever is
 * to keep a page in its frame is added here. */
#pragma once

#include "ground/types.h"

struct page;

enum why_go {
    GO_FOR_FRAMES,  /* replacement wants any frame */
    GO_FOR_OUTSWAP, /* its task goes out: between task_mark_own and task_unmark_own of that task */
};

/* May the page, which is in a container, be sent out now?  For either reason it may not
 *   - unless it is IN: a page in transit has to arrive first, one that is OUT has gone already;
 *   - if it is wired.
 * For frames it may not while it is shielded; outswaps are asked for, and pass over shields.  For
 * an outswap it may not if other tasks' containers refer to it as well: it is theirs, too. */
bool page_may_go(const struct page *p, enum why_go why);

/* The same for a frame, which may be of any kind, GO_FOR_FRAMES. */
bool frame_may_go(frame_t f);

/* Does the outswap of the marked task end only when this page has gone?  The same, but that a page
 * in transit must go as soon as it has arrived. */
bool page_must_go(const struct page *p);
