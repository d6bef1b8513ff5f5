/* SPDX-License-Identifier: BSD-2-Clause */
/* What the memory descriptors of the kernel interface page say of each frame.  Only the boot
 * asks. */
#pragma once

#include "ground/types.h"
#include "l4/kip.h"

struct range { /* frames, half open */
    frame_t start, end;
};

/* The frames that bytes low .. high - 1 touch. */
static inline struct range frames_touched(L4_Word_t low, L4_Word_t high)
{
    return (struct range){low / PAGE_SIZE, high / PAGE_SIZE + (high % PAGE_SIZE != 0)};
}

static inline bool in_range(frame_t f, struct range r)
{
    return f >= r.start && f < r.end;
}

/* Memory that can be used, boot modules among it. */
bool frame_is_conventional(const struct kip *kip, frame_t f);
/* Memory that the kernel has and that may be taken back from it; none: an empty range. */
struct range memory_map_loan(const struct kip *kip);
/* One behind the last frame of conventional memory. */
frame_t memory_map_end(const struct kip *kip);
