/* SPDX-License-Identifier: BSD-2-Clause */
#include "replacement.h"

#include "container.h"
#include "event.h"
#include "fault.h"
#include "frame.h"
#include "invariant.h"
#include "kernel_memory.h"
#include "shield.h"
#include "swap.h"
#include "swap_area.h"
#include "transfer.h"

enum { SWEEPS_MAX = FRAME_AGE_MAX + 2, CLUSTER_BEFORE = 15, STUCK_TICKS = 16 };

static frame_t hand;
static bool stuck;
static uint32_t stuck_since;

void replacement_init(void)
{
    hand = 0;
    stuck = false;
}

void replacement_retry(void)
{
    stuck = false;
}

/* Without the wanted ones: those are as good as gone again. */
static uint32_t frames_coming(void)
{
    uint32_t coming = frame_counts.free + transfer_pages_writing(), wanted = fault_waiting_for_frame();
    return coming > wanted ? coming - wanted : 0;
}

static bool may_go(frame_t f)
{
    const struct frame *frame = &frame_table[f];
    return frame->kind == FRAME_PAGE && frame->page && frame->page->state == PAGE_IN && !frame->page->wired &&
           !shield_covers(f);
}

/* One frame's accessed bits are known: used ones are young again, others get older. */
static void note_sample(frame_t f, L4_Word_t status, bool older)
{
    struct frame *frame = &frame_table[f];
    if (page_note_status(f, status)) {
        frame->age = FRAME_AGE_MAX;
    } else if (older && frame->age > 0) {
        frame->age--;
    }
}

/* Reads the accessed and dirty bits of the frames. */
static void sample(const frame_t *frames, uint32_t count, bool older)
{
    L4_Word_t status[UNMAP_BATCH_MAX];
    frame_t mapped[UNMAP_BATCH_MAX];
    uint32_t n = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (frame_table[frames[i]].mapped) {
            mapped[n++] = frames[i];
        } else {
            note_sample(frames[i], 0, older);
        }
    }
    if (n > 0) {
        platform_unmap(mapped, n, 0, status);
    }
    for (uint32_t i = 0; i < n; i++) {
        note_sample(mapped[i], status[i], older);
    }
}

/* The next frames under the hand that may go; moves the hand over at most `most` frames. */
static uint32_t next_batch(frame_t *frames, uint32_t most, uint32_t *passed)
{
    uint32_t count = 0;
    for (*passed = 0; *passed < most && count < UNMAP_BATCH_MAX; ++*passed) {
        hand = hand + 1 < frame_table_count ? hand + 1 : 0;
        if (may_go(hand)) {
            frames[count++] = hand;
        }
    }
    return count;
}

/* A neighbour that may go out together with the victim. */
static struct page *old_neighbour(struct container *c, uint32_t page)
{
    struct page *p = container_page(c, page);
    if (!p || p->home != c || p->home_page != page || p->state != PAGE_IN) {
        return NULL;
    }
    return may_go(p->frame) && frame_table[p->frame].age <= 1 ? p : NULL;
}

/* The victim's old neighbours around it, in order, itself among them. */
static uint32_t gather_cluster(struct page *victim, struct page **pages)
{
    struct container *c = victim->home;
    if (!c) {
        pages[0] = victim;
        return 1;
    }
    uint32_t start = victim->home_page, count = 0;
    while (start > 0 && victim->home_page - start < CLUSTER_BEFORE && old_neighbour(c, start - 1)) {
        start--;
    }
    for (uint32_t i = start; i < c->size_pages && count < SWAP_RUN_MAX; i++) {
        struct page *p = i == victim->home_page ? victim : old_neighbour(c, i);
        if (!p) {
            break;
        }
        pages[count++] = p;
    }
    return count;
}

/* Sends the victim out, together with those neighbours that have really not been used. */
static enum error evict_around(struct page *victim)
{
    struct page *pages[SWAP_RUN_MAX];
    frame_t frames[SWAP_RUN_MAX];
    uint32_t count = gather_cluster(victim, pages), kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        frames[i] = pages[i]->frame;
    }
    sample(frames, count, false);
    for (uint32_t i = 0; i < count; i++) {
        if (pages[i] == victim || frame_table[frames[i]].age != FRAME_AGE_MAX) {
            pages[kept++] = pages[i];
        }
    }
    return swap_out(pages, kept, NULL);
}

/* Evicts what is old in the batch; false: nothing more can be written just now. */
static bool evict_old(const frame_t *frames, uint32_t count, uint32_t target)
{
    for (uint32_t i = 0; i < count && frames_coming() < target; i++) {
        if (!may_go(frames[i]) || frame_table[frames[i]].age > 0) {
            continue; /* gone with an earlier one's cluster, or in use */
        }
        if (evict_around(frame_table[frames[i]].page) != OK) {
            return false;
        }
    }
    return true;
}

void replacement_run(void)
{
    frame_t frames[UNMAP_BATCH_MAX];
    if (frames_coming() >= frame_low_mark()) {
        return;
    }
    kernel_memory_reclaim();
    if (!swap_area_ready() || frames_coming() >= frame_low_mark()) {
        return;
    }
    if (stuck && event_clock() - stuck_since < STUCK_TICKS) {
        return;
    }
    uint32_t target = frame_high_mark(), budget = frame_table_count * SWEEPS_MAX, passed;
    while (budget > 0 && frames_coming() < target) {
        uint32_t most = budget < frame_table_count ? budget : frame_table_count;
        uint32_t count = next_batch(frames, most, &passed);
        budget -= passed;
        sample(frames, count, true);
        if (!evict_old(frames, count, target)) {
            break;
        }
    }
    stuck = frames_coming() < frame_low_mark();
    if (stuck) {
        stuck_since = event_clock();
    }
}
