/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/shield.h"

#include "base/assertion.h"
#include "ground/clock.h"
#include "room/frame.h"
#include "tasks/task.h"

void shield_add(struct task *t, frame_t f)
{
    struct shield_ring *ring = &t->shields;
    uint32_t end = (clock_now() + SHIELD_TICKS) | 1; /* 0 means none */
    ASSERT(ring->next < SHIELDS_PER_TASK && frame_table[f].kind == FRAME_PAGE);
    frame_t oldest = ring->entries[ring->next].frame;
    /* Another task's shield of the same frame has most likely another end, and stays. */
    if (oldest != FRAME_NONE && frame_table[oldest].shield_end == ring->entries[ring->next].end) {
        frame_table[oldest].shield_end = 0;
    }
    frame_table[f].shield_end = end;
    ring->entries[ring->next].frame = f;
    ring->entries[ring->next].end = end;
    ring->next = (ring->next + 1) % SHIELDS_PER_TASK;
}

/* Is the end of a shield still to come?  It is never further away, so that the shield of a page
 * that nobody has asked about for weeks does not return when the clock has gone half round. */
static bool is_ahead(uint32_t end)
{
    return end - clock_now() - 1 <= SHIELD_TICKS;
}

bool shield_covers(frame_t f)
{
    uint32_t end = frame_table[f].shield_end;
    if (end == 0) {
        return false;
    }
    if (is_ahead(end)) {
        return true;
    }
    frame_table[f].shield_end = 0;
    return false;
}
