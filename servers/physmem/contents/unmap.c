/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/unmap.h"

#include "base/assertion.h"
#include "contents/shared.h"
#include "ground/budget.h"
#include "room/frame.h"
#include "room/policy.h"

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
    return status != 0;
}

void unmap_batch_add(struct unmap_batch *b, frame_t f)
{
    const struct frame *frame = &frame_table[f];
    bool needed = b->rights == L4_Writable ? frame->writable : frame->mapped;
    if (frame->state != PAGE_IN || !needed) {
        return;
    }
    ASSERT(b->count < UNMAP_BATCH_MAX);
    b->frames[b->count++] = f;
    b->places += page_places(f);
    if (b->count == UNMAP_BATCH_MAX || b->places >= UNMAP_BATCH_MAX) {
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
    budget_spend(b->count * BUDGET_UNMAP + b->places * BUDGET_MAPPING);
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
    b->count = b->places = 0;
}

void page_unmap(frame_t f)
{
    struct unmap_batch b;
    b.rights = L4_FullyAccessible;
    b.count = b.places = 0;
    unmap_batch_add(&b, f);
    unmap_batch_flush(&b);
}
