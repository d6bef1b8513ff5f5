/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/container.h"

#include "base/assertion.h"
#include "contents/kept.h"
#include "ground/budget.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/frame.h"
#include "room/slab.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum { LOOK_ENTRIES = 64 }; /* that are looked at between two looks at the budget */

static struct slab containers;

void container_init(void)
{
    slab_init(&containers, sizeof(struct container));
}

/* A sweep of the task that has come to this container goes on with the next one. */
static void sweep_leave(struct task *t, struct container *c)
{
    if (t->presence && t->presence->sweep.container == c) {
        struct list *next = c->of_task.next;
        bool end = next == &t->containers;
        t->presence->sweep = (struct sweep){end ? NULL : LIST_ENTRY(next, struct container, of_task), 0};
    }
}

uint32_t container_number(const struct container *c)
{
    return slab_name(&containers, c);
}

struct container *container_numbered(uint32_t number)
{
    return slab_named(&containers, number);
}

enum error container_create(struct task *owner, uint32_t size_pages, entry_t missing,
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
    c->home.size_pages = size_pages;
    c->home.missing = missing;
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

__attribute__((cold)) void container_move(struct container *c, struct task *owner)
{
    sweep_leave(c->owner, c);
    task_refund_pages(c->owner, c->real);
    task_charge_pages(owner, c->real);
    task_refund_record(c->owner, sizeof *c);
    task_charge_record(owner, sizeof *c);
    task_change_tables(c->owner, 0 - container_table_bytes(c), 0 - c->away_charged);
    task_change_tables(owner, container_table_bytes(c), c->away_charged);
    list_remove(&c->of_task);
    list_append(&owner->containers, &c->of_task);
    counts_move(&c->home.counts, &c->owner->pages, &owner->pages);
    c->home.of_owner = &owner->pages;
    c->foreign = c->used; /* whose it was may have it mapped */
    c->stays = owner->wired;
    c->owner = owner;
}

/* ---- windows ---- */

uint32_t container_table_bytes(const struct container *c)
{
    return (c->home.windows + c->home.away) * (uint32_t)sizeof(struct window) +
           c->home.groups * (uint32_t)sizeof(struct group);
}

void container_charge_tables(struct container *c, uint32_t before)
{
    uint32_t now = container_table_bytes(c), away = c->home.away * (uint32_t)sizeof(struct window);
    if (now != before || away != c->away_charged) {
        task_change_tables(c->owner, now - before, away - c->away_charged);
        c->away_charged = away;
    }
}

entry_t container_entry(const struct container *c, uint32_t page)
{
    ASSERT(page < container_size(c));
    const struct window *w = window_find(&c->home, page);
    return w ? w->entries[page % WINDOW_PAGES] : window_blank(&c->home, page);
}

entry_t container_page(const struct container *c, uint32_t page)
{
    return shared_page(container_entry(c, page));
}

enum error container_tables_allowed(const struct container *c)
{
    return task_tables_allowed(c->owner, sizeof(struct window) + sizeof(struct group));
}

static enum error make_window(struct container *c, uint32_t page)
{
    enum error e = container_tables_allowed(c);
    if (e == OK) {
        uint32_t before = container_table_bytes(c);
        e = window_make(&c->home, page);
        container_charge_tables(c, before);
    }
    return e;
}

enum error container_reserve(struct container *c, uint32_t page)
{
    return window_find(&c->home, page) ? OK : make_window(c, page);
}

void container_trim(struct container *c, uint32_t page)
{
    uint32_t before = container_table_bytes(c);
    if (!c->map) {
        window_trim(&c->home, page);
    }
    container_charge_tables(c, before);
}

/* ---- entries ---- */

static bool names(const struct container *c, entry_t shared, uint32_t first, uint32_t end)
{
    uint32_t i = container_next_real(c, first);
    while (i < end && container_entry(c, i) != shared) {
        i = container_next_real(c, i + 1);
    }
    return i < end;
}

__attribute__((cold)) static bool is_kept(entry_t shared)
{
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        const struct task *t = LIST_ENTRY(i, struct task, all);
        for (struct list *k = t->containers.next; t->wired && k != &t->containers; k = k->next) {
            const struct container *c = LIST_ENTRY(k, struct container, of_task);
            if (names(c, shared, 0, container_size(c))) {
                return true;
            }
        }
    }
    bool found = false;
    for (uint32_t i = 0; i < KEPT_RANGES && !found; i++) {
        const struct kept_range *r = &kept_ranges[i];
        found = r->container && names(r->container, shared, r->first, r->end);
    }
    return found;
}

/* A place where pages stay has given up a page that others share: the page may be evicted again,
 * unless it stays for another place.  Wired tasks are drivers, few and small, so all that they have
 * is looked at. */
static void stop_keeping(frame_t f)
{
    if (frame_table[f].wired && !is_kept(entry_make(KIND_SHARED, frame_table[f].id))) {
        page_set_wired(f, false);
    }
}

/* The page of that entry, which is in memory, is about to be given up by the container. */
static void leave_memory(struct container *c, frame_t f)
{
    if (!container_stays_mapped(c, f)) {
        page_unmap_wholly(f); /* the callers of container_set have seen to it */
    }
    if (c->stays && page_is_shared(f)) {
        stop_keeping(f);
    }
    if (frame_table[f].wanted) {
        progress_place_changed();
    }
}

void container_give_up(struct container *c, uint32_t page, entry_t entry)
{
    page_leave(entry, &c->home, page);
    ASSERT(c->real > 0);
    c->real--;
    task_refund_pages(c->owner, 1);
}

