/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel memory: pages that the boot code has set aside, and pages that sigma0 has lent since.
 * They serve as page directories, page tables, UTCBs, and slabs of small objects (TCBs, spaces,
 * mapping nodes).
 *
 * Pages for mappings (page tables, and slabs of nodes) are a cache: sigma0 can take all mappings
 * away, and they come again by faults.  All else lasts, and leaves KMEM_FOR_MAPPINGS pages that are
 * free or a cache's.  So what lasts never keeps an instruction from the page tables that it needs,
 * and no page lies idle for that.
 *
 * Every allocation names the space that is charged (NULL: the kernel), and that space never gets
 * beyond its quota.  The same space is named again when the memory is freed, so that a space that
 * goes has no charges left but its own.  Allocation may fail (NULL): callers turn that into error 8
 * or a refused mapping, and have changed nothing by then. */
#pragma once

#include "space.h"

enum kpage_state {
    KPAGE_USER,  /* not the kernel's: users may map it */
    KPAGE_FREE,  /* in the pool */
    KPAGE_USED,  /* allocated, or the kernel's for ever */
    KPAGE_CACHE, /* allocated for mappings */
};

/* An instruction may need three places (its own, source, destination), each across the border of
 * two page tables; and their nodes fit into a page. */
enum { KMEM_FOR_MAPPINGS = 7 };

/* One for each page of RAM.  A page that could go into a list (free; or a slab with free objects)
 * keeps its neighbours there in what is free of itself: struct kpage_links. */
struct kpage {
    union {
        word_t head; /* a user's: of its mappings (mapping_db_priv.h) */
        void *owner; /* page table: its space; slab: first free object */
    };
    uint16_t tag   : 13; /* page table: index in the page directory; slab: where its links are */
    uint16_t lent  : 1;  /* it came from sigma0 and may go back */
    uint16_t state : 2;  /* enum kpage_state */
    uint16_t used;       /* page table: entries present; slab: objects in use */
};

_Static_assert(sizeof(void *) != 4 || sizeof(struct kpage) == 8, "kickstart counts on it (BOOT_FRAME_BYTES)");

/* At the start of a free page; of a slab, in the free object that is used last. */
struct kpage_links {
    void *next_object; /* slab: always NULL */
    struct kpage *next, *prev;
};

struct kslab {
    uint16_t object_bytes /* at least a struct kpage_links */, per_page, per_page_less_1;
    uint16_t pages;
    bool uncleared;        /* objects come as they are, and their user writes every field */
    bool for_mappings;     /* its pages are a cache's */
    struct kpage *partial; /* pages with free objects */
    uint32_t objects;
};

/* Each is of the file that allocates from it; the debugger shows them all. */
extern struct kslab tcb_slab, space_slab, mapping_slab, index_slab, port_slab, utcb_slab;

enum { KMEM_NO_QUOTA = 0xffffffff };

#define KSLAB_FIELDS(type)                                                                                   \
    .object_bytes = sizeof(type), .per_page = PAGE_BYTES / sizeof(type),                                     \
    .per_page_less_1 = PAGE_BYTES / sizeof(type) - 1
#define KSLAB(type)                                                                                          \
    {                                                                                                        \
        KSLAB_FIELDS(type)                                                                                   \
    }
#define KSLAB_UNCLEARED(type)                                                                                \
    {                                                                                                        \
        KSLAB_FIELDS(type), .uncleared = true                                                                \
    }
#define KSLAB_FOR_MAPPINGS(type)                                                                             \
    {                                                                                                        \
        KSLAB_FIELDS(type), .uncleared = true, .for_mappings = true                                          \
    }

/* At boot.  zeroed: the descriptors of the `pages' pages from ram (a page-aligned kernel address)
 * on, which are all users' as yet.  Then whole pages become the kernel's for ever: not to
 * be allocated, and to be allocated. */
void kmem_init(struct kpage *zeroed, const void *ram, size_t pages);
void kmem_reserve(void *start, void *end);
void kmem_add(void *start, void *end);
/* Pages as if sigma0 had lent them. */
void kmem_add_loan(void *start, void *end);

/* A page that no user has mapped joins the pool.  false: it is not RAM, or it is the kernel's
 * already. */
bool kmem_lend(void *page);
/* A lent page leaves the pool, zeroed.  false: it is in use, or has not been lent, or what is left
 * would be too little for mappings. */
bool kmem_reclaim(void *page);
bool kmem_owned(const void *page); /* the kernel's: users may not map it */

/* A page, zeroed; for mappings: a page table that can go at any time. */
void *kmem_alloc(struct space *payer, bool for_mappings);
void kmem_free_page(void *page, struct space *payer);

static inline void *kmem_alloc_page(struct space *payer)
{
    return kmem_alloc(payer, false);
}

/* The page table with that entry lasts from now on, if it has not yet.  false: too little would be
 * left for mappings, and nothing has changed. */
bool kmem_keep(const void *pte);

void *kslab_alloc(struct kslab *slab, struct space *payer); /* zeroed */
void kslab_free(struct kslab *slab, void *object, struct space *payer);

/* May payer be charged this much more? */
bool kmem_affordable(const struct space *payer, size_t bytes);
/* What `from' has been charged for is now held by `to', which can afford it. */
void kmem_move_charge(struct space *from, struct space *to, size_t bytes);

/* Those that are set aside are not free.  For what lasts; for mappings, which may have more. */
size_t kmem_pages_free(void);
size_t kmem_pages_for_mappings(void);
size_t kmem_pages_total(void);
size_t kmem_pages_lent(void);

/* Do lists, states and counters agree?  For the whole-state checkers. */
bool kmem_check(void);

/* So many of the free pages are nobody's to allocate until another number is.  The superpages
 * alone have use for that. */
void kmem_set_aside(size_t pages);
size_t kmem_pages_set_aside(void);

/* Where the descriptor of the page at address 0 would be. */
extern uintptr_t kmem_descriptors;

/* Descriptor of the page of kernel memory that holds address. */
static inline struct kpage *kmem_page(const void *address)
{
    return (struct kpage *)(kmem_descriptors + ((uintptr_t)address >> PAGE_BITS) * sizeof(struct kpage));
}

/* kslab_alloc and kslab_free for a slab that is `uncleared', and a payer that is a space: quick
 * unless a page fills or empties. */
static inline void *kslab_take(struct kslab *slab, struct space *payer)
{
    struct kpage *d = slab->partial;
    if (!d || d->used == slab->per_page_less_1 ||
        payer->kmem_bytes + slab->object_bytes > payer->kmem_quota) {
        return kslab_alloc(slab, payer);
    }
    void **object = d->owner;
    debug_assert(object && slab->uncleared && d->state >= KPAGE_USED && d->used < slab->per_page);
    d->owner = *object;
    d->used++;
    slab->objects++;
    payer->kmem_bytes += slab->object_bytes;
    return object;
}

static inline void kslab_give(struct kslab *slab, void *object, struct space *payer)
{
    struct kpage *d = kmem_page(object);
    if (d->used == slab->per_page || d->used == 1) {
        kslab_free(slab, object, payer);
        return;
    }
    debug_assert(d->state >= KPAGE_USED && slab->objects > 0 && payer->kmem_bytes >= slab->object_bytes);
    *(void **)object = d->owner;
    d->owner = object;
    d->used--;
    slab->objects--;
    payer->kmem_bytes -= slab->object_bytes;
}
