/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/page.h"

#include "base/assertion.h"
#include "contents/arrivals.h"
#include "contents/checksum.h"
#include "ground/budget.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "room/contract.h"
#include "room/policy.h"
#include "room/slot.h"

struct page_totals page_totals;

void page_init(void)
{
    page_totals = (struct page_totals){0};
}

/* ---- spots ---- */

static struct spot spot_in_window(const struct page_home *h, uint32_t page)
{
    struct window *w = window_find(h, page);
    ASSERT(w);
    return (struct spot){&w->entries[page % WINDOW_PAGES], &w->checksums[page % WINDOW_PAGES]};
}

static struct spot spot_in_record(uint32_t id)
{
    struct shared *s = shared_find(id);
    return (struct spot){&s->page, &s->checksum};
}

struct spot page_spot(const struct page_home *h, uint32_t page)
{
    struct spot s = spot_in_window(h, page);
    return entry_kind(*s.entry) == KIND_SHARED ? spot_in_record(entry_number(*s.entry)) : s;
}

/* Of a page that is somebody's. */
static struct spot spot_of(frame_t f)
{
    const struct frame *p = &frame_table[f];
    ASSERT(!page_is_nobodys(f));
    struct spot s = p->shared ? spot_in_record(p->id) : spot_in_window(p->home, p->number);
    ASSERT(*s.entry == entry_of_frame(f));
    return s;
}

/* ---- counts ---- */

/* `change` is 1 or ~0, which is -1: the page counts there from now on, or until now. */
static void add(struct page_home *h, uint32_t resident, uint32_t wired, uint32_t swapped, uint32_t change)
{
    struct page_counts *counts[] = {&h->counts, h->of_owner};
    for (int i = 0; i < 2; i++) {
        counts[i]->pages += change;
        counts[i]->resident += resident ? change : 0;
        counts[i]->wired += wired ? change : 0;
        counts[i]->swapped += swapped ? change : 0;
    }
}

/* What a page says of itself may change only between count_less and count_more: its home, whether
 * it is wired, shared, or twice. */
static void count(frame_t f, uint32_t change)
{
    if (page_is_paid_for(f)) {
        add(frame_table[f].home, 1, frame_table[f].wired, 0, change);
    }
}

static void count_less(frame_t f)
{
    count(f, ~0u);
}

static void count_more(frame_t f)
{
    count(f, 1);
}

/* The same for a page that is out or lost, and not shared. */
static void count_out(struct page_home *h, entry_t entry, uint32_t change)
{
    add(h, 0, 0, entry_slot(entry) != SLOT_NONE, change);
}

/* ---- slots ---- */

void page_set_slot(frame_t f, slot_t slot, uint32_t twin)
{
    struct frame *p = &frame_table[f];
    ASSERT(p->slot == SLOT_NONE && p->twin == 0 && p->state == PAGE_IN);
    p->slot = slot & ((1u << ENTRY_SLOT_BITS) - 1);
    p->twin = twin & ((1u << ENTRY_TWIN_BITS) - 1);
    page_totals.twins += twin != 0;
    page_totals.spare++;
}

void page_lose_twin(frame_t f)
{
    page_totals.twins -= frame_table[f].twin != 0;
    frame_table[f].twin = 0;
}

static void free_twin(frame_t f)
{
    if (frame_table[f].twin != 0) {
        slot_free(frame_table[f].slot + frame_table[f].twin);
        page_lose_twin(f);
    }
}

void page_lose_slot(frame_t f)
{
    ASSERT(page_in_transit(f) && frame_table[f].twin == 0);
    frame_table[f].slot = SLOT_NONE;
}

static void free_slots(frame_t f)
{
    struct frame *p = &frame_table[f];
    if (p->slot == SLOT_NONE) {
        return;
    }
    free_twin(f);
    page_totals.spare -= page_has_spare_slot(f);
    slot_free(p->slot);
    p->slot = SLOT_NONE;
}

void page_give_slot_up(frame_t f)
{
    ASSERT(page_has_spare_slot(f));
    free_slots(f);
    frame_table[f].dirty = true;
}

static void free_twin_out(entry_t *entry)
{
    struct out_page out = entry_out(*entry);
    if (out.twin != 0) {
        slot_free(out.slot + out.twin);
        page_totals.twins--;
        out.twin = 0;
        *entry = entry_of_out(out);
    }
}

