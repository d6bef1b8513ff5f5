/* SPDX-License-Identifier: BSD-2-Clause */
#include "swap/swap_out.h"

#include "contents/module.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/least.h"
#include "room/frame.h"
#include "room/slot.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"

/* Slots for a run of pages that are written twice. */
enum { SLOTS_AHEAD = 2 * SWAP_RUN_MAX, FRAMES_PER_LOOK = 4 };

static frame_t spare_hand; /* looked at last for a page that has a slot as well */

static uint32_t free_slots(void)
{
    return slot_counts.total - slot_counts.used - slot_counts.bad;
}

uint32_t swap_out_room(void)
{
    return free_slots() + page_totals.spare + page_totals.twins;
}

void swap_out_init(void)
{
    spare_hand = FRAME_NONE;
}

/* Takes the slots of pages that are in memory as well, among the next few frames. */
static void take_spare_slots(void)
{
    budget_spend(BUDGET_LOOK);
    for (uint32_t i = 0; i < FRAMES_PER_LOOK; i++) {
        spare_hand = spare_hand + 1 < frame_table_count ? spare_hand + 1 : 0;
        if (frame_table[spare_hand].kind == FRAME_PAGE && page_has_spare_slot(spare_hand)) {
            page_give_slot_up(spare_hand);
        }
    }
}

void swap_out_find_slots(void)
{
    while (free_slots() < SLOTS_AHEAD && page_totals.spare > 0 && budget_left()) {
        take_spare_slots();
    }
    if (free_slots() < SLOTS_AHEAD && budget_left()) {
        module_give_twins_up(SLOTS_AHEAD - free_slots());
    }
}

/* How many pages from the first on have slots one behind the other already. */
static uint32_t in_place(const frame_t *frames, uint32_t count)
{
    uint32_t n = 0;
    ASSERT(count > 0);
    while (n < count && frame_table[frames[0]].slot != SLOT_NONE &&
           frame_table[frames[n]].slot == frame_table[frames[0]].slot + n) {
        n++;
    }
    return n;
}

/* Gives the pages consecutive slots; returns for how many there were, from the first on. */
static uint32_t place(const frame_t *frames, uint32_t count)
{
    if (in_place(frames, count) == count) {
        return count;
    }
    for (uint32_t i = 0; i < count; i++) { /* dirty: what the old slots hold is of no use */
        if (frame_table[frames[i]].slot != SLOT_NONE) {
            page_give_slot_up(frames[i]);
        }
    }
    slot_t first;
    uint32_t got = slot_alloc_run(count, &first);
    ASSERT(got <= count);
    for (uint32_t i = 0; i < got; i++) {
        page_set_slot(frames[i], first + i, 0);
    }
    return got;
}

/* The same for pages that are to be written twice, as far as there are two slots for each, and
 * their request has room for both: it has `most` slots. */
static uint32_t place_twice(const frame_t *frames, uint32_t count, uint32_t most)
{
    slot_t first;
    uint32_t got = slot_alloc_run(2 * least(count, most / 2), &first), pairs = got / 2;
    ASSERT(pairs <= count);
    if (got % 2 != 0) {
        slot_free(first + got - 1);
    }
    for (uint32_t i = 0; i < pairs; i++) {
        page_set_slot(frames[i], first + i, pairs);
    }
    return pairs;
}

/* How many pages from the first on are written as often as that one. */
static uint32_t same_kind(const frame_t *frames, uint32_t count)
{
    uint32_t n = 1;
    while (n < count && frame_table[frames[n]].twice == frame_table[frames[0]].twice) {
        n++;
    }
    return n;
}

static uint32_t place_run(const frame_t *frames, uint32_t count)
{
    uint32_t most = swap_area_run_max(), n = same_kind(frames, count), got = 0;
    if (frame_table[frames[0]].twice && most > 1) {
        got = place_twice(frames, n, most);
    }
    return got > 0 ? got : place(frames, least(n, most));
}

/* All of them IN, dirty, not mapped. */
static enum error write_pages(const frame_t *frames, uint32_t count, struct task *outswap)
{
    while (count > 0) {
        if (!transfer_has_room(SWAP_WRITE)) {
            return ERR_BUSY;
        }
        uint32_t run = place_run(frames, count);
        bool in_pieces = run < least(count, swap_area_run_max());
        if (run == 0) {
            return ERR_NO_ROOM;
        }
        ASSERT(run <= count);
        for (uint32_t i = 0; i < run; i++) {
            page_start_write(frames[i]);
        }
        transfer_submit(SWAP_WRITE, frames, run, outswap);
        frames += run;
        count -= run;
        if (in_pieces && !budget_left()) {
            return ERR_BUSY;
        }
    }
    return OK;
}

/* False: some may still be mapped, and go with another event. */
static bool unmap_all(const frame_t *frames, uint32_t count)
{
    struct unmap_batch b;
    unmap_batch_init(&b, L4_FullyAccessible);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(frame_table[frames[i]].state == PAGE_IN && !frame_table[frames[i]].wired);
        unmap_batch_add(&b, frames[i]);
    }
    return unmap_batch_flush(&b);
}

enum error swap_out(const frame_t *frames, uint32_t count, struct task *outswap)
{
    frame_t dirty[SWAP_RUN_MAX];
    uint32_t n = 0;
    ASSERT(count <= SWAP_RUN_MAX);
    if (!unmap_all(frames, count)) {
        return ERR_BUSY;
    }
    for (uint32_t i = 0; i < count; i++) {
        counters.evictions++;
        if (frame_table[frames[i]].dirty) {
            dirty[n++] = frames[i];
        } else {
            page_evict(frames[i]);
        }
    }
    if (n == 0) {
        return OK;
    }
    return swap_area_ready() ? write_pages(dirty, n, outswap) : swap_area_error();
}
