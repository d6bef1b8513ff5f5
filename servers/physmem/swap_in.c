/* SPDX-License-Identifier: BSD-2-Clause */
#include "mem.h"

#include "container.h"
#include "contract.h"
#include "frame.h"
#include "invariant.h"
#include "logical_copy.h"
#include "swap.h"
#include "swap_area.h"
#include "task.h"
#include "transfer.h"

static enum bring bring_error(enum error e, enum error *why)
{
    if (e == ERR_BUSY) {
        return BRING_WAIT_FRAME;
    }
    *why = e;
    return BRING_REFUSED;
}

/* An implied zero becomes a page. */
static enum error make_zero_page(struct container *c, uint32_t page)
{
    struct page *p;
    enum error e = contract_quota(c->owner, 1);
    if (e == OK) {
        e = container_reserve(c, page);
    }
    if (e == OK) {
        e = page_new(&p);
    }
    if (e != OK) {
        return e;
    }
    memset(frame_memory(p->frame), 0, PAGE_SIZE);
    container_set(c, page, page_ref(p));
    swap_counts.zero_fills++;
    return OK;
}

/* The page and those after it, as long as they are out and lie one behind the other on the disk too; at most `max`. */
static uint32_t run_from(const struct container *c, uint32_t page, uint32_t max, struct page **pages)
{
    uint32_t count = 0;
    while (count < max && page + count < c->size_pages) {
        struct page *p = container_page(c, page + count);
        if (!p || p->state != PAGE_OUT || (count > 0 && p->slot != pages[0]->slot + count)) {
            break;
        }
        pages[count++] = p;
    }
    return count;
}

/* How much to read for a fault: twice as much as last time if it goes on where the last one ended, else the page alone. */
static uint32_t run_wanted(struct container *c, uint32_t page)
{
    uint32_t pages = 1;
    if (page == c->read_next && c->read_pages > 0) {
        pages = c->read_pages < SWAP_IN_RUN_MAX ? 2 * c->read_pages : SWAP_IN_RUN_MAX;
    }
    return pages;
}

static enum error fetch_run(struct container *c, uint32_t page)
{
    struct page *pages[SWAP_IN_RUN_MAX];
    uint32_t wanted = run_wanted(c, page), got;
    uint32_t count = run_from(c, page, wanted, pages);
    enum error e = swap_in_pages(pages, count, FRAMES_LEFT_BY_FAULT, &got);
    if (e == OK) {
        c->read_next = page + got;
        c->read_pages = wanted;
    }
    return e;
}

/* OUT -> IN or READING. */
static enum error fetch(struct container *c, uint32_t page, struct page *p)
{
    if (p->slot != SLOT_NONE) {
        return fetch_run(c, page);
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_FAULT, FRAME_PAGE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    page_fill_zero(p, f);
    swap_counts.zero_fills++;
    return OK;
}

enum bring page_bring(struct container *c, uint32_t page, bool write, struct page **result, enum error *why)
{
    uint32_t ref = container_ref(c, page);
    enum error e = ref == REF_HOLE ? ERR_HOLE : OK;
    if (ref == REF_ZERO) {
        e = make_zero_page(c, page);
    }
    if (e != OK) {
        return bring_error(e, why);
    }
    struct page *p = container_page(c, page);
    if (p->state == PAGE_BAD) {
        return bring_error((enum error)p->error, why);
    }
    if (p->state == PAGE_OUT) {
        e = fetch(c, page, p);
    }
    if (e == OK && page_in_transit(p)) {
        return BRING_WAIT_DISK;
    }
    if (e == OK && write && p->refs > 1) {
        e = copy_break(c, page, &p);
    }
    if (e != OK) {
        return bring_error(e, why);
    }
    if (c->owner->wired) {
        p->wired = 1;
    }
    INVARIANT(p->state == PAGE_IN);
    *result = p;
    return BRING_DONE;
}

enum error swap_in_pages(struct page **pages, uint32_t count, uint32_t leave, uint32_t *got)
{
    INVARIANT(count > 0);
    *got = 0;
    if (!swap_area_ready()) {
        return ERR_NO_SWAP;
    }
    if (!transfer_has_room(SWAP_READ)) {
        return ERR_BUSY;
    }
    uint32_t most = swap_area_run_max();
    count = count < most ? count : most;
    for (; *got < count; ++*got) {
        INVARIANT(pages[*got]->slot == pages[0]->slot + *got);
        frame_t f = frame_alloc(*got == 0 ? leave : frame_low_mark(), FRAME_PAGE);
        if (f == FRAME_NONE) {
            break;
        }
        page_start_read(pages[*got], f);
    }
    if (*got == 0) {
        return ERR_BUSY;
    }
    transfer_submit(SWAP_READ, pages[0]->slot, pages, *got, NULL);
    return OK;
}
