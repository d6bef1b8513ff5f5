/* SPDX-License-Identifier: BSD-2-Clause */
/* What physmem counts for those who watch it (PHYSMEM_MEMORY_INFO).  Nothing here decides anything:
 * a part that needs a number to work with keeps its own.  All of them only grow, and go round. */
#pragma once

#include <stdint.h>

struct counters {
    uint32_t faults;    /* page faults, forwarded ones among them */
    uint32_t dropped;   /* messages that were forged, late, or could not be delivered */
    uint32_t depth_max; /* of the faults so far, see serving/rounds.h */
    uint32_t zero_fills, copies;
    uint32_t reads, writes; /* requests to the swap disk */
    uint32_t overlaps;      /* requests that the driver got while it had others */
    uint32_t pages_read, pages_written;
    uint32_t evictions;
    uint32_t io_errors;
    uint32_t lookups, stores; /* windows that came back, and that left */
};
extern struct counters counters;
