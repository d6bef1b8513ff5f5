/* SPDX-License-Identifier: BSD-2-Clause */
/* Superpages in the mapping database.
 *
 * A superframe is the 1024 frames of an aligned 4 MiB of RAM.  It is
 *   small: its frames have a list each, of nodes whose entries are those of page tables; or
 *   big: every node of it stands for 4 MiB, has a directory entry, and is in the list of the first
 *        frame, which has HEAD_SUPER.  The other lists are empty.
 * It becomes big when 4 MiB of it are mapped while it has no node at all, and small again, whole
 * and in every space, as soon as anything is done to a part of it.  Nodes, depths, rights and
 * status then exist 1024 times, so nobody loses an access; but all 4 MiB may be reported where only
 * a page of them was accessed.  This goes on in steps, and whoever maps or unmaps anything
 * meanwhile goes on with it first.
 *
 * Splitting takes a page table and 1023 nodes for each mapping.  Each space has been charged for
 * that from the start, so that nobody gets beyond a quota by what another does.  If the pool has no
 * memory left, a map fails, and an unmap does to the superpage what it should do to a part, and
 * does not forget the status of the rest. */
#pragma once

#include "mapping_db.h"

/* The bytes that a space is charged for each superpage in advance, so that a split needs no more of
 * its quota. */
enum {
    SUPERPAGE_RESERVE = PAGE_BYTES + (SUPERPAGE_BYTES / PAGE_BYTES - 1) * sizeof(struct mapping),
};

extern size_t big_superframes;

/* The only thing at which the paths of small pages look. */
static inline bool superpages_exist(void)
{
    return __builtin_expect(big_superframes != 0, 0);
}

bool superframe_big(paddr_t frame);
/* May these 4 MiB be mapped from sigma0 as a superpage?  They must be RAM for users, of the default
 * memory type, and not be mapped in small pages. */
bool superframe_usable(paddr_t frame);
/* The superframe, which is usable, is big from now on. */
void superframe_use(paddr_t frame);

/* For superpages_settled alone: goes on with the split that there may be. */
RARE bool superpages_settle(void);

/* Nothing is half split.  false: the step is over.  To be asked before any list is looked at; the
 * functions here do it themselves. */
static inline bool superpages_settled(void)
{
    return !superpages_exist() || superpages_settle();
}

/* Whatever superpage there is at this address (for sigma0: of this frame) is split.  MAP_MORE: the
 * step is over. */
RARE enum map_result superpage_open(struct space *space, word_t address);

/* map_page for the 4 MiB that begin at source and destination (both aligned), with one entry; its
 * result in *result.  false: nothing is mapped (but what was in the destination may be flushed),
 * and small pages must do. */
RARE bool map_superpage(struct space *from, vaddr_t source, struct space *to, vaddr_t destination,
                        word_t rights, bool grant, enum map_result *result);

/* Unmaps a superpage if one is there, and all of it lies in [address, end) or it cannot be split.
 * The access status comes in *status.  false: small pages are left to do, if there are any. */
RARE bool superpage_unmap(struct space *space, word_t address, uint64_t end, word_t rights, bool flush,
                          word_t *status);

/* How often the above is violated; mapping_db_check, which alone calls this, has looked at the
 * lists. */
size_t superframe_check(void);
