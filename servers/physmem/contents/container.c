/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/container.h"

#include "base/assertion.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slab.h"
#include "room/table_frame.h"
#include "tasks/task.h"

enum { LEAF_BITS = 10, LEAF_ENTRIES = 1 << LEAF_BITS, LEAF_MASK = LEAF_ENTRIES - 1 };

#define WORKING 0x80000000u /* beside a reference in a leaf */

static struct slab containers;

void container_init(void)
{
    slab_init(&containers, sizeof(struct container));
}

/* A sweep of the task that has come to this container goes on with the next one. */
static void sweep_leave(struct task *t, struct container *c)
{
    if (t->sweep.container == c) {
        struct list *next = c->of_task.next;
        t->sweep.container = next == &t->containers ? NULL : LIST_ENTRY(next, struct container, of_task);
        t->sweep.page = 0;
    }
}

enum error container_create(struct task *owner, uint32_t size_pages, uint32_t missing,
                            struct container **result)
{
    ASSERT(size_pages >= 1 && size_pages <= CONTAINER_PAGES_MAX);
    void *object;
    enum error e = slab_alloc(&containers, &object);
    if (e != OK) {
        return e;
    }
    struct container *c = object;
    c->owner = owner;
    c->size_pages = size_pages;
    c->missing = missing;
    list_init(&c->handles);
    list_append(&owner->containers, &c->of_task);
    *result = c;
    return OK;
}

void container_move(struct container *c, struct task *owner)
{
    ASSERT(c->owner->promised >= c->real);
    sweep_leave(c->owner, c);
    c->owner->promised -= c->real;
    owner->promised += c->real;
    list_remove(&c->of_task);
    list_append(&owner->containers, &c->of_task);
    c->owner = owner;
}

/* ---- tables ---- */

static bool is_small(const struct container *c)
{
    return c->size_pages <= LEAF_ENTRIES;
}

static frame_t leaf_frame(const struct container *c, uint32_t page)
{
    if (is_small(c) || c->root == FRAME_NONE) {
        return c->root;
    }
    return ((const frame_t *)frame_memory(c->root))[page >> LEAF_BITS];
}

/* The word of that page, or NULL where there is no table. */
static uint32_t *leaf_word(const struct container *c, uint32_t page)
{
    ASSERT(page < c->size_pages);
    frame_t leaf = leaf_frame(c, page);
    return leaf == FRAME_NONE ? NULL : (uint32_t *)frame_memory(leaf) + (page & LEAF_MASK);
}

uint32_t container_ref(const struct container *c, uint32_t page)
{
    const uint32_t *word = leaf_word(c, page);
    return word ? *word & ~WORKING : c->missing;
}

struct page *container_page(const struct container *c, uint32_t page)
{
    uint32_t ref = container_ref(c, page);
    return ref > REF_ZERO ? page_of_ref(ref) : NULL;
}

static enum error take_table(struct container *c, frame_t *result)
{
    enum error e = table_frame_alloc(result);
    if (e == OK) {
        c->tables++;
    }
    return e;
}

static void give_table(struct container *c, frame_t *table)
{
    ASSERT(c->tables > 0);
    table_frame_free(*table);
    *table = FRAME_NONE;
    c->tables--;
}

enum error container_reserve(struct container *c, uint32_t page)
{
    frame_t *place = &c->root;
    if (!is_small(c)) {
        if (c->root == FRAME_NONE) {
            enum error e = take_table(c, &c->root);
            if (e != OK) {
                return e;
            }
        }
        place = (frame_t *)frame_memory(c->root) + (page >> LEAF_BITS);
    }
    if (*place != FRAME_NONE) {
        return OK;
    }
    enum error e = take_table(c, place);
    if (e != OK) {
        return e;
    }
    uint32_t *leaf = frame_memory(*place);
    for (uint32_t i = 0; i < LEAF_ENTRIES; i++) {
        leaf[i] = c->missing;
    }
    return OK;
}

static uint32_t leaf_end(const struct container *c, uint32_t page)
{
    uint32_t end = (page | LEAF_MASK) + 1;
    return end < c->size_pages ? end : c->size_pages;
}

/* Gives the leaf that covers the page back if it says no more than its absence would. */
static void trim_leaf(struct container *c, uint32_t page)
{
    frame_t f = leaf_frame(c, page);
    if (f == FRAME_NONE) {
        return;
    }
    const uint32_t *leaf = frame_memory(f);
    uint32_t used = leaf_end(c, page) - (page & ~(uint32_t)LEAF_MASK);
    for (uint32_t i = 0; i < used; i++) {
        if (leaf[i] != c->missing) {
            return;
        }
    }
    give_table(c, is_small(c) ? &c->root : (frame_t *)frame_memory(c->root) + (page >> LEAF_BITS));
}

/* ---- references ---- */

static void enter_home(struct container *c, uint32_t page, struct page *p)
{
    ASSERT(!p->home);
    p->home = &c->home;
    p->home_page = page & (CONTAINER_PAGES_MAX - 1);
    c->home.resident += page_has_frame(p);
}

