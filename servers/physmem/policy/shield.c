/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/shield.h"

#include "base/assertion.h"
#include "ground/clock.h"
#include "room/frame.h"
#include "tasks/presence.h"
#include "tasks/task.h"

/* The place becomes free.  Whoever else has been answered with the frame keeps its shield. */
static void leave_place(struct shield_ring *ring, uint32_t place)
{
    if (ring->frames[place] == FRAME_NONE) {
        return;
    }
    struct frame *frame = &frame_table[ring->frames[place]];
    ASSERT(frame->shields > 0);
    frame->shields--;
    if (frame->shields == 0) {
        frame->shield_end = 0;
    }
    ring->frames[place] = FRAME_NONE;
}

void shield_add(struct task *t, frame_t f)
{
    struct shield_ring *ring = &t->presence->shields;
    struct frame *frame = &frame_table[f];
    ASSERT(ring->next < SHIELDS_PER_TASK && frame->kind == FRAME_PAGE && frame->shields < UINT16_MAX);
    leave_place(ring, ring->next);
    frame->shields++;
    frame->shield_end = (uint16_t)(clock_now() + SHIELD_TICKS) | 1; /* 0 means none */
    ring->frames[ring->next] = f;
    ring->next = ring->next + 1 < SHIELDS_PER_TASK ? ring->next + 1 : 0;
}

void shield_drop_all(struct task *t)
{
    for (uint32_t place = 0; t->presence && place < SHIELDS_PER_TASK; place++) {
        leave_place(&t->presence->shields, place);
    }
}

/* Is the end of a shield still to come?  It is never further away, so that the shield of a page
 * that nobody has asked about for long does not return when the clock has gone half round.  When it
 * has gone round (of its sixteen bits, about a minute), it returns for as long as it had been, once
 * at most: that delays whoever asks just then. */
static bool is_ahead(uint16_t end)
{
    return (uint16_t)(end - clock_now() - 1) <= SHIELD_TICKS;
}

bool shield_covers(frame_t f)
{
    uint16_t end = frame_table[f].shield_end;
    if (end == 0) {
        return false;
    }
    if (is_ahead(end)) {
        return true;
    }
    frame_table[f].shield_end = 0;
    return false;
}
