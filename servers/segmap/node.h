/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes of the Segment Map's tree: a page each, with items in the order of their keys.  A node that
 * can be reached is never written again; what changes is laid out anew in another page. */
#pragma once

#include <stddef.h>

#include "record.h"

enum {
    NODE_BYTES = 4096,
    NODE_BODY = NODE_BYTES - 8,
    /* An inner node has the most: twelve bytes for each item, and two for its place. */
    NODE_ITEMS_MAX = NODE_BODY / 14
};

struct node {
    uint32_t mark;  /* tells a node from pages of other kinds */
    uint16_t level; /* 0: a leaf, whose items are records */
    uint16_t count; /* of items */
    /* The places of the items, in bytes from the start of the body.  The items themselves grow down
     * from the end. */
    uint16_t at[NODE_BODY / 2];
};

/* Items in the order of their keys, for a node that is to be laid out: those of one or two old
 * nodes and what a change adds. */
struct item_run {
    const struct item *items[2 * NODE_ITEMS_MAX + 2];
    uint32_t count, bytes; /* bytes that they take in a node */
};

/* False if the page is no node of this level.  What its items look like is for node_item to say. */
bool node_is(const struct node *n, uint32_t level);
/* NULL if the item lies outside of the node, which then is damaged. */
const struct item *node_item(const struct node *n, uint32_t index);
/* Sets *index to the last item whose key does not stand behind `key`, or to 0 if all do.  Returns
 * NULL if that item, or the place of another that it looked at, is damaged, the item otherwise. */
const struct item *node_find(const struct node *n, struct window_key key, uint32_t *index);

void run_add(struct item_run *run, const struct item *it);
/* Adds the items first to end - 1 of the node.  False if one is damaged or out of order. */
bool run_add_node(struct item_run *run, const struct node *n, uint32_t first, uint32_t end);
/* How many items of the run go into the first of the nodes that it needs: all if they fit. */
uint32_t run_split(const struct item_run *run);
/* Lays out the items first to end - 1 of the run in the page n. */
void node_lay_out(struct node *n, uint32_t level, const struct item_run *run, uint32_t first, uint32_t end);
/* Whether the item has the key and the size of that of the node. */
bool node_item_is_like(const struct node *n, uint32_t index, const struct item *it);
/* Makes n a copy of the node `old` with `it` in the place of an item that is like it. */
void node_copy_with(struct node *n, const struct node *old, uint32_t index, const struct item *it);