static void leave(struct container *c, uint32_t page, entry_t entry)
{
    frame_t f = entry_frame(shared_page(entry));
    if (f != FRAME_NONE) {
        leave_memory(c, f);
    }
    container_give_up(c, page, entry);
}

void container_count_entered(struct container *c, uint32_t pages)
{
    c->real += pages;
    task_charge_pages(c->owner, pages);
}

enum error container_enter(struct container *c, uint32_t page, frame_t f)
{
    struct window *w = window_find(&c->home, page);
    if (!w) {
        enum error e = make_window(c, page);
        if (e != OK) {
            return e;
        }
        w = window_find(&c->home, page);
    }
    ASSERT(w && w->entries[page % WINDOW_PAGES] == ENTRY_ZERO);
    w->entries[page % WINDOW_PAGES] = entry_of_frame(f);
    page_enter(entry_of_frame(f), &c->home, page);
    container_count_entered(c, 1);
    return OK;
}

/* Whether somebody may go on when the old entry is replaced: not by a page if it was a zero, or the
 * page of others, too. */
static bool lets_go_on(entry_t old, entry_t entry)
{
    bool others = entry_kind(old) == KIND_SHARED && shared_find(entry_number(old))->refs > 1;
    return entry == ENTRY_HOLE || (old != ENTRY_ZERO && !others);
}

void container_set(struct container *c, uint32_t page, entry_t entry)
{
    struct window *w = window_find(&c->home, page);
    ASSERT(w);
    entry_t *at = &w->entries[page % WINDOW_PAGES], old = *at;
    ASSERT(!entry_is_real(entry) || entry != old);
    if (c->module && entry_is_real(old)) {
        page_set_twice(&c->home, page, false);
        old = *at;
    }
    if (lets_go_on(old, entry)) {
        progress_made();
    }
    *at = entry;
    w->found.marks &= (uint16_t) ~(1u << page % WINDOW_PAGES);
    if (entry_is_real(entry)) {
        page_enter(entry, &c->home, page);
        container_count_entered(c, 1);
    }
    if (entry_is_real(old)) {
        leave(c, page, old);
    }
}

/* The first place of start .. limit that has a page, or one at or behind `limit`: the first one
 * that was not looked at. */
static uint32_t next_real(const struct container *c, uint32_t start, uint32_t limit)
{
    uint32_t page = start;
    while (page < limit) {
        const struct window *w = window_find(&c->home, page);
        if (!w) {
            page = window_next(&c->home, page);
            continue;
        }
        uint32_t end = window_end(&c->home, page);
        for (end = end < limit ? end : limit; page < end; page++) {
            if (entry_is_real(w->entries[page % WINDOW_PAGES])) {
                return page;
            }
        }
    }
    return page;
}

uint32_t container_next_real(const struct container *c, uint32_t start)
{
    return start < container_size(c) ? next_real(c, start, container_size(c)) : container_size(c);
}

bool container_find_real(const struct container *c, uint32_t *page, uint32_t end)
{
    ASSERT(*page <= end && end <= container_size(c));
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

static void add_to_batch(struct unmap_batch *b, const struct container *c, uint32_t page)
{
    frame_t f = container_frame(c, page);
    if (f != FRAME_NONE) {
        unmap_batch_add(b, f);
    }
}

/* Pages of one window. */
static void add_window_to_batch(struct unmap_batch *b, const struct window *w, uint32_t start, uint32_t end)
{
    for (uint32_t i = start; i < end; i++) {
        frame_t f = entry_frame(shared_page(w->entries[i % WINDOW_PAGES]));
        if (f != FRAME_NONE) {
            unmap_batch_add(b, f);
        }
    }
}

bool container_unmap(struct container *c, uint32_t start, uint32_t end, L4_Word_t rights)
{
    struct unmap_batch b;
    unmap_batch_init(&b, rights);
    for (uint32_t page = start; page < end;) {
        const struct window *w = window_find(&c->home, page);
        uint32_t stop = w ? window_end(&c->home, page) : window_next(&c->home, page);
        stop = stop < end ? stop : end;
        if (w) {
            add_window_to_batch(&b, w, page, stop);
        }
        page = stop;
    }
    return unmap_batch_flush(&b);
}

bool container_unmap_some(struct container *c, uint32_t *page, uint32_t end, L4_Word_t rights)
{
    struct unmap_batch b;
    uint32_t start = *page;
    unmap_batch_init(&b, rights);
    while (container_find_real(c, page, end)) {
        add_to_batch(&b, c, *page);
        ++*page;
    }
    if (!unmap_batch_flush(&b)) {
        *page = start; /* what is done already is passed then */
    }
    return *page == end;
}

void container_leave_behind(struct container *c)
{
    ASSERT(c->ending && c->home.windows == 0 && list_is_empty(&c->handles));
    sweep_leave(c->owner, c);
    list_remove(&c->of_task);
    list_append(&c->owner->left, &c->of_task);
    c->emptied = 0;
    c->designated = false;
    progress_made();
}

void container_destroy(struct container *c)
{
    ASSERT(list_is_empty(&c->handles));
    ASSERT(c->real == 0 && c->home.counts.pages == 0);
    ASSERT(container_table_bytes(c) == 0);
    sweep_leave(c->owner, c);
    list_remove(&c->of_task);
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
    const struct window *w = window_find(&c->home, page);
    return w && w->found.marks >> page % WINDOW_PAGES & 1;
}

void container_set_working(struct container *c, uint32_t page, bool working)
{
    struct window *w = window_find(&c->home, page);
    uint32_t bit = 1u << page % WINDOW_PAGES;
    ASSERT(w && entry_is_real(w->entries[page % WINDOW_PAGES]));
    w->found.marks = (uint16_t)(working ? w->found.marks | bit : w->found.marks & ~bit);
}
