/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/container.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slab.h"
#include "room/table_frame.h"
#include "tasks/task.h"

enum { LOOK_ENTRIES = 64 }; /* between two looks at the budget */
enum { LEAF_BITS = 10, LEAF_ENTRIES = 1 << LEAF_BITS, LEAF_MASK = LEAF_ENTRIES - 1 };

#define WORKING 0x80000000u /* beside a reference in a leaf */
/* In a root, beside REF_HOLE or REF_ZERO: every page of that leaf, which needs no table. */
#define UNIFORM 0x80000000u

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
    enum error e = task_record_allowed(owner, sizeof(struct container));
    if (e == OK) {
        e = slab_alloc(&containers, &object);
    }
    if (e != OK) {
        return e;
    }
    task_charge_record(owner, sizeof(struct container));
    struct container *c = object;
    c->owner = owner;
    c->home.of_owner = &owner->pages;
    owner->container_count++;
    c->size_pages = size_pages;
    c->missing = missing;
    list_init(&c->handles);
    list_append(&owner->containers, &c->of_task);
    *result = c;
    return OK;
}

static void counts_move(const struct page_counts *counts, struct page_counts *from, struct page_counts *to)
{
    ASSERT(from->pages >= counts->pages && from->resident >= counts->resident);
    from->pages -= counts->pages;
    from->resident -= counts->resident;
    from->swapped -= counts->swapped;
    from->wired -= counts->wired;
    to->pages += counts->pages;
    to->resident += counts->resident;
    to->swapped += counts->swapped;
    to->wired += counts->wired;
}

void container_move(struct container *c, struct task *owner)
{
    sweep_leave(c->owner, c);
    task_refund_pages(c->owner, c->real);
    task_charge_pages(owner, c->real);
    task_refund_record(c->owner, sizeof *c);
    task_charge_record(owner, sizeof *c);
    for (uint32_t i = 0; i < c->tables; i++) {
        task_refund_table(c->owner);
        task_charge_table(owner);
    }
    list_remove(&c->of_task);
    list_append(&owner->containers, &c->of_task);
    c->owner->container_count--;
    owner->container_count++;
    counts_move(&c->home.counts, &c->owner->pages, &owner->pages);
    c->home.of_owner = &owner->pages;
    c->owner = owner;
}

/* ---- tables ---- */

static bool is_small(const struct container *c)
{
    return c->size_pages <= LEAF_ENTRIES;
}

/* Where a container with a root says what its leaf is: FRAME_NONE, a frame, or UNIFORM. */
static uint32_t *root_entry(const struct container *c, uint32_t page)
{
    ASSERT(!is_small(c) && c->root != FRAME_NONE);
    return (uint32_t *)frame_memory(c->root) + (page >> LEAF_BITS);
}

static frame_t leaf_frame(const struct container *c, uint32_t page)
{
    if (is_small(c) || c->root == FRAME_NONE) {
        return c->root;
    }
    uint32_t entry = *root_entry(c, page);
    return entry & UNIFORM ? FRAME_NONE : entry;
}

/* What the pages of a leaf without a table are. */
static uint32_t untabled(const struct container *c, uint32_t page)
{
    uint32_t entry = is_small(c) || c->root == FRAME_NONE ? 0 : *root_entry(c, page);
    return entry & UNIFORM ? entry & ~UNIFORM : c->missing;
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
    return word ? *word & ~WORKING : untabled(c, page);
}

struct page *container_page(const struct container *c, uint32_t page)
{
    uint32_t ref = container_ref(c, page);
    return ref > REF_ZERO ? page_of_ref(ref) : NULL;
}

static enum error take_table(struct container *c, frame_t *result)
{
    enum error e = task_quota_allows(c->owner, 1);
    if (e == OK) {
        e = table_frame_alloc(result);
    }
    if (e == OK) {
        c->tables++;
        task_charge_table(c->owner);
    }
    return e;
}