bool page_give_twin_up(const struct page_home *h, uint32_t page)
{
    struct spot s = page_spot(h, page);
    frame_t f = entry_frame(*s.entry);
    uint32_t twins = page_totals.twins;
    if (f != FRAME_NONE && !page_in_transit(f)) {
        free_twin(f);
    } else if (entry_kind(*s.entry) == KIND_SLOT) {
        free_twin_out(s.entry);
    }
    return page_totals.twins < twins;
}

void page_set_twice(const struct page_home *h, uint32_t page, bool twice)
{
    struct spot s = page_spot(h, page);
    frame_t f = entry_frame(*s.entry);
    if (f != FRAME_NONE) {
        count_less(f);
        frame_table[f].twice = twice;
        count_more(f);
    } else if (entry_kind(*s.entry) == KIND_SLOT) {
        struct out_page out = entry_out(*s.entry);
        out.twice = twice;
        *s.entry = entry_of_out(out);
    }
    if (!twice) {
        (void)page_give_twin_up(h, page);
    }
}

void page_set_wired(frame_t f, bool wired)
{
    struct frame *p = &frame_table[f];
    ASSERT(!wired || p->state == PAGE_IN);
    if (p->wired == wired) {
        return;
    }
    count_less(f);
    p->wired = wired;
    page_totals.wired += wired ? 1 : ~0u;
    count_more(f);
}

void page_set_wanted(frame_t f)
{
    ASSERT(page_in_transit(f) && !page_is_nobodys(f));
    frame_table[f].wanted = true;
}

/* Nobody's page in a frame that holds none. */
static void begin(frame_t f, enum page_state state)
{
    struct frame *p = &frame_table[f];
    ASSERT(p->kind == FRAME_PAGE && !p->home && p->state == PAGE_NONE && !p->mapped && !p->writable);
    p->state = (uint32_t)state & 3;
    p->shared = p->dirty = p->wanted = p->wired = p->device = p->twice = false;
    p->failures = 0;
    p->slot = SLOT_NONE;
    p->twin = 0;
    page_totals.transit += state != PAGE_IN;
    policy->arrived(f);
}

/* No page is in the frame any more, which is the caller's then.  Nothing counts the page. */
static void end(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(!p->mapped && !page_in_transit(f));
    p->home = NULL;
    p->shared = false;
    p->state = PAGE_NONE;
}

void page_new_in_frame(frame_t f)
{
    contract_page_made();
    begin(f, PAGE_IN);
}

enum error page_new(frame_t *result, bool of_map)
{
    enum error e = of_map ? OK : contract_page();
    if (e != OK) {
        return e;
    }
    frame_t f = frame_alloc(FRAMES_LEFT_BY_FAULT, FRAME_PAGE);
    if (f == FRAME_NONE) {
        return ERR_BUSY;
    }
    if (of_map) {
        contract_map_page();
    }
    page_new_in_frame(*result = f);
    return OK;
}

static void move(frame_t f, enum page_state from, enum page_state to)
{
    struct frame *p = &frame_table[f];
    ASSERT(p->state == from);
    page_totals.transit -= page_in_transit(f);
    p->state = (uint32_t)to & 3;
    page_totals.transit += page_in_transit(f);
    if (p->slot != SLOT_NONE) {
        page_totals.spare += (uint32_t)(to == PAGE_IN) - (from == PAGE_IN);
    }
    if (p->wanted) {
        p->wanted = false;
        arrivals_add(f);
    }
    progress_made();
}

void page_free(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(page_is_nobodys(f));
    budget_spend(BUDGET_FRAME);
    if (p->state == PAGE_IN) {
        page_unmap_wholly(f); /* whoever gave it up has seen to that */
        page_set_wired(f, false);
    } else {
        move(f, (enum page_state)p->state, PAGE_IN);
    }
    free_slots(f);
    contract_page_gone();
    bool device = p->device;
    end(f);
    if (device) {
        frame_quarantine(f);
    } else {
        frame_free(f);
    }
}

/* The page, which is somebody's, leaves the frame, which is the caller's then. */
static void leave_frame(frame_t f, entry_t entry)
{
    struct frame *p = &frame_table[f];
    struct spot s = spot_of(f);
    page_set_wired(f, false);
    count_less(f);
    *s.entry = entry;
    if (!p->shared) {
        count_out(p->home, entry, 1);
    }
    page_totals.spare -= page_has_spare_slot(f);
    end(f);
}

