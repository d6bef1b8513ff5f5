/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/provide.h"

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
#include "serving/rounds.h"
#include "swap/swap_area.h"
#include "swap/swap_in.h"
#include "tasks/task.h"

static enum provided provide_error(enum error e, enum error *why)
{
    if (e == ERR_BUSY) {
        return PROVIDE_WAIT_FRAME;
    }
    *why = e;
    return PROVIDE_REFUSED;
}

/* An implied zero becomes a page. */
static enum error make_zero_page(struct container *c, uint32_t page, struct page **result)
{
    struct page *p;
    enum error e = task_quota_allows(c->owner, 1);
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
    budget_spend(BUDGET_CHECKSUM);
    container_set(c, page, page_ref(p));
    counters.zero_fills++;
    *result = p;
    return OK;
}

/* OUT -> IN or READING. */
static enum error fetch(struct container *c, uint32_t page, struct page *p)
{
    if (p->slot != SLOT_NONE) {
        return swap_in_run(c, page);
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_FAULT, FRAME_PAGE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    page_fill_zero(p, f);
    counters.zero_fills++;
    return OK;
}

bool page_needs_frame(const struct container *c, uint32_t page, bool write)
{
    uint32_t ref = container_ref(c, page);
    const struct page *p = container_page(c, page);
    if (!p) {
        return ref == REF_ZERO;
    }
    return p->state == PAGE_OUT || (write && p->refs > 1 && !page_in_transit(p));
}

/* Who pays for the frame from now on?  The home's task, as long as it can: not if it is out, or if
 * a wired task keeps the page. */
static bool must_take_home(const struct container *c, const struct page *p)
{
    const struct container *home = container_of_home(p->home);
    return home != c && (!home || c->owner->wired || home->owner->state != TASK_MEMORY_IN);
}

enum provided page_provide(struct container *c, uint32_t page, bool write, struct page **result,
                           enum error *why)
{
    uint32_t ref = container_ref(c, page);
    struct page *p = NULL;
    enum error e = OK;
    if (ref > REF_ZERO) {
        p = page_of_ref(ref);
    } else {
        e = ref == REF_ZERO ? make_zero_page(c, page, &p) : ERR_HOLE;
    }
    if (e != OK) {
        return provide_error(e, why);
    }
    if (p->state == PAGE_BAD) {
        return provide_error((enum error)p->error, why);
    }
    if (p->state == PAGE_OUT && p->slot != SLOT_NONE && swap_area_awaited()) {
        return PROVIDE_WAIT_SWAP;
    }
    if (p->state == PAGE_OUT) {
        e = fetch(c, page, p);
    }
    if (e == OK && page_in_transit(p)) {
        page_set_wanted(p);
        return PROVIDE_WAIT_DISK;
    }
    if (e == OK && write && p->refs > 1) {
        e = copy_break(c, page, &p);
    }
    if (e != OK) {
        return provide_error(e, why);
    }
    if (c->stays && (c->owner->wired || kept_has(c, page))) {
        page_set_wired(p, true);
    }
    if (must_take_home(c, p)) {
        container_take_home(c, page);
    }
    ASSERT(p->state == PAGE_IN);
    *result = p;
    return PROVIDE_DONE;
}

L4_Word_t page_map_item(struct task *t, struct page *p, L4_Word_t rights)
{
    struct frame *frame = &frame_table[p->frame];
    ASSERT(p->state == PAGE_IN && frame->page == p);
    rights &= p->refs > 1 ? L4_ReadeXecOnly : L4_FullyAccessible;
    frame->mapped = true;
    frame->writable |= (rights & L4_Writable) != 0;
    shield_add(t, p->frame);
    rounds_mapped(t, p);
    return L4_FpageAddRights(L4_FpageLog2(p->frame << PAGE_SHIFT, PAGE_SHIFT), rights).raw;
}
