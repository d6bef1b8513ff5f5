/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/provide.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/kept.h"
#include "contents/logical_copy.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "policy/shield.h"
#include "room/frame.h"
#include "swap/swap_area.h"
#include "swap/swap_in.h"
#include "tasks/task.h"

static enum provided provide_error(enum error e, entry_t entry, enum error *why)
{
    if (e == ERR_BUSY) {
        return entry == ENTRY_AWAY ? PROVIDE_WAIT_WINDOW : PROVIDE_WAIT_FRAME;
    }
    *why = e;
    return PROVIDE_REFUSED;
}

/* An implied zero becomes a page. */
static enum error make_zero_page(struct container *c, uint32_t page, frame_t *result)
{
    enum error e = task_quota_allows(c->owner, 1);
    if (e == OK) { /* first the frame, for want of which the fault is tried again and again */
        e = page_new(result, c->map);
    }
    if (e != OK) {
        return e;
    }
    e = container_enter(c, page, *result);
    if (e != OK) {
        page_free(*result);
        return e;
    }
    memset(frame_memory(*result), 0, PAGE_SIZE);
    budget_spend(BUDGET_CHECKSUM);
    counters.zero_fills++;
    return OK;
}

/* A page that is out comes in, or is being read. */
static enum error fetch(struct container *c, uint32_t page, slot_t slot)
{
    if (slot != SLOT_NONE) {
        return swap_in_run(c, page);
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_FAULT, FRAME_PAGE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    page_fill_zero(&c->home, page, f);
    counters.zero_fills++;
    return OK;
}

bool page_needs_frame(entry_t entry, bool write)
{
    frame_t f = entry_frame(entry);
    if (f == FRAME_NONE) {
        return entry == ENTRY_ZERO || entry_kind(entry) == KIND_SLOT;
    }
    return write && page_is_shared(f) && !page_in_transit(f);
}

/* Who pays for the frame from now on?  The home's task, as long as it can: not if it is out, or if
 * a wired task keeps the page.  For a boot module's page nobody does, but for wired tasks. */
static bool must_take_home(const struct container *c, frame_t f)
{
    const struct container *home = container_of_home(frame_table[f].home);
    if (home == c) {
        return false;
    }
    return c->owner->wired || !home || (!frame_table[f].twice && home->owner->state != TASK_MEMORY_IN);
}

/* The page is in memory: it is kept if pages of the place are. */
static void keep(struct container *c, uint32_t page, frame_t f)
{
    if (c->stays && (c->owner->wired || kept_has(c, page))) {
        page_set_wired(f, true);
    }
}

/* The same; and it is made the place's own if nobody else names it. */
static void settle(struct container *c, uint32_t page, frame_t f)
{
    if (frame_table[f].shared && !page_is_shared(f)) {
        page_unshare(&c->home, page);
    }
    keep(c, page, f);
    if (must_take_home(c, f)) {
        page_take_home(f, &c->home, page);
    }
    ASSERT(frame_table[f].state == PAGE_IN);
}

/* The place has a page: what can be done about that.  OK: it has a frame. */
static enum error get_frame(struct container *c, uint32_t page, entry_t entry, frame_t *result)
{
    enum error e = OK;
    switch (entry_kind(entry)) {
    case KIND_SLOT:
        e = fetch(c, page, entry_slot(entry));
        *result = container_frame(c, page);
        return e;
    case KIND_FRAME:
        *result = entry_frame(entry);
        swap_in_used(c, page);
        return OK;
    case KIND_BAD:
        return (enum error)entry_number(entry);
    case KIND_AWAY:
        return away_miss(c, page);
    case KIND_HOLE:
    case KIND_ZERO:
    case KIND_SHARED:
        break;
    }
    return ERR_HOLE;
}

enum provided page_provide(struct container *c, uint32_t page, entry_t entry, bool write, frame_t *result,
                           enum error *why)
{
    frame_t f = FRAME_NONE;
    if (entry == ENTRY_ZERO) {
        enum error e = make_zero_page(c, page, result);
        if (e != OK) {
            return provide_error(e, entry, why);
        }
        keep(c, page, *result);
        return PROVIDE_DONE;
    }
    if (entry_slot(entry) != SLOT_NONE && swap_area_awaited()) {
        return PROVIDE_WAIT_SWAP;
    }
    enum error e = get_frame(c, page, entry, &f);
    if (e == OK && page_in_transit(f)) {
        page_set_wanted(f);
        return PROVIDE_WAIT_DISK;
    }
    if (e == OK && write && page_is_shared(f)) {
        e = copy_break(c, page, &f);
    }
    if (e != OK) {
        return provide_error(e, entry, why);
    }
    settle(c, page, f);
    *result = f;
    return PROVIDE_DONE;
}

L4_Word_t page_map_item(struct task *t, frame_t f, L4_Word_t rights)
{
    struct frame *frame = &frame_table[f];
    ASSERT(frame->state == PAGE_IN);
    rights &= page_is_shared(f) ? L4_ReadeXecOnly : L4_FullyAccessible;
    frame->mapped = true;
    frame->writable |= (rights & L4_Writable) != 0;
    shield_add(t, f);
    return L4_FpageAddRights(L4_FpageLog2(f << PAGE_SHIFT, PAGE_SHIFT), rights).raw;
}
