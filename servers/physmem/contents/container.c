/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/container.h"

#include "base/assertion.h"
#include "contents/kept.h"
#include "ground/budget.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slab.h"
#include "room/table_frame.h"
#include "tasks/task.h"

/* Between two looks at the budget: entries that are looked at, and entries that are changed. */
enum { LOOK_ENTRIES = 64, PIECE_ENTRIES = 32, ENTRIES_PER_UNIT = 8 };
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
    c->stays = owner->wired;
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
    c->foreign = c->used; /* whose it was may have it mapped */
    c->stays = owner->wired;
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
    enum error e = task_table_allowed(c->owner);
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

static bool refers_to(const struct container *c, const struct page *p, uint32_t first, uint32_t end)
{
    uint32_t i = container_next_real(c, first);
    while (i < end && container_page(c, i) != p) {
        i = container_next_real(c, i + 1);
    }
    return i < end;
}

static bool is_kept(const struct page *p)
{
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        const struct task *t = LIST_ENTRY(i, struct task, all);
        for (struct list *k = t->containers.next; t->wired && k != &t->containers; k = k->next) {
            const struct container *c = LIST_ENTRY(k, struct container, of_task);
            if (refers_to(c, p, 0, c->size_pages)) {
                return true;
            }
        }
    }
    bool found = false;
    for (uint32_t i = 0; i < KEPT_RANGES && !found; i++) {
        const struct kept_range *r = &kept_ranges[i];
        found = r->container && refers_to(r->container, p, r->first, r->end);
    }
    return found;
}

/* A place where pages stay has given up its reference to a page that others share: the page may be
 * evicted again, unless it stays for another place.  Wired tasks are drivers, few and small, so all
 * that they have is looked at. */
static void stop_keeping(struct page *p)
{
    if (p->wired && !is_kept(p)) {
        page_set_wired(p, false);
    }
}

/* The space into which alone the container was mapped is gone, and its mappings with it; the page
 * is mapped for others, who share it. */
static bool stays_mapped(const struct container *c, const struct page *p)
{
    return c->unmapped && p->refs > 1;
}

static void leave(struct container *c, uint32_t page, struct page *p)
{
    if (!stays_mapped(c, p)) {
        page_unmap(p);
    }
    if (c->stays && p->refs > 1) {
        stop_keeping(p);
    }
    if (c->module) {
        page_set_twice(p, false);
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
    if (old != REF_ZERO || ref == REF_HOLE) { /* a page for a zero lets nobody go on */
        progress_made();
    }
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
    for (uint32_t i = next_real(c, start, end); i < end; i = next_real(c, i + 1, end)) {
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

/* ---- ranges, as far as the budget goes ---- */

/* start .. end lie in one leaf.  A table is needed only for a part of it. */
static enum error fill_piece(struct container *c, uint32_t start, uint32_t end, uint32_t ref)
{
    if (!leaf_word(c, start)) {
        bool whole = (start & LEAF_MASK) == 0 && end == leaf_end(c, start);
        if (ref == untabled(c, start)) {
            return OK;
        }
        enum error e = whole ? reserve_root(c) : container_reserve(c, start);
        if (e != OK) {
            return e;
        }
        if (whole) {
            drop_leaf(c, start, ref);
            progress_made();
            return OK;
        }
    }
    container_unmap(c, start, end, L4_FullyAccessible);
    uint32_t *word = leaf_word(c, start);
    for (uint32_t i = start; i < end; i++, word++) {
        if (*word > REF_ZERO) {
            container_set(c, i, ref);
        } else {
            *word = ref;
        }
    }
    progress_made();
    return OK;
}

/* Gives the root back if it says the same of all leaves. */
static void trim_root(struct container *c)
{
    if (is_small(c) || c->root == FRAME_NONE || c->tables > 1) {
        return;
    }
    uint32_t all = *root_entry(c, 0), i = 0;
    while (i < c->size_pages && *root_entry(c, i) == all) {
        i += LEAF_ENTRIES;
    }
    budget_spend((i >> LEAF_BITS) / ENTRIES_PER_UNIT);
    if (i < c->size_pages) {
        return;
    }
    c->missing = untabled(c, 0);
    give_table(c, &c->root);
}

/* The end of the piece that begins there: a leaf without a table is one. */
static uint32_t piece_end(const struct container *c, uint32_t page, uint32_t end)
{
    uint32_t stop = leaf_end(c, page);
    stop = stop < end ? stop : end;
    return leaf_word(c, page) && stop - page > PIECE_ENTRIES ? page + PIECE_ENTRIES : stop;
}

enum error container_fill_some(struct container *c, uint32_t *page, uint32_t end, uint32_t ref)
{
    ASSERT(*page <= end && end <= c->size_pages && ref <= REF_ZERO);
    if (c->tables == 0 && *page == 0 && end == c->size_pages) {
        c->missing = ref;
        *page = end;
        progress_made();
    }
    while (*page < end && budget_left()) {
        uint32_t stop = piece_end(c, *page, end);
        enum error e = fill_piece(c, *page, stop, ref);
        if (e != OK) {
            return e;
        }
        budget_spend(BUDGET_LOOK + (leaf_word(c, *page) ? (stop - *page) / ENTRIES_PER_UNIT : 0));
        if (stop == end || (stop & LEAF_MASK) == 0) {
            trim_leaf(c, *page);
        }
        *page = stop;
    }
    if (*page == end) {
        trim_root(c);
    }
    return OK;
}

uint32_t container_uniform_end(const struct container *c, uint32_t page)
{
    return leaf_word(c, page) ? page : leaf_end(c, page);
}

/* Real pages of the piece become holes. */
static void empty_piece(struct container *c, uint32_t start, uint32_t end)
{
    struct unmap_batch b;
    b.rights = L4_FullyAccessible;
    b.count = 0;
    for (uint32_t i = start; i < end; i++) {
        struct page *p = container_page(c, i);
        if (p && !stays_mapped(c, p)) {
            unmap_batch_add(&b, p);
        }
    }
    unmap_batch_flush(&b);
    for (uint32_t i = start; i < end; i++) {
        if (container_ref(c, i) > REF_ZERO) {
            container_set(c, i, REF_HOLE);
        }
    }
}

bool container_empty_some(struct container *c)
{
    uint32_t *page = &c->emptied;
    ASSERT(c->ending);
    while (*page < c->size_pages && budget_left()) {
        uint32_t leaf = *page & ~(uint32_t)LEAF_MASK, end = leaf_end(c, leaf);
        if (container_find_real(c, page, end)) {
            uint32_t stop = piece_end(c, *page, end);
            empty_piece(c, *page, stop);
            budget_spend(stop - *page);
            *page = stop;
        }
        if (*page == end && leaf_word(c, leaf)) {
            drop_leaf(c, leaf, c->missing);
        }
    }
    return *page == c->size_pages;
}

void container_destroy(struct container *c)
{
    ASSERT(list_is_empty(&c->handles));
    ASSERT(c->real == 0 && c->home.counts.pages == 0);
    if (c->root != FRAME_NONE) {
        give_table(c, &c->root);
    }
    ASSERT(c->tables == 0);
    sweep_leave(c->owner, c);
    list_remove(&c->of_task);
    c->owner->container_count--;
    task_refund_record(c->owner, sizeof *c);
    if (c->stays) {
        kept_forget(c);
    }
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
