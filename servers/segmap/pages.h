/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of the Segment Map: which hold nodes, and which a change has taken and given up.
 * What a change gives up is used again only after its commit, so that until then the old tree is
 * whole. */
#pragma once

#include "node.h"

enum {
    MAP_LEVELS_MAX = 6,
    MAP_PAGES_MIN = 3 + 4 * MAP_LEVELS_MAX, /* below it nothing can be changed */
    CHANGE_PAGES_MAX = 2 * MAP_LEVELS_MAX + 1
};

struct map_pages {
    struct node *base; /* of the container that holds the map: survives this task */
    uint32_t count;    /* of pages */
    uint32_t *used;    /* a bit for each page; rebuilt when the map is opened */
    uint32_t free;     /* count of clear bits */
    uint32_t next;     /* where the search for a free page goes on */
    uint32_t taken[CHANGE_PAGES_MAX], taken_count;
    uint32_t given_up[CHANGE_PAGES_MAX], given_up_count;
    uint32_t warm[CHANGE_PAGES_MAX], warm_count; /* free ones, given up by the change before */
};

/* used: (count + 31) / 32 words, which are set so that all pages from `reserved` on are free. */
void pages_init(struct map_pages *p, void *base, uint32_t count, uint32_t *used, uint32_t reserved);
/* Marks a page that is part of the tree.  False if it cannot be: out of range, or marked before. */
bool pages_mark(struct map_pages *p, uint32_t page);

/* NULL if the page is out of range or no node of that level. */
const struct node *pages_node(const struct map_pages *p, uint32_t page, uint32_t level);
/* For a change; the caller has seen that there is one. */
uint32_t pages_take(struct map_pages *p);
void pages_give_up(struct map_pages *p, uint32_t page);
/* Ends a change: with its commit behind it, or undone. */
void pages_committed(struct map_pages *p);
void pages_undone(struct map_pages *p);
