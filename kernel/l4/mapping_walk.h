/* SPDX-License-Identifier: BSD-2-Clause */
/* Where walks over nodes of the mapping database stand that have stopped because their step is
 * over.  There is room for one of each kind: a thread whose place another one has taken begins its
 * page again. */
#pragma once

#include "mapping_db_priv.h"

struct tcb;

enum walk_kind {
    WALK_ASK,    /* takes nothing away */
    WALK_DELETE, /* on the way to the first leaf of a tree that goes */
    WALK_DERIVE, /* looks for an entry */
    WALK_KINDS,
};

/* For walk_resume alone. */
RARE struct mapping *walk_take(enum walk_kind kind, const void *tree, const pte_t *wanted,
                               struct mapping *start);

/* Where the current thread's walk of this tree (its root node, or the head of its list), perhaps
 * with a wanted entry, goes on; at the start, if it is a new one or has lost its place to another
 * thread. */
static inline struct mapping *walk_resume(enum walk_kind kind, const void *tree, const pte_t *wanted,
                                          struct mapping *start)
{
    return __builtin_expect(removals_noted != 0, 0) ? walk_take(kind, tree, wanted, start) : start;
}

RARE void walk_pause(enum walk_kind kind, const void *tree, const pte_t *wanted, struct mapping *next);
