/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmem.h"

#include "space.h"

#include <string.h>

uintptr_t kmem_descriptors;
static struct kpage *first_page;
static size_t ram_pages;
static size_t pool_pages, free_pages, lent_pages, pages_aside, cache_pages;
/* The kernel's own pages are used before those that are lent, so that these come free. */
static struct kpage *free_own, *free_lent;

RARE void kmem_init(struct kpage *zeroed, const void *ram, size_t pages)
{
    first_page = zeroed;
    ram_pages = pages;
    kmem_descriptors = (uintptr_t)zeroed - ((uintptr_t)ram >> PAGE_BITS) * sizeof(struct kpage);
    pool_pages = free_pages = lent_pages = pages_aside = cache_pages = 0;
    free_own = free_lent = NULL;
}

static void *page_address(const struct kpage *d)
{
    return (void *)(((uintptr_t)d - kmem_descriptors) / sizeof *d << PAGE_BITS);
}

/* ---- lists of pages: free ones, and those of a slab with free objects ---- */

static struct kpage_links *links(const struct kpage *d)
{
    return (struct kpage_links *)(void *)((char *)page_address(d) + d->tag);
}

static void list_insert(struct kpage **list, struct kpage *d)
{
    *links(d) = (struct kpage_links){.next = *list};
    if (*list) {
        links(*list)->prev = d;
    }
    *list = d;
}

static void list_remove(struct kpage **list, const struct kpage *d)
{
    struct kpage_links *l = links(d);
    debug_assert((l->prev ? links(l->prev)->next : *list) == d && (!l->next || links(l->next)->prev == d));
    if (l->prev) {
        links(l->prev)->next = l->next;
    } else {
        *list = l->next;
    }
    if (l->next) {
        links(l->next)->prev = l->prev;
    }
}

/* ---- charges ---- */

bool kmem_affordable(const struct space *payer, size_t bytes)
{
    return !payer || payer->kmem_bytes + bytes <= payer->kmem_quota;
}

static void charge(struct space *payer, int bytes)
{
    if (payer) {
        debug_assert(bytes >= 0 || payer->kmem_bytes >= (uint32_t)-bytes);
        payer->kmem_bytes += (uint32_t)bytes;
    }
}

void kmem_move_charge(struct space *from, struct space *to, size_t bytes)
{
    charge(from, -(int)bytes);
    charge(to, (int)bytes);
}

/* ---- pages ---- */

/* So many of the free pages are for mappings alone. */
static size_t pages_to_keep(void)
{
    return cache_pages < KMEM_FOR_MAPPINGS ? KMEM_FOR_MAPPINGS - cache_pages : 0;
}

/* A page with the contents that it happens to have. */
static void *page_take(bool for_mappings)
{
    struct kpage **list = free_own ? &free_own : &free_lent, *d = *list;
    if (free_pages <= pages_aside + (for_mappings ? 0 : pages_to_keep())) {
        return NULL;
    }
    debug_assert(d && d->state == KPAGE_FREE);
    list_remove(list, d);
    d->owner = NULL;
    d->state = for_mappings ? KPAGE_CACHE : KPAGE_USED;
    d->used = 0;
    free_pages--;
    cache_pages += for_mappings;
    return page_address(d);
}

static void page_give(struct kpage *d)
{
    debug_assert(d->state != KPAGE_FREE && free_pages < ram_pages);
    cache_pages -= d->state == KPAGE_CACHE;
    d->state = KPAGE_FREE;
    d->tag = 0;
    list_insert(d->lent ? &free_lent : &free_own, d);
    free_pages++;
}

void *kmem_alloc(struct space *payer, bool for_mappings)
{
    void *page = kmem_affordable(payer, PAGE_BYTES) ? page_take(for_mappings) : NULL;
    if (page) {
        charge(payer, PAGE_BYTES);
        memset(page, 0, PAGE_BYTES);
    }
    return page;
}

RARE bool kmem_keep(const void *pte)
{
    struct kpage *d = kmem_page(pte);
    debug_assert(d->state >= KPAGE_USED);
    if (d->state != KPAGE_CACHE) {
        return true;
    }
    if (kmem_pages_for_mappings() + cache_pages <= KMEM_FOR_MAPPINGS) {
        return false;
    }
    d->state = KPAGE_USED;
    cache_pages--;
    return true;
}

void kmem_free_page(void *page, struct space *payer)
{
    debug_assert(kmem_page(page)->state >= KPAGE_USED && ((uintptr_t)page & ~(uintptr_t)PAGE_MASK) == 0);
    page_give(kmem_page(page));
    charge(payer, -PAGE_BYTES);
}

/* ---- what belongs to the kernel ---- */

static bool described(const struct kpage *d)
{
    return (uintptr_t)d - (uintptr_t)first_page < ram_pages * sizeof *d;
}

bool kmem_owned(const void *page)
{
    const struct kpage *d = kmem_page(page);
    return described(d) && d->state != KPAGE_USER;
}