static void give_table(struct container *c, frame_t *table)
{
    ASSERT(c->tables > 0);
    table_frame_free(*table);
    *table = FRAME_NONE;
    c->tables--;
    task_refund_table(c->owner);
}

static enum error reserve_root(struct container *c)
{
    return is_small(c) || c->root != FRAME_NONE ? OK : take_table(c, &c->root);
}

enum error container_reserve(struct container *c, uint32_t page)
{
    frame_t leaf;
    if (leaf_frame(c, page) != FRAME_NONE) {
        return OK;
    }
    enum error e = reserve_root(c);
    if (e == OK) {
        e = take_table(c, &leaf);
    }
    if (e != OK) {
        return e;
    }
    uint32_t *words = frame_memory(leaf), all = untabled(c, page);
    for (uint32_t i = 0; i < LEAF_ENTRIES; i++) {
        words[i] = all;
    }
    *(is_small(c) ? &c->root : root_entry(c, page)) = leaf;
    return OK;
}

static uint32_t leaf_end(const struct container *c, uint32_t page)
{
    uint32_t end = (page | LEAF_MASK) + 1;
    return end < c->size_pages ? end : c->size_pages;
}

/* The leaf that covers the page says `ref` of all its pages: it needs no table. */
static void drop_leaf(struct container *c, uint32_t page, uint32_t ref)
{
    if (is_small(c)) {
        if (c->root != FRAME_NONE) {
            give_table(c, &c->root);
        }
        c->missing = ref;
        return;
    }
    uint32_t *entry = root_entry(c, page);
    if (*entry != FRAME_NONE && (*entry & UNIFORM) == 0) {
        give_table(c, entry);
    }
    *entry = ref == c->missing ? FRAME_NONE : UNIFORM | ref;
}

/* Gives the leaf that covers the page back if all its pages are holes, or implied zeros. */
static void trim_leaf(struct container *c, uint32_t page)
{
    frame_t f = leaf_frame(c, page);
    if (f == FRAME_NONE) {
        return;
    }
    const uint32_t *leaf = frame_memory(f);
    uint32_t used = leaf_end(c, page) - (page & ~(uint32_t)LEAF_MASK), all = leaf[0];
    for (uint32_t i = 0; i < used; i++) {
        if (leaf[i] != all || all > REF_ZERO) {
            return;
        }
    }
    drop_leaf(c, page, all);
}

static void drop_tables(struct container *c)
{
    for (uint32_t i = 0; c->root != FRAME_NONE && !is_small(c) && i < c->size_pages; i += LEAF_ENTRIES) {
        drop_leaf(c, i, c->missing);
    }
    if (c->root != FRAME_NONE) {
        give_table(c, &c->root);
    }
}

/* ---- references ---- */

struct container *container_of_home(struct page_home *home)
{
    return home ? LIST_ENTRY(home, struct container, home) : NULL;
}

void container_take_home(struct container *c, uint32_t page)
{
    struct page *p = container_page(c, page);
    if (p->home) {
        page_leave_home(p);
    }
    page_enter_home(p, &c->home, page);
}

static bool refers_to(const struct container *c, const struct page *p)
{
    uint32_t i = container_next_real(c, 0);
    while (i < c->size_pages && container_page(c, i) != p) {
        i = container_next_real(c, i + 1);
    }
    return i < c->size_pages;
}

static bool is_kept(const struct page *p)
{
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        const struct task *t = LIST_ENTRY(i, struct task, all);
        for (struct list *k = t->containers.next; t->wired && k != &t->containers; k = k->next) {
            if (refers_to(LIST_ENTRY(k, struct container, of_task), p)) {
                return true;
            }
        }
    }
    return false;
}

/* A wired task has given up one of its references to a page that others share: the page may be
 * evicted again, unless a wired task still has it.  Wired tasks are drivers, few and small, so all
 * that they have is looked at. */
static void stop_keeping(struct page *p)
{
    if (p->wired && !is_kept(p)) {
        page_set_wired(p, false);
    }
}

