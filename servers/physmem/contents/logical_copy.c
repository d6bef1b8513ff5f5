/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/logical_copy.h"

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

static enum error copy_page(struct container *from, uint32_t page, struct container *to, uint32_t to_page)
{
    uint32_t ref = container_ref(from, page), old = container_ref(to, to_page);
    if (ref == old) {
        return OK;
    }
    struct page *p = ref > REF_ZERO ? page_of_ref(ref) : NULL;
    enum error e = p && old <= REF_ZERO ? task_quota_allows(to->owner, 1) : OK;
    if (e == OK && p && p->refs == PAGE_REFS_MAX) {
        e = ERR_NO_MEMORY;
    }
    if (e == OK) {
        e = container_reserve(to, to_page);
    }
    if (e != OK) {
        return e;
    }
    ASSERT(!p || p->state != PAGE_IN || !frame_table[p->frame].writable);
    container_set(to, to_page, ref);
    return OK;
}

/* Pages of which no table of the source tells: all holes, or all implied zeros. */
static enum error copy_uniform(const struct place *from, const struct place *to, uint32_t count,
                               uint32_t *done)
{
    uint32_t ref = container_ref(from->container, from->page), page = to->page;
    uint32_t same = container_uniform_end(to->container, to->page) - to->page;
    if (same > 0 && container_ref(to->container, to->page) == ref) {
        budget_spend(BUDGET_LOOK);
        *done = least(same, count);
        return OK;
    }
    enum error e = container_fill_some(to->container, &page, to->page + count, ref);
    *done = page - to->page;
    return e;
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
        uint32_t uniform = container_uniform_end(from.container, from.page) - from.page, piece;
        e = uniform > 0 ? copy_uniform(&from, &to, least(uniform, count - *done), &piece)
                        : copy_piece(&from, &to, least(PIECE_PAGES, count - *done), &piece);
        *done += piece;
        from.page += piece;
        to.page += piece;
    }
    return e;
}

enum error copy_break(struct container *c, uint32_t page, struct page **result)
{
    struct page *p = container_page(c, page), *copy;
    ASSERT(p->state == PAGE_IN && p->refs > 1);
    enum error e = page_new(&copy);
    if (e != OK) {
        return e;
    }
    memcpy(frame_memory(copy->frame), frame_memory(p->frame), PAGE_SIZE);
    budget_spend(BUDGET_CHECKSUM);
    copy->dirty = p->dirty || p->slot != SLOT_NONE;
    container_set(c, page, page_ref(copy)); /* unmaps the old one from everybody */
    counters.copies++;
    *result = copy;
    return OK;
}
