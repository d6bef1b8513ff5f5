/* SPDX-License-Identifier: BSD-2-Clause */
/* The one predicate about leaving memory.  Whoever wants a page's frame asks here, and whatever is
 * to keep a page in its frame is added here. */
#pragma once

#include "ground/types.h"

struct task;

/* May the page in the frame, which is in a container, be sent out now: because replacement wants
 * any frame (outswap is NULL), or because that task goes out?  It may not
 *   - unless it is IN: a page in transit has to arrive first;
 *   - if it is wired.
 * For frames it may not while it is shielded; outswaps are asked for, and pass over the shields of
 * what the task has for itself, but not of what others use as well.  For an outswap it may not
 * unless it is at home in a container of that task: others pay for the frame otherwise. */
bool page_may_go(frame_t f, const struct task *outswap);

/* The same for a frame, which may be of any kind, for replacement. */
bool frame_may_go(frame_t f);

/* Does the outswap of the task end only when this page has gone?  So it does even if the page may
 * not go yet: because it is in transit, or shielded for others. */
bool page_must_go(frame_t f, const struct task *outswap);
