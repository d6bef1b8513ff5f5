/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/logical_copy.h"

#include "contents/away.h"
#include "contents/fill.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/least.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "room/frame.h"
#include "tasks/task.h"

/* Pages of one window each, and these windows; the one that is copied to is made when it is
 * needed. */
struct piece {
    struct place from, to;
    struct window *source, *target;
    entry_t blank;    /* what the pages there are without a window */
    uint32_t entered; /* pages that are not counted yet */
};

static struct piece piece_at(const struct place *from, const struct place *to)
{
    return (struct piece){
        .from = *from,
        .to = *to,
        .source = window_find(&from->container->home, from->page),
        .blank = container_entry(to->container, to->page),
        .target = window_find(&to->container->home, to->page),
    };
}

/* The entry at that place can be replaced by a real one, or another one. */
static enum error prepare(struct piece *p, bool one_more)
{
    struct container *to = p->to.container;
    enum error e = one_more ? task_quota_allows(to->owner, p->entered + 1) : OK;
    if (e == OK && !p->target) {
        e = container_reserve(to, p->to.page);
        p->target = window_find(&to->home, p->to.page);
    }
    return e;
}

/* The source's i-th page can be named by others too: its entry does. */
static enum error share_page(const struct piece *p, uint32_t i)
{
    entry_t entry = p->source->entries[i];
    if (entry_kind(entry) != KIND_SHARED) {
        return page_share(&p->from.container->home, p->source, i);
    }
    return shared_find(entry_number(entry))->refs < SHARED_REFS_MAX ? OK : ERR_NO_MEMORY;
}

static enum error copy_page(struct piece *p, uint32_t offset)
{
    uint32_t i = (p->from.page + offset) % WINDOW_PAGES, k = (p->to.page + offset) % WINDOW_PAGES;
    entry_t entry = p->source->entries[i], old = p->target ? p->target->entries[k] : p->blank;
    if (entry == old) {
        return OK;
    }
    bool one_more = entry_is_real(entry) && !entry_is_real(old);
    enum error e = prepare(p, one_more);
    if (e == OK && entry_is_real(entry)) {
        e = share_page(p, i);
    }
    if (e != OK) {
        return e;
    }
    p->to.container->copied++;
    if (one_more) {
        p->target->entries[k] = p->source->entries[i];
        page_enter(p->target->entries[k], &p->to.container->home, p->to.page + offset);
        p->entered++;
    } else {
        container_set(p->to.container, p->to.page + offset, p->source->entries[i]);
    }
    return OK;
}

/* Pages of which no window of the source tells: all holes, or all implied zeros. */
static enum error copy_uniform(const struct place *from, const struct place *to, uint32_t count,
                               uint32_t *done)
{
    entry_t entry = container_entry(from->container, from->page);
    uint32_t page = to->page, same = window_blank_end(&to->container->home, page, true) - page;
    if (same > 0 && container_entry(to->container, page) == entry) {
        budget_spend(2 * BUDGET_LOOK);
        *done = least(same, count);
        return OK;
    }
    enum error e = container_fill_some(to->container, &page, to->page + count, entry);
    *done = page - to->page;
    return e == ERR_BUSY ? away_miss(to->container, page) : e;
}

/* Before a page becomes shared nobody may have the right to write to it.  The second Unmap only
 * saves one for each page. */
static enum error copy_piece(const struct place *from, const struct place *to, uint32_t count, uint32_t *done)
{
    struct piece p = piece_at(from, to);
    enum error e = OK;
    *done = 0;
    if (!p.source || p.blank == ENTRY_AWAY) {
        return away_miss(p.source ? to->container : from->container, p.source ? to->page : from->page);
    }
    if (!container_unmap(from->container, from->page, from->page + count, L4_Writable) ||
        !container_unmap(to->container, to->page, to->page + count, L4_FullyAccessible)) {
        return OK; /* it goes on in another event */
    }
    budget_spend(count * BUDGET_COPY);
    while (*done < count && e == OK) {
        e = copy_page(&p, *done);
        *done += e == OK;
    }
    container_count_entered(to->container, p.entered);
    container_trim(to->container, to->page);
    return e;
}

/* Pages from there on that lie in one window each. */
static uint32_t piece_pages(const struct place *from, const struct place *to)
{
    return least(WINDOW_PAGES - from->page % WINDOW_PAGES, WINDOW_PAGES - to->page % WINDOW_PAGES);
}

enum error logical_copy(struct place from, struct place to, uint32_t count, uint32_t *done)
{
    enum error e = OK;
    for (*done = 0; e == OK && *done < count && budget_left();) {
        uint32_t uniform = window_blank_end(&from.container->home, from.page, true) - from.page, piece;
        e = uniform > 0 ? copy_uniform(&from, &to, least(uniform, count - *done), &piece)
                        : copy_piece(&from, &to, least(piece_pages(&from, &to), count - *done), &piece);
        *done += piece;
        from.page += piece;
        to.page += piece;
    }
    return e;
}

enum error copy_break(struct container *c, uint32_t page, frame_t *f)
{
    frame_t copy;
    struct frame *p = &frame_table[*f];
    ASSERT(p->state == PAGE_IN && page_is_shared(*f));
    enum error e = page_new(&copy, false);
    if (e != OK) {
        return e;
    }
    if (!page_unmap(*f)) {
        page_free(copy);
        return ERR_BUSY;
    }
    memcpy(frame_memory(copy), frame_memory(*f), PAGE_SIZE);
    budget_spend(BUDGET_CHECKSUM);
    frame_table[copy].dirty = p->dirty || p->slot != SLOT_NONE;
    container_set(c, page, entry_of_frame(copy));
    counters.copies++;
    *f = copy;
    return OK;
}
