/* SPDX-License-Identifier: BSD-2-Clause */
/* What the IDENTIFY DEVICE block says about a drive.  Pure; drive.c calls it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { IDENTIFY_WORDS = 256, SECTOR_BYTES = 512, SECTORS_PER_PAGE = 8, IDENTIFY_MODEL_BYTES = 41 };

struct identity {
    uint32_t pages; /* whole 4 KiB pages on the drive; a drive past 16 TiB is cut there */
    bool lba48;
    bool dma;
    char model[IDENTIFY_MODEL_BYTES]; /* printable ASCII, without trailing blanks */
};

/* Returns false if it is not an ATA disk, has no LBA, or is smaller than one page; *id is undefined
 * then. */
bool identify_parse(const uint16_t block[IDENTIFY_WORDS], struct identity *id);