static void free_frame(frame_t f, entry_t entry)
{
    budget_spend(BUDGET_FRAME);
    leave_frame(f, entry);
    frame_free(f);
}

/* What the page's entry says when it is out. */
static entry_t as_out(frame_t f)
{
    const struct frame *p = &frame_table[f];
    struct out_page out;
    ASSERT(!p->dirty);
    out.slot = p->slot;
    out.twin = p->twin;
    out.failures = p->failures;
    out.twice = p->twice;
    return entry_of_out(out);
}

/* The page of the place, which is out, gets a frame. */
static void enter_frame(struct page_home *h, uint32_t page, frame_t f, enum page_state state)
{
    struct spot s = page_spot(h, page);
    struct frame *p = &frame_table[f];
    entry_t raw = *spot_in_window(h, page).entry;
    struct out_page out = entry_out(*s.entry);
    ASSERT(entry_kind(*s.entry) == KIND_SLOT);
    begin(f, state);
    p->slot = out.slot;
    p->twin = out.twin;
    p->failures = out.failures;
    p->twice = out.twice;
    p->shared = entry_kind(raw) == KIND_SHARED;
    if (p->shared) {
        p->id = entry_number(raw) & ((1u << 29) - 1);
    } else {
        count_out(h, raw, ~0u);
    }
    p->home = h;
    p->number = page & ((1u << 20) - 1);
    *s.entry = entry_of_frame(f);
    count_more(f);
    progress_made();
}

/* ---- places ---- */

static void set_home(frame_t f, struct page_home *h, uint32_t page)
{
    if (frame_table[f].home) {
        count_less(f);
    }
    frame_table[f].home = h;
    frame_table[f].number = page & ((1u << 20) - 1);
    count_more(f);
}

void page_take_home(frame_t f, struct page_home *h, uint32_t page)
{
    ASSERT(frame_table[f].shared);
    set_home(f, h, page);
}

void page_enter(entry_t entry, struct page_home *h, uint32_t page)
{
    frame_t f = entry_frame(entry);
    if (f != FRAME_NONE) {
        ASSERT(page_is_nobodys(f));
        set_home(f, h, page);
        return;
    }
    ASSERT(entry_kind(entry) == KIND_SHARED);
    struct shared *s = shared_find(entry_number(entry));
    ASSERT(s->refs < SHARED_REFS_MAX);
    s->refs++;
    f = entry_frame(s->page);
    ASSERT(f == FRAME_NONE || !frame_table[f].writable);
    if (f != FRAME_NONE && !frame_table[f].home) {
        set_home(f, h, page);
    }
}

/* The last place has given the page up. */
static void drop(entry_t entry)
{
    frame_t f = entry_frame(entry);
    if (f == FRAME_NONE) {
        if (entry_slot(entry) != SLOT_NONE) {
            free_twin_out(&entry);
            slot_free(entry_slot(entry));
        }
        contract_page_gone();
    } else if (!page_in_transit(f)) {
        page_free(f);
    }
}

static void leave_record(uint32_t id, const struct page_home *h, uint32_t page)
{
    struct shared *s = shared_find(id);
    frame_t f = entry_frame(s->page);
    ASSERT(s->refs > 0);
    s->refs--;
    if (f != FRAME_NONE && ((frame_table[f].home == h && frame_table[f].number == page) || s->refs == 0)) {
        set_home(f, NULL, 0);
    }
    if (s->refs > 0) {
        return;
    }
    if (f != FRAME_NONE) {
        frame_table[f].shared = false;
    }
    drop(s->page);
    shared_free(id);
}

void page_leave(entry_t entry, struct page_home *h, uint32_t page)
{
    frame_t f = entry_frame(entry);
    if (entry_kind(entry) == KIND_SHARED) {
        leave_record(entry_number(entry), h, page);
        return;
    }
    if (f != FRAME_NONE) {
        set_home(f, NULL, 0);
    } else {
        count_out(h, entry, ~0u);
    }
    drop(entry);
}

/* A boot module's page counts otherwise then, all others as before. */
static void frame_set_shared(frame_t f, uint32_t id)
{
    struct frame *p = &frame_table[f];
    if (p->twice) {
        count_less(f);
    }
    p->shared = true;
    p->id = id & ((1u << 29) - 1);
    if (p->twice) {
        count_more(f);
    }
}

