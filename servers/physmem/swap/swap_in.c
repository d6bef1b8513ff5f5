/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_in.h"

#include "contents/container.h"
#include "contents/page.h"
#include "base/assertion.h"
#include "ground/budget.h"
#include "room/frame.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"

enum { RUN_MAX = 16 }; /* pages read for one fault, when faults follow each other */

enum error swap_in_pages(const struct place *places, uint32_t count, uint32_t leave, uint32_t *got)
{
    frame_t frames[SWAP_RUN_MAX];
    ASSERT(count > 0 && count <= SWAP_RUN_MAX);
    *got = 0;
    if (!swap_area_ready()) {
        return swap_area_error();
    }
    if (!transfer_has_room(SWAP_READ)) {
        return ERR_BUSY;
    }
    uint32_t most = swap_area_run_max();
    count = count < most ? count : most;
    for (; *got < count; ++*got) {
        frame_t f = frame_alloc(*got == 0 ? leave : frame_low_mark(), FRAME_PAGE);
        if (f == FRAME_NONE) {
            break;
        }
        page_start_read(&places[*got].container->home, places[*got].page, f);
        frames[*got] = f;
        ASSERT(frame_table[f].slot == frame_table[frames[0]].slot + *got);
        budget_spend(BUDGET_FRAME);
    }
    if (*got == 0) {
        return ERR_BUSY;
    }
    transfer_submit(SWAP_READ, frames, *got, NULL);
    return OK;
}

/* The page and those after it, as long as they are out and lie one behind the other on the disk
 * too; at most `max`. */
static uint32_t run_from(struct container *c, uint32_t page, uint32_t max, struct place *places)
{
    uint32_t count = 0;
    slot_t first = entry_slot(container_page(c, page));
    ASSERT(first != SLOT_NONE);
    while (count < max && page + count < container_size(c) &&
           entry_slot(container_page(c, page + count)) == first + count) {
        places[count] = (struct place){c, page + count};
        count++;
    }
    return count;
}

/* How much to read for a fault: twice as much as last time if it goes on where the last one ended,
 * else the page alone. */
static uint32_t run_wanted(struct container *c, uint32_t page)
{
    uint32_t pages = 1;
    if (page == c->read_next && c->read_pages > 0) {
        pages = c->read_pages < RUN_MAX ? 2 * c->read_pages : RUN_MAX;
    }
    return pages;
}

static enum error read_run(struct container *c, uint32_t page, uint32_t leave)
{
    struct place places[RUN_MAX];
    uint32_t wanted = run_wanted(c, page), got;
    uint32_t count = run_from(c, page, wanted, places);
    enum error e = swap_in_pages(places, count, leave, &got);
    if (e == OK) {
        c->read_first = page;
        c->read_next = page + got;
        c->read_pages = (uint16_t)wanted;
    }
    return e;
}

enum error swap_in_run(struct container *c, uint32_t page)
{
    return read_run(c, page, FRAMES_LEFT_BY_FAULT);
}

void swap_in_used(struct container *c, uint32_t page)
{
    bool goes_on = c->read_pages > 1 && page == c->read_first && c->read_next < container_size(c);
    if (goes_on && frame_waiters() == 0 && entry_slot(container_page(c, c->read_next)) != SLOT_NONE) {
        (void)read_run(c, c->read_next, frame_low_mark());
    }
}
