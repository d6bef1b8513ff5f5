/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of a container that become implied zeros or holes, as far as the event's budget goes. */
#pragma once

#include "contents/entry.h"
#include "ground/types.h"
#include "protocol/error.h"

struct container;

/* container_set(hole or implied zero) from *page on, before `end`, as far as the event's budget
 * goes, and moves *page on; gives windows back.  In a range that is the whole container, pages of
 * which nothing is known may be filled already.  *page stays where it is if its window has a page
 * of very many mappings, which go first.  ERR_BUSY: there is no frame just now, or the
 * window of *page is away. */
enum error container_fill_some(struct container *c, uint32_t *page, uint32_t end, entry_t entry);

/* Unmaps its pages from everybody and gives them up, as far as the event's budget goes; true: it
 * has none any more, but for those of windows that are away.  The container is ending. */
bool container_empty_some(struct container *c);
/* The page's group goes, if it exists: it has no windows. */
void container_drop_group(struct container *c, uint32_t page);
