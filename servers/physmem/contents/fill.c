/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/fill.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "ground/budget.h"
#include "ground/progress.h"
#include "tasks/task.h"

/* Pages of windows that do not exist, whole ones in one group. */
static enum error fill_blanks(struct container *c, uint32_t start, uint32_t end, entry_t entry)
{
    enum error e = window_has_group(&c->home, start) ? OK : container_tables_allowed(c);
    if (e == OK) {
        uint32_t before = container_table_bytes(c);
        e = window_set_blank(&c->home, start, end, entry);
        container_charge_tables(c, before);
    }
    return e;
}

/* Pages of one window. */
static enum error fill_window(struct container *c, uint32_t start, uint32_t end, entry_t entry)
{
    if (!window_find(&c->home, start)) {
        enum error e = window_blank(&c->home, start) == entry ? OK : container_reserve(c, start);
        if (e != OK || !window_find(&c->home, start)) {
            return e;
        }
    }
    struct window *w = window_find(&c->home, start);
    for (uint32_t i = start; i < end; i++) {
        if (entry_is_real(w->entries[i % WINDOW_PAGES])) {
            container_set(c, i, entry);
            budget_spend(BUDGET_FRAME);
        } else {
            w->entries[i % WINDOW_PAGES] = entry;
        }
    }
    container_trim(c, start);
    budget_spend(4 * BUDGET_LOOK);
    return OK;
}

/* The end of what is filled at once from there on: whole windows that do not exist, or a window. */
static uint32_t piece_end(const struct container *c, uint32_t start, uint32_t end)
{
    uint32_t stop = window_blank_end(&c->home, start, false);
    stop = stop < end ? stop : end;
    if (stop < container_size(c)) {
        stop &= ~(uint32_t)(WINDOW_PAGES - 1);
    }
    if (start % WINDOW_PAGES == 0 && stop > start) {
        return stop;
    }
    stop = window_end(&c->home, start);
    return stop < end ? stop : end;
}

static enum error fill_piece(struct container *c, uint32_t start, uint32_t end, entry_t entry)
{
    bool whole = start % WINDOW_PAGES == 0 && end >= window_end(&c->home, start);
    bool blank = !window_find(&c->home, start);
    budget_spend(4 * BUDGET_LOOK);
    enum error e = whole && blank ? fill_blanks(c, start, end, entry) : fill_window(c, start, end, entry);
    if (e == OK) {
        progress_made();
    }
    return e;
}

/* Nobody has the pages of a piece mapped any more.  False: that goes on in another event. */
static bool unmap_piece(struct container *c, uint32_t start, uint32_t end)
{
    return !window_find(&c->home, start) || container_unmap(c, start, end, L4_FullyAccessible);
}

enum error container_fill_some(struct container *c, uint32_t *page, uint32_t end, entry_t entry)
{
    ASSERT(*page <= end && end <= container_size(c) && !entry_is_real(entry));
    if (*page == 0 && end == container_size(c)) {
        c->home.missing = entry; /* so that no group stays that says the same of all its pages */
        *page = container_table_bytes(c) == 0 ? end : 0;
        progress_made();
    }
    while (*page < end && budget_left()) {
        uint32_t stop = piece_end(c, *page, end);
        bool away = container_entry(c, *page) == ENTRY_AWAY;
        if (!unmap_piece(c, *page, stop)) {
            break;
        }
        enum error e = away ? ERR_BUSY : fill_piece(c, *page, stop, entry);
        if (e != OK) {
            return e;
        }
        *page = stop;
    }
    return OK;
}

/* A window's pages become holes, and the window goes.  False: it goes in another event. */
static bool empty_window(struct container *c, uint32_t start)
{
    struct unmap_batch b;
    uint32_t end = window_end(&c->home, start), before = container_table_bytes(c);
    unmap_batch_init(&b, L4_FullyAccessible);
    for (uint32_t i = start; i < end; i++) {
        frame_t f = container_frame(c, i);
        if (f != FRAME_NONE && !container_stays_mapped(c, f)) {
            unmap_batch_add(&b, f);
        }
    }
    if (!unmap_batch_flush(&b)) {
        return false;
    }
    for (uint32_t i = start; i < end; i++) {
        if (entry_is_real(container_entry(c, i))) {
            container_set(c, i, ENTRY_HOLE);
        }
    }
    window_drop(&c->home, start, c->home.missing);
    container_charge_tables(c, before);
    budget_spend(2 * (end - start));
    return true;
}

void container_drop_group(struct container *c, uint32_t page)
{
    uint32_t before = container_table_bytes(c);
    window_drop_group(&c->home, page);
    container_charge_tables(c, before);
}

bool container_empty_some(struct container *c)
{
    uint32_t *page = &c->emptied;
    ASSERT(c->ending);
    while (*page < container_size(c) && container_table_bytes(c) > 0 && budget_left()) {
        uint32_t end = group_end(&c->home, *page);
        budget_spend(BUDGET_LOOK);
        *page = window_next(&c->home, *page);
        if (*page < end) {
            if (!empty_window(c, *page)) {
                return false;
            }
            *page = window_end(&c->home, *page);
        }
        if (*page == end && !window_group_is_away(&c->home, end - 1)) {
            container_drop_group(c, end - 1);
        }
    }
    return *page == container_size(c) || container_table_bytes(c) == 0;
}
