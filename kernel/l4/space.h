/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces.  A space exists while it has threads; it goes with the last of them (thread.c).
 * SpaceControl gives a space its areas before any of its threads can be active. */
#pragma once

#include "word.h"

struct tcb;
typedef uint32_t pte_t;

struct space {
    pte_t *directory; /* page directory, kernel address */
    vaddr_t kip_base; /* valid iff initialised */
    vaddr_t utcb_base;
    /* Kernel address of the first page of the UTCB area; until that is there, of another page that
     * may be read. */
    char *utcb_page;
    uint8_t utcb_log2;              /* size of the UTCB area; 0: there are no areas yet */
    bool privileged : 1;            /* sigma0's and the root task's space */
    bool console    : 1;            /* its threads may use the kernel's console */
    bool watched    : 1;            /* a thread that nobody helps is told to its scheduler */
    bool stripped   : 1;            /* it has no page tables (strip.h) */
    uint16_t table_low, table_high; /* page-directory entries in use lie in [low, high) */
    word_t redirector;              /* global id of who gets what leaves this space; 0: none */
    uint32_t thread_count;
    uint32_t kmem_bytes;       /* kernel memory charged to this space */
    uint32_t kmem_quota;       /* and its bound; KMEM_NO_QUOTA: the pool's size is the only one */
    vaddr_t destroyed;         /* of a space that goes: the first page that has not gone */
    struct tcb *threads;       /* list through tcb.space_next */
    struct space *next, *prev; /* all spaces */
};

extern struct space *sigma0_space; /* owns all physical memory, one-to-one; has no mapping nodes */
extern struct space *all_spaces;   /* list through next */

struct space *space_create(void); /* NULL: no kernel memory */
/* For the reaper alone: takes a space without threads out of the list of all spaces, takes every
 * mapping out of it, with all that is derived, step by step, and frees it with the last step.
 * false: there is more to do.  It is not current. */
void space_leave_list(struct space *space);
RARE bool space_destroy_step(struct space *space);
/* For unmap_space alone: takes away a page that the kernel itself has put there. */
RARE void space_remove_page(struct space *space, vaddr_t address, pte_t *pte);
/* For space_strip and the end of a space: takes away the KIP and the first UTCBs, where their
 * places are known, so that nobody need search page tables for them. */
RARE void space_remove_first_pages(struct space *space);
/* Puts the KIP where it belongs.  false: there is no memory for its page table. */
RARE bool space_map_kip(struct space *space);

/* Areas for a fresh space: OK, or an X.2 error code (5, 6, 7).  Initialised spaces: ignored, 0. */
word_t space_set_areas(struct space *space, L4_Fpage_t kip_area, L4_Fpage_t utcb_area);

/* redirector: a thread's global id; anythread: none from now on; nilthread: no change.  The space's
 * threads learn of it from the reaper, step by step. */
void space_set_redirector(struct space *space, L4_ThreadId_t redirector);

/* Provides memory for the UTCB at location (its base, a user address), which space_utcb_valid has
 * accepted.  Returns the kernel address of its MR0.  NULL: there is no kernel memory. */
word_t *space_utcb_map(struct space *space, vaddr_t location);
bool space_utcb_valid(const struct space *space, vaddr_t location);

/* The kernel address of MR0 for a local thread id of this space.  NULL: no UTCB is there. */
word_t *space_utcb_find(const struct space *space, word_t local_id);

/* Answers a page fault of sigma0 by mapping the page one-to-one.  false: the page cannot be
 * mapped. */
bool sigma0_fault(vaddr_t address);

static inline bool space_initialised(const struct space *space)
{
    return space->utcb_log2 != 0;
}
