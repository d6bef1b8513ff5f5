/* SPDX-License-Identifier: BSD-2-Clause */
/* The mapping database: for each frame, the tree of who got it from whom.
 *
 * sigma0 is the root of every tree and has no node.  The other mappings of a frame form one list in
 * preorder, with a depth each, so a subtree is the run of deeper nodes behind its root:
 *
 *     sigma0 ── A ── B          list of the frame:  A(1) B(2) C(2) D(3) E(1)
 *        │      └─── C ── D
 *        └───── E
 *
 * Access status.  A query by one space must not hide anything from those above it.  Each node keeps
 *   below: collected from nodes under it that have gone, not yet reported to this node's own space,
 *   up:    reported to this node's space (or of its own page), not yet to any space above.
 * The head of a frame's list keeps `below' for sigma0.
 *
 * A node is searched for in its list; long lists have an index (mapping_index.h).
 *
 * map_page.c maps, unmap.c unmaps, superpage.c has what concerns 4 MiB at once (theory in
 * superpage.h). */
#pragma once

#include "progress.h"

struct kpage;
struct space;
typedef uint32_t pte_t;

/* What a node adds to its list's length. */
enum { MAPPINGS_ONE = 2 };

struct mapping {
    struct mapping *next;
    union {
        struct mapping *prev;
        uintptr_t length; /* in the first of a list: nodes * MAPPINGS_ONE + 1 | LIST_INDEXED? */
    };
    pte_t *pte;
    uint32_t info; /* depth << 8 | below << 4 | up, perhaps NODE_INDEXED */
};

_Static_assert(sizeof(void *) != 4 || sizeof(struct mapping) == 16, "a mapping costs 16 bytes");

/* MAP_MORE: the step is over (work.h); the same call again goes on. */
enum map_result { MAP_OK, MAP_NO_MEMORY, MAP_MORE };

/* At boot.  descriptors: those of the frames below count.  Frames beyond, which are device
 * memory, share a few lists. */
void mapping_db_init(struct kpage *descriptors, size_t count);

/* Maps (or grants) one page, with those of the rights wanted that the source has.  A source that is
 * absent, and a destination that users may not map, are left out (MAP_OK). */
enum map_result map_page(struct space *from, vaddr_t source, struct space *to, vaddr_t destination,
                         word_t rights, bool grant);

/* Before a thread's first look at pages whose mappings it does not take away. */
void unmap_begin(void);

/* Revokes rights (7: the mapping; else W) from everything that is derived from the page at address
 * in space, with flush from that page itself too.  Returns the access status as L4 rights bits, and
 * resets it; with UNMAP_MORE when the step is over (work.h) and something is left, which another
 * call goes on with. */
enum { UNMAP_MORE = 8 };
word_t unmap_page(struct space *space, vaddr_t address, word_t rights, bool flush);
/* The same for any space but sigma0's. */
word_t unmap_small(struct space *space, vaddr_t address, word_t rights, bool flush);
/* The same for sigma0's. */
word_t unmap_frame(vaddr_t address, word_t rights, bool flush);

/* Goes on with u, an fpage of this space.  false: the step is over. */
RARE bool unmap_range(struct space *space, struct unmapping *u, bool flush);

/* Removes every page of a space from *next on, the kernel's too, for its destruction.  false: the
 * step is over, and *next is where it goes on. */
RARE bool unmap_space(struct space *space, vaddr_t *next);

/* All mappings of frames that begin in [first, last] get this memory type; those that come
 * meanwhile have it, or come from one that gets it later.  No superpage lies there.  false: the
 * step is over, and *p, which begins as TYPE_FRAMES, says how far it is. */
RARE bool mapping_set_type(paddr_t first, paddr_t last, word_t type, struct type_progress *p);

size_t mapping_count(void);
/* The first node of the frame's list, or of the superpage to which the frame belongs; for the
 * debugger. */
const struct mapping *mapping_first(paddr_t frame);

/* How often this does not hold: every list is in preorder, and every node's entry is present, maps
 * that frame, and has the right size.  For the whole-state checkers. */
size_t mapping_db_check(void);
