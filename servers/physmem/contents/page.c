/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/page.h"

#include "contents/arrivals.h"
#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/policy.h"
#include "room/slab.h"
#include "room/slot.h"
#include "room/table_frame.h"

struct page_totals page_totals;

static struct slab pages;

/* A reference is where the page lies: frame of the slab << 8 | index in it.  Never below 256. */
enum { REF_INDEX_BITS = 8 };

void page_init(void)
{
    slab_init(&pages, sizeof(struct page));
    page_totals = (struct page_totals){0};
    ASSERT(slab_objects_per_frame(&pages) <= 1u << REF_INDEX_BITS);
}

uint32_t page_ref(const struct page *p)
{
    return table_frame_of(p) << REF_INDEX_BITS | slab_index_in_frame(&pages, p);
}

struct page *page_of_ref(uint32_t ref)
{
    ASSERT(ref >> REF_INDEX_BITS != 0 && ref >> REF_INDEX_BITS < frame_table_count);
    return slab_object(&pages, ref >> REF_INDEX_BITS, ref & ((1u << REF_INDEX_BITS) - 1));
}

/* ---- counts ---- */

/* `change` is 1 or ~0, which is -1: the page counts there from now on, or until now. */
static void count_in(const struct page *p, struct page_counts *counts, uint32_t change)
{
    counts->pages += change;
    if (p->frame != FRAME_NONE) {
        counts->resident += change;
        counts->wired += p->wired ? change : 0;
    } else if (p->slot != SLOT_NONE) {
        counts->swapped += change;
    }
}

/* What a page says of itself may change only between the two: its frame, whether it is wired, and
 * its slot if it has no frame. */
static void count(const struct page *p, uint32_t change)
{
    if (p->home) {
        count_in(p, &p->home->counts, change);
        count_in(p, p->home->of_owner, change);
    }
}

static void count_less(const struct page *p)
{
    count(p, ~0u);
}

static void count_more(const struct page *p)
{
    count(p, 1);
}

void page_enter_home(struct page *p, struct page_home *home, uint32_t page)
{
    ASSERT(!p->home);
    p->home = home;
    p->home_page = page & ((1u << PAGE_HOME_BITS) - 1);
    count_more(p);
}

void page_leave_home(struct page *p)
{
    ASSERT(p->home->counts.pages > 0 && p->home->of_owner->pages > 0);
    count_less(p);
    p->home = NULL;
}

void page_set_slot(struct page *p, slot_t slot, uint32_t twin)
{
    ASSERT(p->slot == SLOT_NONE && p->twin == 0 && page_has_frame(p));
    p->slot = slot & ((1u << PAGE_SLOT_BITS) - 1);
    p->twin = twin & 0x1f;
    page_totals.twins += twin != 0;
    page_totals.spare += page_has_spare_slot(p);
}

void page_forget_twin(struct page *p)
{
    page_totals.twins -= p->twin != 0;
    p->twin = 0;
}

void page_give_twin_up(struct page *p)
{
    if (p->twin != 0) {
        slot_free(p->slot + p->twin);
        page_forget_twin(p);
    }
}

void page_set_twice(struct page *p, bool twice)
{
    p->twice = twice;
    if (!twice && !page_in_transit(p)) {
        page_give_twin_up(p);
    }
}

/* The page is in memory, and its contents there alone. */
static void leave_slots(struct page *p)
{
    page_give_twin_up(p);
    page_totals.spare -= page_has_spare_slot(p);
    slot_free(p->slot);
    p->slot = SLOT_NONE;
    p->dirty = 1;
}

void page_set_wired(struct page *p, bool wired)
{
    ASSERT(!wired || p->state == PAGE_IN);
    if (p->wired == wired) {
        return;
    }
    count_less(p);
    p->wired = wired;
    page_totals.wired += wired ? 1 : ~0u;
    count_more(p);
}

/* ---- frames ---- */

/* For a page that nothing counts. */
static void take_frame(struct page *p, frame_t f)
{
    ASSERT(p->frame == FRAME_NONE && frame_table[f].kind == FRAME_PAGE && frame_table[f].page == NULL);
    p->frame = f;
    frame_table[f].page = p;
    policy->arrived(f);
}

static void attach_frame(struct page *p, frame_t f)
{
    count_less(p);
    take_frame(p, f);
    count_more(p);
}