RARE void kmem_reserve(void *start, void *end)
{
    for (char *p = start; p < (char *)end; p += PAGE_BYTES) {
        kmem_page(p)->state = KPAGE_USED;
    }
}

RARE void kmem_add(void *start, void *end)
{
    for (char *p = end; p > (char *)start;) {
        p -= PAGE_BYTES;
        page_give(kmem_page(p));
        pool_pages++;
    }
}

RARE void kmem_add_loan(void *start, void *end)
{
    for (char *p = end; p > (char *)start;) {
        p -= PAGE_BYTES;
        kmem_page(p)->lent = true;
        page_give(kmem_page(p));
        pool_pages++;
        lent_pages++;
    }
}

bool kmem_lend(void *page)
{
    struct kpage *d = kmem_page(page);
    if (!described(d) || d->state != KPAGE_USER) {
        return false;
    }
    d->lent = true;
    page_give(d);
    pool_pages++;
    lent_pages++;
    return true;
}

bool kmem_reclaim(void *page)
{
    struct kpage *d = kmem_page(page);
    if (!described(d) || !d->lent || d->state != KPAGE_FREE || kmem_pages_free() == 0) {
        return false;
    }
    assert(lent_pages > 0 && free_pages > 0);
    list_remove(&free_lent, d);
    memset(page, 0, PAGE_BYTES); /* nothing of the kernel's goes to users */
    *d = (struct kpage){.state = KPAGE_USER};
    free_pages--;
    pool_pages--;
    lent_pages--;
    return true;
}

/* ---- slabs: free objects of a page are chained through their first word ---- */

static bool slab_grow(struct kslab *slab)
{
    char *page = page_take(slab->for_mappings);
    if (!page) {
        return false;
    }
    struct kpage *d = kmem_page(page);
    d->tag = ((slab->per_page - 1u) * slab->object_bytes) & ~PAGE_MASK;
    for (size_t i = slab->per_page; i-- > 0;) {
        void **object = (void **)(void *)(page + i * slab->object_bytes);
        *object = d->owner;
        d->owner = object;
    }
    slab->pages++;
    list_insert(&slab->partial, d);
    return true;
}

void *kslab_alloc(struct kslab *slab, struct space *payer)
{
    if (!kmem_affordable(payer, slab->object_bytes) || (!slab->partial && !slab_grow(slab))) {
        return NULL;
    }
    struct kpage *d = slab->partial;
    void **object = d->owner;
    debug_assert(object && d->state >= KPAGE_USED && d->used < slab->per_page);
    d->owner = *object;
    if (++d->used == slab->per_page) {
        list_remove(&slab->partial, d);
    }
    slab->objects++;
    charge(payer, slab->object_bytes);
    if (!slab->uncleared) {
        memset(object, 0, slab->object_bytes);
    }
    return object;
}

RARE void kslab_free(struct kslab *slab, void *object, struct space *payer)
{
    struct kpage *d = kmem_page(object);
    debug_assert(d->state >= KPAGE_USED && d->used > 0 && d->used <= slab->per_page && slab->objects > 0);
    *(void **)object = d->owner;
    d->owner = object;
    if (d->used-- == slab->per_page) {
        d->tag = (uintptr_t)object & ~(uintptr_t)PAGE_MASK;
        list_insert(&slab->partial, d);
    }
    slab->objects--;
    charge(payer, -(int)slab->object_bytes);
    if (d->used == 0) {
        list_remove(&slab->partial, d);
        slab->pages--;
        page_give(d);
    }
}

/* ---- figures ---- */

size_t kmem_pages_for_mappings(void)
{
    return free_pages - pages_aside;
}

size_t kmem_pages_free(void)
{
    size_t free = kmem_pages_for_mappings(), keep = pages_to_keep();
    return free > keep ? free - keep : 0;
}

void kmem_set_aside(size_t pages)
{
    assert(pages <= free_pages);
    pages_aside = pages;
}

size_t kmem_pages_set_aside(void)
{
    return pages_aside;
}

size_t kmem_pages_total(void)
{
    return pool_pages;
}

size_t kmem_pages_lent(void)
{
    return lent_pages;
}

static bool list_check(const struct kpage *list, bool lent, size_t *n)
{
    const struct kpage *before = NULL;
    for (const struct kpage *d = list; d; before = d, d = links(d)->next) {
        if (!described(d) || d->state != KPAGE_FREE || d->lent != lent || links(d)->prev != before) {
            return false;
        }
        ++*n;
    }
    return true;
}

RARE bool kmem_check(void)
{
    size_t listed = 0, free = 0, lent = 0, cache = 0;
    for (const struct kpage *d = first_page; described(d); d++) {
        free += d->state == KPAGE_FREE;
        lent += d->lent;
        cache += d->state == KPAGE_CACHE;
    }
    return list_check(free_own, false, &listed) && list_check(free_lent, true, &listed) &&
           listed == free_pages && free == free_pages && lent == lent_pages && cache == cache_pages;
}