static void leave_home(struct page *p)
{
    ASSERT(p->home->resident >= page_has_frame(p));
    p->home->resident -= page_has_frame(p);
    p->home = NULL;
}

struct container *container_of_home(struct page_home *home)
{
    return home ? LIST_ENTRY(home, struct container, home) : NULL;
}

void container_take_home(struct container *c, uint32_t page)
{
    struct page *p = container_page(c, page);
    if (p->home) {
        leave_home(p);
    }
    enter_home(c, page, p);
}

static void leave(struct container *c, uint32_t page, struct page *p)
{
    page_unmap(p);
    if (p->wanted) {
        progress_place_changed();
    }
    if (p->home == &c->home && p->home_page == page) {
        leave_home(p);
    }
    ASSERT(c->real > 0 && c->owner->promised > 0);
    c->real--;
    c->owner->promised--;
    page_put(p);
}

static void enter(struct container *c, uint32_t page, struct page *p)
{
    page_get(p);
    if (!p->home) {
        enter_home(c, page, p);
    }
    c->real++;
    c->owner->promised++;
}

void container_set(struct container *c, uint32_t page, uint32_t ref)
{
    uint32_t *word = leaf_word(c, page);
    if (!word) {
        ASSERT(ref == c->missing);
        return;
    }
    uint32_t old = *word & ~WORKING;
    *word = ref;
    ASSERT(ref <= REF_ZERO || ref != old);
    if (ref > REF_ZERO) {
        enter(c, page, page_of_ref(ref));
    }
    if (old > REF_ZERO) {
        leave(c, page, page_of_ref(old));
    }
    progress_made();
}

uint32_t container_next_real_within(const struct container *c, uint32_t start, uint32_t most)
{
    uint32_t page = start, limit = most < c->size_pages - start ? start + most : c->size_pages;
    while (page < limit) {
        const uint32_t *word = leaf_word(c, page);
        uint32_t end = leaf_end(c, page);
        if (!word) {
            page = end;
            continue;
        }
        for (end = end < limit ? end : limit; page < end; page++, word++) {
            if ((*word & ~WORKING) > REF_ZERO) {
                return page;
            }
        }
    }
    return page < c->size_pages ? page : c->size_pages;
}

uint32_t container_next_real(const struct container *c, uint32_t start)
{
    return start < c->size_pages ? container_next_real_within(c, start, c->size_pages) : c->size_pages;
}

void container_unmap(struct container *c, uint32_t start, uint32_t end, L4_Word_t rights)
{
    struct unmap_batch b;
    b.rights = rights;
    b.count = 0;
    for (uint32_t i = container_next_real(c, start); i < end; i = container_next_real(c, i + 1)) {
        unmap_batch_add(&b, container_page(c, i));
    }
    unmap_batch_flush(&b);
}

/* start .. end lie in one leaf. */
static enum error fill_leaf(struct container *c, uint32_t start, uint32_t end, uint32_t ref)
{
    if (!leaf_word(c, start)) {
        if (ref == c->missing) {
            return OK;
        }
        enum error e = container_reserve(c, start);
        if (e != OK) {
            return e;
        }
    }
    for (uint32_t i = start; i < end; i++) {
        container_set(c, i, ref);
    }
    trim_leaf(c, start);
    return OK;
}

enum error container_fill(struct container *c, uint32_t start, uint32_t end, uint32_t ref)
{
    ASSERT(start <= end && end <= c->size_pages && ref <= REF_ZERO);
    container_unmap(c, start, end, L4_FullyAccessible);
    while (start < end) {
        uint32_t stop = leaf_end(c, start);
        stop = stop < end ? stop : end;
        enum error e = fill_leaf(c, start, stop, ref);
        if (e != OK) {
            return e;
        }
        start = stop;
    }
    return OK;
}

void container_destroy(struct container *c)
{
    ASSERT(list_is_empty(&c->handles));
    container_unmap(c, 0, c->size_pages, L4_FullyAccessible);
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        container_set(c, i, REF_HOLE);
    }
    for (uint32_t i = 0; c->root != FRAME_NONE && !is_small(c) && i < c->size_pages; i += LEAF_ENTRIES) {
        frame_t *leaf = (frame_t *)frame_memory(c->root) + (i >> LEAF_BITS);
        if (*leaf != FRAME_NONE) {
            give_table(c, leaf);
        }
    }
    if (c->root != FRAME_NONE) {
        give_table(c, &c->root);
    }
    ASSERT(c->real == 0 && c->tables == 0 && c->home.resident == 0);
    sweep_leave(c->owner, c);
    list_remove(&c->of_task);
    slab_free(&containers, c);
    progress_made();
}

/* ---- the working set ---- */

bool container_working(const struct container *c, uint32_t page)
{
    const uint32_t *word = leaf_word(c, page);
    return word && (*word & WORKING);
}

void container_set_working(struct container *c, uint32_t page, bool working)
{
    uint32_t *word = leaf_word(c, page);
    ASSERT(word && (*word & ~WORKING) > REF_ZERO);
    *word = working ? *word | WORKING : *word & ~WORKING;
}
