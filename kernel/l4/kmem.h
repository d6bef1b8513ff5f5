/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory: one pool of pages, given at boot.  Pages serve page directories, page tables, UTCBs, and
 * slabs of small objects (TCBs, spaces, mapping nodes).  Allocation may fail (NULL): callers turn that into
 * error 8 or a refused mapping.  Every allocation names the space that is charged; NULL = the kernel. */
#pragma once

#include "word.h"

struct space;

struct kpage {           /* one for each page of the pool */
    void *owner;         /* page table: its space; slab: first free object; free page: next free page */
    uint16_t tag;        /* page table: index in the page directory */
    uint16_t used;       /* page table: entries present; slab: objects in use */
    uint16_t next, prev; /* slab: other pages with free objects, as page indices */
};

struct kslab {
    uint16_t object_bytes, per_page;
    uint16_t partial; /* first page with free objects, or KMEM_NO_PAGE */
    uint16_t pages;
    bool uncleared; /* objects come as they are: their user writes every field */
    uint32_t objects;
};

extern struct kslab tcb_slab, space_slab, mapping_slab,
    fpu_slab; /* of their own files; the debugger shows them */

enum { KMEM_NO_PAGE = 0xffff };

#define KSLAB_FIELDS(type)                                                                                   \
    .object_bytes = sizeof(type), .per_page = PAGE_BYTES / sizeof(type), .partial = KMEM_NO_PAGE
#define KSLAB(type)                                                                                          \
    {                                                                                                        \
        KSLAB_FIELDS(type)                                                                                   \
    }
#define KSLAB_UNCLEARED(type)                                                                                \
    {                                                                                                        \
        KSLAB_FIELDS(type), .uncleared = true                                                                \
    }

/* start, end: page aligned, in kernel addresses; at most 65534 pages. */
void kmem_init(void *start, void *end);

void *kmem_alloc_page(struct space *payer); /* zeroed */
void kmem_free_page(void *page, struct space *payer);

/* Descriptor of the page of the pool that holds address. */
extern uintptr_t kmem_descriptors; /* address that the descriptor of page 0 would have */
static inline struct kpage *kmem_page(const void *address)
{
    return (struct kpage *)(kmem_descriptors + ((uintptr_t)address >> PAGE_BITS) * sizeof(struct kpage));
}

void *kslab_alloc(struct kslab *slab, struct space *payer); /* zeroed */
void kslab_free(struct kslab *slab, void *object, struct space *payer);

/* What `from' was charged for is now held by `to'. */
void kmem_move_charge(struct space *from, struct space *to, size_t bytes);

size_t kmem_pages_free(void);
size_t kmem_pages_total(void);

/* Free list and counters agree; used by the whole-state checker. */
bool kmem_check(void);
