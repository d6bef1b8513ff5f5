/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmem.h"

#include "space.h"

#include <string.h>

static char *pool_start;
static size_t pool_pages, free_pages;
static struct kpage *descriptors;
static void *free_list;
uintptr_t kmem_descriptors;

void kmem_init(void *start, void *end)
{
    size_t pages = (size_t)((char *)end - (char *)start) / PAGE_BYTES;
    size_t own = (pages * sizeof(struct kpage) + PAGE_BYTES - 1) / PAGE_BYTES;
    assert(pages > own && pages < KMEM_NO_PAGE);
    descriptors = start;
    memset(start, 0, own * PAGE_BYTES);
    pool_start = (char *)start + own * PAGE_BYTES;
    kmem_descriptors = (uintptr_t)descriptors - ((uintptr_t)pool_start >> PAGE_BITS) * sizeof(struct kpage);
    pool_pages = pages - own;
    free_list = NULL;
    free_pages = 0;
    for (size_t i = pool_pages; i-- > 0;) {
        kmem_free_page(pool_start + i * PAGE_BYTES, NULL);
    }
}

static void charge(struct space *payer, int bytes)
{
    if (payer) {
        payer->kmem_bytes += (uint32_t)bytes;
    }
}

void kmem_move_charge(struct space *from, struct space *to, size_t bytes)
{
    charge(from, -(int)bytes);
    charge(to, (int)bytes);
}

static void *page_take(void)
{
    void *page = free_list;
    if (page) {
        struct kpage *d = kmem_page(page);
        free_list = d->owner;
        *d = (struct kpage){0};
        free_pages--;
        memset(page, 0, PAGE_BYTES);
    }
    return page;
}

static void page_give(void *page)
{
    struct kpage *d = kmem_page(page);
    *d = (struct kpage){.owner = free_list};
    free_list = page;
    free_pages++;
}

void *kmem_alloc_page(struct space *payer)
{
    void *page = page_take();
    if (page) {
        charge(payer, PAGE_BYTES);
    }
    return page;
}

void kmem_free_page(void *page, struct space *payer)
{
    page_give(page);
    charge(payer, -PAGE_BYTES);
}

static void *page_address(uint16_t index)
{
    return pool_start + (size_t)index * PAGE_BYTES;
}

static void partial_insert(struct kslab *slab, uint16_t index)
{
    descriptors[index].prev = KMEM_NO_PAGE;
    descriptors[index].next = slab->partial;
    if (slab->partial != KMEM_NO_PAGE) {
        descriptors[slab->partial].prev = index;
    }
    slab->partial = index;
}

static void partial_remove(struct kslab *slab, uint16_t index)
{
    struct kpage *d = &descriptors[index];
    if (d->prev != KMEM_NO_PAGE) {
        descriptors[d->prev].next = d->next;
    } else {
        slab->partial = d->next;
    }
    if (d->next != KMEM_NO_PAGE) {
        descriptors[d->next].prev = d->prev;
    }
}

/* Free objects of a slab page are chained through their first word. */
static bool slab_grow(struct kslab *slab)
{
    char *page = page_take();
    if (!page) {
        return false;
    }
    struct kpage *d = kmem_page(page);
    for (size_t i = slab->per_page; i-- > 0;) {
        void **object = (void **)(void *)(page + i * slab->object_bytes);
        *object = d->owner;
        d->owner = object;
    }
    slab->pages++;
    partial_insert(slab, (uint16_t)(d - descriptors));
    return true;
}

void *kslab_alloc(struct kslab *slab, struct space *payer)
{
    if (slab->partial == KMEM_NO_PAGE && !slab_grow(slab)) {
        return NULL;
    }
    uint16_t index = slab->partial;
    struct kpage *d = &descriptors[index];
    void **object = d->owner;
    d->owner = *object;
    if (++d->used == slab->per_page) {
        partial_remove(slab, index);
    }
    slab->objects++;
    charge(payer, slab->object_bytes);
    if (!slab->uncleared) {
        memset(object, 0, slab->object_bytes);
    }
    return object;
}

void kslab_free(struct kslab *slab, void *object, struct space *payer)
{
    struct kpage *d = kmem_page(object);
    uint16_t index = (uint16_t)(d - descriptors);
    assert(d->used > 0);
    *(void **)object = d->owner;
    d->owner = object;
    if (d->used-- == slab->per_page) {
        partial_insert(slab, index);
    }
    slab->objects--;
    charge(payer, -(int)slab->object_bytes);
    if (d->used == 0) {
        partial_remove(slab, index);
        slab->pages--;
        page_give(page_address(index));
    }
}

size_t kmem_pages_free(void)
{
    return free_pages;
}

size_t kmem_pages_total(void)
{
    return pool_pages;
}

bool kmem_check(void)
{
    size_t n = 0;
    for (void *page = free_list; page; page = kmem_page(page)->owner) {
        n++;
    }
    return n == free_pages;
}