/* The page leaves the frame, which is the caller's then. */
static frame_t leave_frame(struct page *p)
{
    frame_t f = p->frame;
    ASSERT(frame_table[f].page == p && !frame_table[f].mapped);
    page_set_wired(p, false);
    count_less(p);
    p->frame = FRAME_NONE;
    count_more(p);
    frame_table[f].page = NULL;
    return f;
}

static void detach_frame(struct page *p)
{
    budget_spend(BUDGET_FRAME);
    frame_free(leave_frame(p));
}

enum error page_new_in_frame(frame_t f, struct page **result)
{
    void *object;
    enum error e = slab_alloc(&pages, &object);
    if (e != OK) {
        return e;
    }
    struct page *p = object;
    contract_page_made();
    p->state = PAGE_IN;
    take_frame(p, f); /* it has no home yet */
    *result = p;
    return OK;
}

enum error page_new(struct page **result)
{
    enum error e = contract_page();
    if (e != OK) {
        return e;
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_FAULT, FRAME_PAGE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    e = page_new_in_frame(f, result);
    if (e != OK) {
        frame_free(f);
    }
    return e;
}

void page_get(struct page *p)
{
    ASSERT(p->refs < PAGE_REFS_MAX);
    p->refs++;
}

void page_free(struct page *p)
{
    ASSERT(p->refs == 0 && !page_in_transit(p) && p->home == NULL);
    budget_spend(BUDGET_FRAME);
    if (p->state == PAGE_IN) {
        page_unmap(p);
        frame_t f = leave_frame(p);
        if (p->device) {
            frame_quarantine(f);
        } else {
            frame_free(f);
        }
    }
    if (p->slot != SLOT_NONE) {
        page_give_twin_up(p);
        page_totals.spare -= page_has_spare_slot(p);
        slot_free(p->slot);
    }
    contract_page_gone();
    slab_free(&pages, p);
}

void page_put(struct page *p)
{
    ASSERT(p->refs > 0);
    if (--p->refs == 0 && !page_in_transit(p)) {
        page_free(p);
    }
}

/* ---- mappings ---- */

bool page_note_status(frame_t f, L4_Word_t status)
{
    struct frame *frame = &frame_table[f];
    ASSERT(frame->kind == FRAME_PAGE && frame->page);
    if (status & L4_Writable) {
        frame->page->dirty = 1;
    }
    return status != 0;
}

void unmap_batch_add(struct unmap_batch *b, struct page *p)
{
    if (p->state != PAGE_IN) {
        return;
    }
    const struct frame *frame = &frame_table[p->frame];
    bool needed = b->rights == L4_Writable ? frame->writable : frame->mapped;
    if (!needed) {
        return;
    }
    ASSERT(b->count < UNMAP_BATCH_MAX);
    b->frames[b->count++] = p->frame;
    if (b->count == UNMAP_BATCH_MAX) {
        unmap_batch_flush(b);
    }
}

void unmap_batch_flush(struct unmap_batch *b)
{
    L4_Word_t status[UNMAP_BATCH_MAX];
    ASSERT(b->rights == L4_Writable || b->rights == L4_FullyAccessible);
    if (b->count == 0) {
        return;
    }
    budget_spend(b->count * BUDGET_UNMAP);
    platform_unmap(b->frames, b->count, b->rights, status);
    for (uint32_t i = 0; i < b->count; i++) {
        struct frame *frame = &frame_table[b->frames[i]];
        if (page_note_status(b->frames[i], status[i])) {
            policy->touched(b->frames[i]);
        }
        if (b->rights & L4_Writable) {
            frame->writable = false;
        }
        if (b->rights == L4_FullyAccessible) {
            frame->mapped = false;
        }
    }
    b->count = 0;
}

void page_unmap(struct page *p)
{
    struct unmap_batch b;
    b.rights = L4_FullyAccessible;
    b.count = 0;
    unmap_batch_add(&b, p);
    unmap_batch_flush(&b);
}

/* ---- transitions ---- */

static void move(struct page *p, enum page_state from, enum page_state to)
{
    ASSERT(p->state == from);
    page_totals.transit -= page_in_transit(p);
    p->state = (uint32_t)to & 7;
    page_totals.transit += page_in_transit(p);
    if (p->slot != SLOT_NONE) {
        page_totals.spare += (uint32_t)(to == PAGE_IN) - (from == PAGE_IN);
    }
    if (p->wanted) {
        p->wanted = 0;
        arrivals_add(p);
    }
    progress_made();
}

void page_start_read(struct page *p, frame_t f)
{
    ASSERT(p->slot != SLOT_NONE && !p->dirty);
    move(p, PAGE_OUT, PAGE_READING);
    attach_frame(p, f);
}

void page_read_done(struct page *p)
{
    ASSERT(!p->dirty && p->refs > 0);
    move(p, PAGE_READING, PAGE_IN);
    page_set_twice(p, p->twice); /* that may have changed meanwhile */
    if (p->twice && p->error != 0) {
        leave_slots(p); /* it is written anew, twice */
    }
    p->error = 0;
}

void page_read_failed(struct page *p)
{
    move(p, PAGE_READING, PAGE_OUT);
    detach_frame(p);
}

void page_read_abandoned(struct page *p)
{
    move(p, PAGE_READING, PAGE_OUT);
    frame_quarantine(leave_frame(p));
}

void page_read_twin(struct page *p)
{
    ASSERT(p->twin != 0);
    slot_set_bad(p->slot);
    p->slot = (p->slot + p->twin) & ((1u << PAGE_SLOT_BITS) - 1);
    page_forget_twin(p);
    page_read_failed(p);
}

void page_read_damaged(struct page *p, enum error why)
{
    ASSERT(why != OK && p->twin == 0);
    move(p, PAGE_READING, PAGE_BAD);
    p->error = (uint32_t)why & 0x1f;
    slot_set_bad(p->slot); /* nobody else's page is to be lost there */
    p->slot = SLOT_NONE;
    detach_frame(p);
}

void page_fill_zero(struct page *p, frame_t f)
{
    ASSERT(p->slot == SLOT_NONE && !p->dirty);
    memset(frame_memory(f), 0, PAGE_SIZE);
    move(p, PAGE_OUT, PAGE_IN);
    attach_frame(p, f);
}

void page_start_write(struct page *p)
{
    ASSERT(p->dirty && p->slot != SLOT_NONE && !frame_table[p->frame].mapped && !p->wired);
    move(p, PAGE_IN, PAGE_WRITING);
    p->checksum = page_checksum(p->frame);
    p->dirty = 0;
}

void page_set_wanted(struct page *p)
{
    ASSERT(page_in_transit(p) && p->refs > 0);
    p->wanted = 1;
}

void page_write_done(struct page *p)
{
    bool keep = p->wanted && p->refs > 0;
    ASSERT(!p->dirty && p->slot != SLOT_NONE);
    move(p, PAGE_WRITING, keep ? PAGE_IN : PAGE_OUT);
    page_set_twice(p, p->twice); /* that may have changed meanwhile */
    if (!keep) {
        detach_frame(p);
    }
}

void page_write_failed(struct page *p)
{
    ASSERT(!p->dirty && page_has_frame(p) && p->twin == 0);
    p->slot = SLOT_NONE;
    move(p, PAGE_WRITING, PAGE_IN);
    p->dirty = 1;
    policy->touched(p->frame);
}

void page_evict(struct page *p)
{
    ASSERT(!p->dirty && !p->wired);
    move(p, PAGE_IN, PAGE_OUT);
    detach_frame(p);
}

void page_give_slot_up(struct page *p)
{
    ASSERT(p->state == PAGE_IN && p->slot != SLOT_NONE);
    leave_slots(p);
}

/* Each word goes into the running sum, by turns in two ways that do not commute; a second sum,
 * of the first after each sector, tells the places of the sectors.  A change of contents goes
 * unnoticed once in 2^32 times or so: what a disk does is to change bits, to give an old sector,
 * or one from another place.  Words that change places within a sector may go unnoticed if what
 * lies between them is zero.  Hardly more than one instruction a word. */
uint32_t page_checksum(frame_t f)
{
    enum { SECTOR = 128 };
    const uint32_t *words = frame_memory(f), *end = words + PAGE_SIZE / 4;
    budget_spend(BUDGET_CHECKSUM);
    uint32_t sum = 0x9e3779b9, sum_of_sums = 0;
    for (; words < end; words += SECTOR) {
#pragma GCC unroll 128
        for (uint32_t k = 0; k < SECTOR; k += 2) {
            sum += words[k];
            sum ^= words[k + 1];
        }
        sum_of_sums += sum;
    }
    return sum ^ (sum_of_sums << 7 | sum_of_sums >> 25);
}
