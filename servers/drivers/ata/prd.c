/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbouring frames become one region as long as it crosses no 64 KiB line. */
#include "prd.h"

uint32_t prd_build(struct prd *table, const uint32_t *frames, uint32_t n)
{
    uint32_t entries = 0, bytes = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (frames[i] % PRD_FRAME_BYTES != 0) {
            return 0;
        }
        bool joins = i > 0 && frames[i] == frames[i - 1] + PRD_FRAME_BYTES && frames[i] % PRD_BYTES_MAX != 0;
        if (!joins) {
            table[entries++].address = frames[i];
            bytes = 0;
        }
        bytes += PRD_FRAME_BYTES;
        table[entries - 1].control = bytes & 0xffff;
    }
    if (entries > 0) {
        table[entries - 1].control |= PRD_LAST;
    }
    return entries;
}
