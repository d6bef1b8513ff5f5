/* SPDX-License-Identifier: BSD-2-Clause */
/* The index of long lists in the mapping database (mapping_db.h).
 *
 * A node is searched for in its frame's list, and its parent in front of it, as long as the list
 * has at most LIST_SHORT nodes.  Before it grows longer, all of them get an entry here
 * (index_list), and so do those that come later.  So nothing costs more the more mappings a frame
 * has.
 *
 * The entries are one binary tree: at its n-th level, the n-th bit of a hash of the page-table
 * entry's address says left or right.  Different addresses have different hashes, so it has at most
 * 33 levels, and never has to be balanced.  An entry is charged to the space that has the mapping,
 * which may take that space beyond its quota when it is others who make the list long.
 *
 * Called by the mapping database's own files alone. */
#pragma once

#include "mapping_db_priv.h"

enum {
    LIST_SHORT = KERNEL_TESTED ? 12 : 1024,
    NODE_INDEXED = 4, /* in a node's info: it has an entry, as those it is derived from */
};
/* In the first node's length: all nodes of the list have an entry, and new ones get one. */
#define LIST_INDEXED 0x80000000u

struct index_entry {
    struct mapping *node;
    struct index_entry *parent; /* of the mapping from which this one is derived; NULL: sigma0's */
    struct index_entry *child[2];
};

/* Has the list so many nodes that the next one gets an entry? */
static inline bool list_is_long(const struct mapping *first)
{
    return first && __builtin_expect(first->length > LIST_SHORT * MAPPINGS_ONE, 0);
}

/* Gives entries to all nodes of a long list but the new one.  MAP_MORE: the step is over. */
RARE enum map_result index_list(const word_t *head, const struct mapping *new_one);

/* The node of a mapping that has an entry; the node from which that one is derived (NULL:
 * sigma0's). */
RARE struct mapping *index_find(const pte_t *pte);
RARE struct mapping *index_parent(const struct mapping *m);

/* e, which m's space has been charged for, becomes the entry of m. */
RARE void index_add(struct index_entry *e, struct mapping *m, const struct mapping *parent);
RARE void index_remove(struct mapping *m);
/* If the list has an index and hardly any nodes, it needs none any more. */
RARE void index_shrink(const word_t *head);
/* Has m, which should, an entry that is right?  For mapping_db_check alone. */
bool index_check(const struct mapping *m);
/* m, which has an entry, is the mapping of another page-table entry from now on; who is charged is
 * the caller's matter. */
RARE void index_move(struct mapping *m, pte_t *to);