enum error page_share(struct page_home *h, struct window *w, uint32_t i)
{
    entry_t entry = w->entries[i];
    uint32_t id;
    enum error e = shared_new(&id);
    if (e != OK) {
        return e;
    }
    *shared_find(id) = (struct shared){.page = entry, .checksum = w->checksums[i], .refs = 1};
    w->entries[i] = entry_make(KIND_SHARED, id);
    frame_t f = entry_frame(entry);
    if (f == FRAME_NONE) {
        count_out(h, entry, ~0u);
    } else {
        frame_set_shared(f, id);
    }
    return OK;
}

void page_unshare(struct page_home *h, uint32_t page)
{
    struct spot s = spot_in_window(h, page);
    uint32_t id = entry_number(*s.entry);
    struct shared *record = shared_find(id);
    ASSERT(entry_kind(*s.entry) == KIND_SHARED && record->refs == 1);
    *s.entry = record->page;
    *s.checksum = record->checksum;
    frame_t f = entry_frame(record->page);
    if (f == FRAME_NONE) {
        count_out(h, record->page, 1);
    } else {
        count_less(f);
        frame_table[f].shared = false;
        frame_table[f].home = h;
        frame_table[f].number = page & ((1u << 20) - 1);
        count_more(f);
    }
    record->refs = 0;
    shared_free(id);
}

/* ---- transitions ---- */

void page_start_read(struct page_home *h, uint32_t page, frame_t f)
{
    enter_frame(h, page, f, PAGE_READING);
    ASSERT(frame_table[f].slot != SLOT_NONE);
}

void page_fill_zero(struct page_home *h, uint32_t page, frame_t f)
{
    memset(frame_memory(f), 0, PAGE_SIZE);
    enter_frame(h, page, f, PAGE_IN);
    ASSERT(frame_table[f].slot == SLOT_NONE);
}

/* A second copy goes, if the page became no module's while it was in transit. */
static void keep_once(frame_t f)
{
    if (!frame_table[f].twice) {
        free_twin(f);
    }
}

void page_read_done(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(!p->dirty && !page_is_nobodys(f));
    move(f, PAGE_READING, PAGE_IN);
    keep_once(f);
    if (p->twice && p->failures != 0) {
        page_give_slot_up(f); /* it is written anew, twice */
    }
    p->failures = 0;
}

void page_read_failed(frame_t f)
{
    move(f, PAGE_READING, PAGE_IN);
    free_frame(f, as_out(f));
}

void page_read_abandoned(frame_t f)
{
    move(f, PAGE_READING, PAGE_IN);
    leave_frame(f, as_out(f));
    frame_quarantine(f);
}

void page_read_twin(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(p->twin != 0 && p->state == PAGE_READING);
    slot_set_bad(p->slot);
    p->slot = (p->slot + p->twin) & ((1u << ENTRY_SLOT_BITS) - 1);
    page_lose_twin(f);
    page_read_failed(f);
}

void page_read_damaged(frame_t f, enum error why)
{
    struct frame *p = &frame_table[f];
    ASSERT(why != OK && p->twin == 0);
    slot_set_bad(p->slot); /* nobody else's page is to be lost there */
    p->slot = SLOT_NONE;
    move(f, PAGE_READING, PAGE_IN);
    free_frame(f, entry_make(KIND_BAD, (uint32_t)why));
}

void page_start_write(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(p->dirty && p->slot != SLOT_NONE && !p->mapped && !p->wired);
    move(f, PAGE_IN, PAGE_WRITING);
    *spot_of(f).checksum = frame_checksum(f);
    p->dirty = false;
}

void page_write_done(frame_t f)
{
    bool keep = frame_table[f].wanted;
    ASSERT(!frame_table[f].dirty && frame_table[f].slot != SLOT_NONE);
    move(f, PAGE_WRITING, PAGE_IN);
    keep_once(f);
    if (!keep) {
        free_frame(f, as_out(f));
    }
}

void page_write_failed(frame_t f)
{
    struct frame *p = &frame_table[f];
    ASSERT(!p->dirty && p->twin == 0);
    p->slot = SLOT_NONE;
    move(f, PAGE_WRITING, PAGE_IN);
    p->dirty = true;
    policy->touched(f);
}

void page_evict(frame_t f)
{
    ASSERT(frame_table[f].state == PAGE_IN && !frame_table[f].wired);
    free_frame(f, as_out(f));
}

bool page_is_as_written(frame_t f)
{
    return frame_checksum(f) == *spot_of(f).checksum;
}
