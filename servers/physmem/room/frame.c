/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/frame.h"

#include "base/assertion.h"
#include "ground/progress.h"
#include "room/set_aside.h"

struct frame *frame_table;
uint32_t frame_table_count;
struct frame_counts frame_counts;

/* Frames below 1 MiB are no good for the kernel: pages take them first, so that others stay for it,
 * and tables take them last. */
enum { FRAMES_LOW = 256 };

static frame_t free_low, free_others, quarantine_list; /* through frame.next */
static uint32_t waiters;

uint32_t frame_low_mark(void)
{
    uint32_t part = frame_counts.total / 64;
    return part > 16 ? part : 16;
}

uint32_t frame_high_mark(void)
{
    return 2 * frame_low_mark();
}

void frame_init(struct frame *table, uint32_t count)
{
    frame_table = table;
    frame_table_count = count;
    frame_counts = (struct frame_counts){0};
    free_low = free_others = quarantine_list = FRAME_NONE;
    waiters = 0;
}

static void count_kind(uint8_t kind, uint32_t change)
{
    if (kind == FRAME_FREE) {
        frame_counts.free += change;
    } else if (kind == FRAME_IMAGE) {
        frame_counts.image += change;
    } else if (kind == FRAME_TABLE) {
        frame_counts.tables += change;
    } else if (kind == FRAME_QUARANTINED) {
        frame_counts.quarantined += change;
    }
}

static void set_kind(frame_t f, enum frame_kind kind)
{
    ASSERT(!frame_table[f].mapped && !frame_table[f].writable);
    count_kind(frame_table[f].kind, ~0u);
    frame_table[f].kind = kind & 7;
    count_kind(frame_table[f].kind, 1);
}

static void push_free(frame_t f)
{
    frame_t *list = f < FRAMES_LOW ? &free_low : &free_others;
    set_kind(f, FRAME_FREE);
    frame_counts.free_low += f < FRAMES_LOW;
    frame_table[f].next = *list;
    *list = f;
    ASSERT(frame_counts.free <= frame_counts.total);
}

void frame_add(frame_t f, enum frame_kind kind)
{
    ASSERT(f != FRAME_NONE && f < frame_table_count && frame_table[f].kind == FRAME_ABSENT);
    frame_counts.total++;
    if (kind == FRAME_FREE) {
        push_free(f);
    } else {
        set_kind(f, kind);
    }
}

frame_t frame_alloc(uint32_t leave, enum frame_kind kind)
{
    if (frame_counts.free <= set_aside_leave(leave)) {
        return FRAME_NONE;
    }
    frame_t *list = kind == FRAME_PAGE || free_others == FRAME_NONE ? &free_low : &free_others;
    list = *list != FRAME_NONE ? list : &free_others;
    frame_t f = *list;
    struct frame *frame = &frame_table[f];
    ASSERT(f != FRAME_NONE && frame->kind == FRAME_FREE);
    *list = frame->next;
    if (list == &free_low) {
        frame_counts.free_low--;
    }
    if (kind == FRAME_PAGE) { /* the commonest: counted are only those that are free */
        frame->kind = FRAME_PAGE;
        frame_counts.free--;
    } else {
        set_kind(f, kind);
    }
    frame->home = NULL;
    frame->state = PAGE_NONE;
    if (frame_counts.free - frame_counts.free_low < frame_low_mark()) {
        progress_made(); /* for the replacement */
    }
    return f;
}

void frame_free(frame_t f)
{
    ASSERT(f != FRAME_NONE && f < frame_table_count);
    struct frame *frame = &frame_table[f];
    ASSERT(frame->kind == FRAME_PAGE || frame->kind == FRAME_TABLE);
    frame->shield_end = 0;
    push_free(f);
    progress_made();
}

void frame_quarantine(frame_t f)
{
    ASSERT(frame_table[f].kind == FRAME_PAGE || frame_table[f].kind == FRAME_TABLE);
    frame_table[f].shield_end = 0;
    set_kind(f, FRAME_QUARANTINED);
    frame_table[f].next = quarantine_list;
    quarantine_list = f;
}

void frame_quarantine_end(void)
{
    while (quarantine_list != FRAME_NONE) {
        frame_t f = quarantine_list;
        ASSERT(frame_table[f].kind == FRAME_QUARANTINED);
        quarantine_list = frame_table[f].next;
        push_free(f);
        progress_made();
    }
}

void frame_waiters_add(void)
{
    waiters++;
}

void frame_waiters_remove(void)
{
    ASSERT(waiters > 0);
    waiters--;
}

uint32_t frame_waiters(void)
{
    return waiters;
}

frame_t frame_first_free(bool low)
{
    return low ? free_low : free_others;
}
