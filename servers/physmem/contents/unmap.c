/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/unmap.h"

#include "base/assertion.h"
#include "contents/shared.h"
#include "ground/budget.h"
#include "ground/least.h"
#include "room/frame.h"
#include "room/policy.h"

enum {
    STEPS_MOST = 3,   /* of one system call; one more comes on top */
    STEPS_BEYOND = 2, /* for a page that has turned out to have more mappings */
};

uint32_t page_places(frame_t f)
{
    return frame_table[f].shared ? shared_find(frame_table[f].id)->refs : 1;
}

bool page_note_status(frame_t f, L4_Word_t status)
{
    struct frame *frame = &frame_table[f];
    ASSERT(frame->kind == FRAME_PAGE && frame->state != PAGE_NONE);
    if (status & L4_Writable) {
        frame->dirty = true;
    }
    return (status & L4_FullyAccessible) != 0;
}

void unmap_frames(const frame_t *frames, uint32_t count, uint32_t places, L4_Word_t rights, L4_Word_t *status)
{
    uint32_t units = count * BUDGET_UNMAP + places * BUDGET_MAPPING;
    uint32_t steps = 1 + least(units / BUDGET_STEP, STEPS_MOST);
    uint32_t used = platform_unmap(frames, count, rights, steps, status) * BUDGET_STEP;
    budget_spend(used > units ? used : units);
}

void unmap_batch_init(struct unmap_batch *b, L4_Word_t rights)
{
    ASSERT(rights == L4_Writable || rights == L4_FullyAccessible);
    b->rights = rights;
    b->count = b->places = 0;
    b->more = false;
}

void unmap_batch_add(struct unmap_batch *b, frame_t f)
{
    const struct frame *frame = &frame_table[f];
    bool needed = b->rights == L4_Writable ? frame->writable : frame->mapped;
    if (frame->state != PAGE_IN || !needed || b->more) {
        return;
    }
    ASSERT(b->count < UNMAP_BATCH_MAX);
    b->frames[b->count++] = f;
    b->places += page_places(f);
    if (b->count == UNMAP_BATCH_MAX || b->places >= UNMAP_BATCH_MAX) {
        (void)unmap_batch_flush(b);
    }
}

/* Those rights have been taken away, or some of them if the status has UNMAP_MORE. */
static void note_unmapped(frame_t f, L4_Word_t rights, L4_Word_t status)
{
    struct frame *frame = &frame_table[f];
    if (page_note_status(f, status)) {
        policy->touched(f);
    }
    if (status & UNMAP_MORE) {
        return;
    }
    if (rights & L4_Writable) {
        frame->writable = false;
    }
    if (rights == L4_FullyAccessible) {
        frame->mapped = false;
    }
}

/* Goes on with a frame that has more mappings than were expected.  It loses them, whatever right
 * was to be taken: else each event would begin with the first one again. */
static void thin(frame_t f)
{
    L4_Word_t status;
    (void)platform_unmap(&f, 1, L4_FullyAccessible, STEPS_BEYOND, &status);
    note_unmapped(f, L4_FullyAccessible, status);
    budget_spend(BUDGET_EVENT);
}

bool unmap_batch_flush(struct unmap_batch *b)
{
    L4_Word_t status[UNMAP_BATCH_MAX];
    if (b->count == 0 || b->more) {
        return !b->more;
    }
    unmap_frames(b->frames, b->count, b->places, b->rights, status);
    for (uint32_t i = 0; i < b->count; i++) {
        note_unmapped(b->frames[i], b->rights, status[i]);
        if (status[i] & UNMAP_MORE && !b->more) {
            b->more = true;
            thin(b->frames[i]);
        }
    }
    b->count = b->places = 0;
    return !b->more;
}

bool page_unmap(frame_t f)
{
    struct unmap_batch b;
    unmap_batch_init(&b, L4_FullyAccessible);
    unmap_batch_add(&b, f);
    (void)unmap_batch_flush(&b);
    return !frame_table[f].mapped;
}

void page_unmap_wholly(frame_t f)
{
    while (!page_unmap(f)) {
    }
}
