/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/logical_copy.h"

#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "room/frame.h"
#include "tasks/task.h"

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

enum error logical_copy(struct container *from, uint32_t first, struct container *to, uint32_t to_first,
                        uint32_t count, uint32_t *done)
{
    /* Before a page becomes shared nobody may have the right to write to it.  The second line only
     * saves an Unmap for each page. */
    container_unmap(from, first, first + count, L4_Writable);
    container_unmap(to, to_first, to_first + count, L4_FullyAccessible);
    for (*done = 0; *done < count; ++*done) {
        enum error e = copy_page(from, first + *done, to, to_first + *done);
        if (e != OK) {
            return e;
        }
    }
    return OK;
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
