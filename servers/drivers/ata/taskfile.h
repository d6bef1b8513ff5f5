/* SPDX-License-Identifier: BSD-2-Clause */
/* The command block of an ATA transfer: which bytes go to which register.  Pure; dma.c and pio.c
 * call it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { TASKFILE_SECTORS_MAX = 256 };

struct taskfile {
    bool extended; /* write the high bytes first (48-bit commands) */
    uint8_t command, device;
    uint8_t count, lba[3]; /* sector count, LBA low / mid / high: the bytes written last */
    uint8_t count_high, lba_high[3];
};

/* Describes a transfer of sectors (1 ..  TASKFILE_SECTORS_MAX) from lba on, by drive 0 or 1 of the
 * channel.  The 28-bit command is taken where it reaches.  Returns false if the drive has no
 * command that reaches there. */
bool taskfile_build(struct taskfile *t, unsigned drive, bool lba48, bool write, bool dma, uint64_t lba,
                    uint32_t sectors);
