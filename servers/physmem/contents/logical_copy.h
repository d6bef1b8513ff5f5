/* SPDX-License-Identifier: BSD-2-Clause */
/* Logical copies: copying shares the pages, whether in memory or out; the first write to a shared
 * page breaks the sharing for the container that is written to. */
#pragma once

#include "contents/container.h"
#include "protocol/error.h"
#include "ground/types.h"

/* Copies `count` pages, as far as the event's budget goes; the ranges lie in the containers and do
 * not overlap.  *done = pages copied, also on error; it can be 0, as for container_fill_some. */
enum error logical_copy(struct place from, struct place to, uint32_t count, uint32_t *done);

/* The place has a page in *f (IN) that others share; it gets one of its own with the same
 * contents.  ERR_BUSY: no frame is free just now, or the shared page is not yet unmapped from all
 * who have it. */
enum error copy_break(struct container *c, uint32_t page, frame_t *f);
