/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/arrivals.h"

#include "ground/mem.h"

static frame_t arrived[ARRIVALS_MAX];
static uint32_t arrived_count; /* without bound; only the first ARRIVALS_MAX are kept */

void arrivals_init(void)
{
    arrived_count = 0;
}

void arrivals_add(frame_t f)
{
    if (arrived_count < ARRIVALS_MAX) {
        arrived[arrived_count] = f;
    }
    arrived_count++;
}

bool arrivals_take(frame_t *frames, uint32_t *count)
{
    bool complete = arrived_count <= ARRIVALS_MAX;
    *count = complete ? arrived_count : 0;
    memcpy(frames, arrived, *count * sizeof *frames);
    arrived_count = 0;
    return complete;
}
