/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map's B+tree: all leaves at one depth, changed by new nodes on the way from a leaf to
 * the root.  A change makes another root; which root counts is for the caller to commit. */
#pragma once

#include "pages.h"

enum map_result {
    MAP_OK,
    MAP_NONE,    /* there is no such record */
    MAP_FULL,    /* no pages for a change; nothing has changed */
    MAP_DAMAGED, /* a node on the way is none; nothing has changed */
};

struct tree {
    uint32_t root;   /* page; without meaning when there are no levels */
    uint32_t levels; /* 0: no record at all */
};

/* A way from the root to an item of a leaf, step[0] being the leaf's. */
struct tree_way {
    struct {
        uint32_t page, index;
    } step[MAP_LEVELS_MAX];
};

/* What takes the place of the items first to end - 1 of a node. */
struct tree_edit {
    uint32_t first, end;
    const struct item *with[2];
    uint32_t added; /* of `with` */
};

/* Finds the record with the key, or the first behind it; MAP_NONE if there is none.  The item is
 * in its node until the next commit. */
enum map_result tree_find(const struct map_pages *p, const struct tree *t, struct window_key key,
                          struct tree_way *way, const struct item **found);
/* Finds where a record with the key is or would be inserted: *first tells the place in the leaf of
 * the way, *there whether it is there.  t has a level. */
enum map_result tree_place(const struct map_pages *p, const struct tree *t, struct window_key key,
                           struct tree_way *way, uint32_t *first, bool *there);
/* Changes the leaf of the way and all above it; `after` is the tree then.  The caller commits
 * `after`, then calls pages_committed.  A failed change has been undone.  urgent: the change
 * makes room, and may use pages kept for such. */
enum map_result tree_change(struct map_pages *p, const struct tree *t, const struct tree_way *way,
                            struct tree_edit edit, bool urgent, struct tree *after);
/* The tree with one record, which had none. */
enum map_result tree_plant(struct map_pages *p, const struct item *record, struct tree *after);
