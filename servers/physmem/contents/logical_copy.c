/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/logical_copy.h"

#include "contents/away.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/least.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "room/frame.h"
#include "tasks/task.h"

enum { PIECE_PAGES = 16 };

/* The place's page can be named by others too: *entry does. */
static enum error share_page(struct container *c, uint32_t page, entry_t *entry)
{
    if (entry_kind(*entry) != KIND_SHARED) {
        enum error e = page_share(&c->home, page);
        *entry = container_entry(c, page);
        return e;
    }
    return shared_find(entry_number(*entry))->refs < SHARED_REFS_MAX ? OK : ERR_NO_MEMORY;
}

static enum error copy_page(struct container *from, uint32_t page, struct container *to, uint32_t to_page)
{
    entry_t entry = container_entry(from, page), old = container_entry(to, to_page);
    if (entry == ENTRY_AWAY || old == ENTRY_AWAY) {
        return entry == ENTRY_AWAY ? away_miss(from, page) : away_miss(to, to_page);
    }
    if (entry == old) {
        return OK;
    }
    bool more = entry_is_real(entry) && !entry_is_real(old);
    enum error e = more ? task_quota_allows(to->owner, 1) : OK;
    if (e == OK) {
        e = container_reserve(to, to_page);
    }
    if (e == OK && entry_is_real(entry)) {
        e = share_page(from, page, &entry);
    }
    if (e == OK) {
        frame_t f = container_frame(from, page);
        ASSERT(f == FRAME_NONE || frame_table[f].state != PAGE_IN || !frame_table[f].writable);
        container_set(to, to_page, entry);
        to->copied++;
    }
    container_trim(to, to_page);
    return e;
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

/* Before a page becomes shared nobody may have the right to write to it.  The second line only
 * saves an Unmap for each page. */
static enum error copy_piece(const struct place *from, const struct place *to, uint32_t count, uint32_t *done)
{
    container_unmap(from->container, from->page, from->page + count, L4_Writable);
    container_unmap(to->container, to->page, to->page + count, L4_FullyAccessible);
    budget_spend(count * BUDGET_COPY);
    for (*done = 0; *done < count; ++*done) {
        enum error e = copy_page(from->container, from->page + *done, to->container, to->page + *done);
        if (e != OK) {
            return e;
        }
    }
    return OK;
}

enum error logical_copy(struct place from, struct place to, uint32_t count, uint32_t *done)
{
    enum error e = OK;
    for (*done = 0; e == OK && *done < count && budget_left();) {
        uint32_t uniform = window_blank_end(&from.container->home, from.page, true) - from.page, piece;
        e = uniform > 0 ? copy_uniform(&from, &to, least(uniform, count - *done), &piece)
                        : copy_piece(&from, &to, least(PIECE_PAGES, count - *done), &piece);
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
    enum error e = page_new(&copy);
    if (e != OK) {
        return e;
    }
    memcpy(frame_memory(copy), frame_memory(*f), PAGE_SIZE);
    budget_spend(BUDGET_CHECKSUM);
    frame_table[copy].dirty = p->dirty || p->slot != SLOT_NONE;
    container_set(c, page, entry_of_frame(copy)); /* unmaps the old one from everybody */
    counters.copies++;
    *f = copy;
    return OK;
}
