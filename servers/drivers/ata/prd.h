/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical region descriptors, which tell a bus master where the data goes or comes from.  Pure;
 * dma.c calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PRD_BYTES_MAX = 0x10000, PRD_FRAME_BYTES = 4096 };

struct prd {
    uint32_t address; /* even; a region may not cross a 64 KiB line */
    uint32_t control; /* bytes [15:0], 0 = 64 KiB; bit 31 = last entry */
};

#define PRD_LAST 0x80000000u

/* Describes n >= 1 frames in their order; neighbours are joined. table has room for n entries.
 * Returns the number of entries, or 0 if an address is not that of a frame. */
uint32_t prd_build(struct prd *table, const uint32_t *frames, uint32_t n);