static void leave(struct container *c, uint32_t page, struct page *p)
{
    page_unmap(p);
    if (c->owner->wired && p->refs > 1) {
        stop_keeping(p);
    }
    if (p->wanted) {
        progress_place_changed();
    }
    if (p->home == &c->home && p->home_page == page) {
        page_leave_home(p);
    }
    ASSERT(c->real > 0);
    c->real--;
    task_refund_pages(c->owner, 1);
    page_put(p);
}

static void enter(struct container *c, uint32_t page, struct page *p)
{
    page_get(p);
    if (!p->home) {
        page_enter_home(p, &c->home, page);
    }
    c->real++;
    task_charge_pages(c->owner, 1);
}

void container_set(struct container *c, uint32_t page, uint32_t ref)
{
    uint32_t *word = leaf_word(c, page);
    if (!word) {
        ASSERT(ref == untabled(c, page));
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

/* The first place of start .. limit that refers to a page, or one at or behind `limit`: the first
 * one that was not looked at. */
static uint32_t next_real(const struct container *c, uint32_t start, uint32_t limit)
{
    uint32_t page = start;
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
    return page;
}

uint32_t container_next_real(const struct container *c, uint32_t start)
{
    return start < c->size_pages ? next_real(c, start, c->size_pages) : c->size_pages;
}

bool container_find_real(const struct container *c, uint32_t *page, uint32_t end)
{
    ASSERT(*page <= end && end <= c->size_pages);
    while (*page < end && budget_left()) {
        uint32_t limit = end - *page > LOOK_ENTRIES ? *page + LOOK_ENTRIES : end;
        uint32_t found = next_real(c, *page, limit);
        budget_spend(BUDGET_LOOK);
        *page = found < end ? found : end;
        if (found < limit) {
            return true;
        }
    }
    return false;
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

bool container_unmap_some(struct container *c, uint32_t *page, uint32_t end, L4_Word_t rights)
{
    struct unmap_batch b;
    b.rights = rights;
    b.count = 0;
    while (container_find_real(c, page, end)) {
        unmap_batch_add(&b, container_page(c, *page));
        ++*page;
    }
    unmap_batch_flush(&b);
    return *page == end;
}

/* start .. end lie in one leaf.  A table is needed only for a part of it. */
static enum error fill_leaf(struct container *c, uint32_t start, uint32_t end, uint32_t ref)
{
    bool whole = (start & LEAF_MASK) == 0 && end == leaf_end(c, start);
    bool tabled = leaf_word(c, start) != NULL;
    if (!tabled && ref == untabled(c, start)) {
        return OK;
    }
    enum error e = tabled ? OK : whole ? reserve_root(c) : container_reserve(c, start);
    if (e != OK) {
        return e;
    }
    for (uint32_t i = start; i < end && (tabled || !whole); i++) {
        container_set(c, i, ref);
    }
    if (whole) {
        drop_leaf(c, start, ref);
        progress_made();
    } else {
        trim_leaf(c, start);
    }
    return OK;
}

/* Every page becomes a hole or an implied zero, which needs no table. */
static void fill_all(struct container *c, uint32_t ref)
{
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        container_set(c, i, ref);
    }
    drop_tables(c);
    c->missing = ref;
    progress_made();
}

enum error container_fill(struct container *c, uint32_t start, uint32_t end, uint32_t ref)
{
    ASSERT(start <= end && end <= c->size_pages && ref <= REF_ZERO);
    container_unmap(c, start, end, L4_FullyAccessible);
    if (start == 0 && end == c->size_pages) {
        fill_all(c, ref);
        return OK;
    }
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
    fill_all(c, REF_HOLE);
    ASSERT(c->real == 0 && c->tables == 0 && c->home.counts.pages == 0);
    sweep_leave(c->owner, c);
    list_remove(&c->of_task);
    c->owner->container_count--;
    task_refund_record(c->owner, sizeof *c);
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
