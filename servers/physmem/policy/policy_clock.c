/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/policy_clock.h"

#include "base/assertion.h"
#include "contents/unmap.h"
#include "policy/may_go.h"
#include "room/frame.h"

/* Ages: arrived, and not sampled yet; used again and again; the same, and then not for a turn; not
 * for another one, or used once; may go along with a neighbour; victim.  A page that is used once
 * costs two samples: one that takes notice of the use that brought it in, one that finds no
 * other. */
enum { AGE_ARRIVED = 5, AGE_USED = 4, AGE_FADING = 3, AGE_USED_ONCE = 2, AGE_OLD = 1, AGE_VICTIM = 0 };

static frame_t hand; /* looked at last */

static void clock_init(void)
{
    hand = FRAME_NONE;
}

static void clock_arrived(frame_t f)
{
    frame_table[f].age = AGE_ARRIVED;
}

/* Whoever brought the page in has used it: that alone does not keep it long. */
static void clock_touched(frame_t f)
{
    frame_table[f].age = (uint32_t)(frame_table[f].age == AGE_ARRIVED ? AGE_USED_ONCE : AGE_USED) & 7;
}

static void clock_untouched(frame_t f)
{
    static const uint8_t older[] = {
        [AGE_ARRIVED] = AGE_OLD,      [AGE_USED] = AGE_FADING, [AGE_FADING] = AGE_USED_ONCE,
        [AGE_USED_ONCE] = AGE_VICTIM, [AGE_OLD] = AGE_VICTIM,  [AGE_VICTIM] = AGE_VICTIM,
    };
    ASSERT(frame_table[f].age <= AGE_ARRIVED);
    frame_table[f].age = older[frame_table[f].age] & 7u;
}

/* One turn at most, so that no frame is named twice. */
static uint32_t clock_candidates(frame_t *frames, uint32_t most, uint32_t budget, uint32_t *passed)
{
    uint32_t count = 0, places = 0;
    budget = budget < frame_table_count ? budget : frame_table_count;
    for (*passed = 0; *passed < budget && places < most; ++*passed) {
        hand = hand + 1 < frame_table_count ? hand + 1 : 0;
        if (frame_may_go(hand)) {
            frames[count++] = hand;
            places += page_places(hand);
        }
    }
    return count;
}

static bool clock_is_victim(frame_t f)
{
    return frame_table[f].age == AGE_VICTIM;
}

/* The hand has looked at the frame half a turn ago or more: that it has not been used since says
 * something. */
static bool hand_is_far(frame_t f)
{
    uint32_t behind = hand >= f ? hand - f : hand + frame_table_count - f;
    return behind > frame_table_count / 2;
}

static bool clock_is_old(frame_t f)
{
    return frame_table[f].age <= AGE_OLD || (frame_table[f].age == AGE_USED_ONCE && hand_is_far(f));
}

const struct policy policy_clock = {
    .name = "clock",
    .init = clock_init,
    .arrived = clock_arrived,
    .touched = clock_touched,
    .untouched = clock_untouched,
    .candidates = clock_candidates,
    .is_victim = clock_is_victim,
    .is_old = clock_is_old,
};
