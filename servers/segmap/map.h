/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map: the records of all windows that are not in physmem's memory, in pages that
 * survive this task.  It may be killed at any instruction: what was committed is there, and nothing
 * else, when the map is opened again.
 *
 * Entries that a drop deletes name slots, which physmem gets back: they stay in the map as a
 * numbered batch, written by the commit that deletes them, until physmem has counted it. */
#pragma once

#include "tree.h"

/* The batch that physmem has not counted yet; none if count is 0. */
struct map_batch {
    uint32_t number;    /* one more than that of the batch before */
    uint32_t container; /* whose entries they were */
    uint32_t count;
    uint32_t entries[SEGMAP_BATCH_MAX];
};

/* The layout of the first pages: page 0 tells which of the pages 1 and 2 counts. */
struct map_head {
    uint32_t mark;
    uint32_t commit; /* the state with this number counts; it lies in page 1 + commit % 2 */
};

struct map_state {
    uint32_t number;
    uint32_t records;
    struct tree tree;
    struct map_batch batch;
};

struct map {
    struct map_pages pages;
    struct map_head *head;
    struct map_state *state; /* the one that counts */
};

/* Opens the map in `count` pages at `base`: as it was left, or, where all are zero, without
 * records. used: as for pages_init.  MAP_DAMAGED if a node is none, and all that can still be
 * reached is there, or if the first pages are no map's: then it is not usable, and nothing else
 * may be called. */
enum map_result map_open(struct map *m, void *base, uint32_t count, uint32_t *used);
bool map_usable(const struct map *m);

/* MAP_NONE if there is no record of that window.  The item is in its node until the next commit. */
enum map_result map_find(const struct map *m, struct window_key key, const struct item **it);
enum map_result map_look_up(const struct map *m, struct window_key key, struct window_record *r);
/* Stores the record in the place of an older one; one without entries deletes it.  The entries
 * that are overwritten are forgotten: physmem knows of them.  MAP_FULL only for a record with
 * entries. */
enum map_result map_store(struct map *m, const struct window_record *r);
/* Deletes entries of the pages first to end - 1 of a container, as many as lie in one leaf and fit
 * into a batch, and makes one of them; the caller goes on until MAP_NONE says that none is left.
 * No batch may be there. */
enum map_result map_drop(struct map *m, uint32_t container, uint32_t first, uint32_t end);
/* The same for entries that are out of date: there is no batch of them. */
enum map_result map_forget(struct map *m, uint32_t container, uint32_t first, uint32_t end);

/* NULL if there is none. */
const struct map_batch *map_batch(const struct map *m);
/* physmem has counted the batch. */
void map_batch_counted(struct map *m);
