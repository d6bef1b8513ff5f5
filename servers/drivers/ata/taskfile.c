/* SPDX-License-Identifier: BSD-2-Clause */
/* Chooses the command and spreads count and block number over the registers. */
#include "taskfile.h"

enum {
    DEVICE_OBSOLETE_ONES = 0xa0,
    DEVICE_LBA = 0x40,
};

/* [dma][extended][write] */
static const uint8_t commands[2][2][2] = {
    {{0x20, 0x30}, {0x24, 0x34}}, /* READ / WRITE SECTOR(S), EXT */
    {{0xc8, 0xca}, {0x25, 0x35}}, /* READ / WRITE DMA, EXT       */
};

#define LBA28_END (1ull << 28)
#define LBA48_END (1ull << 48)

bool taskfile_build(struct taskfile *t, unsigned drive, bool lba48, bool write, bool dma, uint64_t lba,
                    uint32_t sectors)
{
    if (sectors == 0 || sectors > TASKFILE_SECTORS_MAX || lba >= LBA48_END || sectors > LBA48_END - lba) {
        return false;
    }
    bool extended = lba + sectors > LBA28_END;
    if (extended && !lba48) {
        return false;
    }
    *t = (struct taskfile){
        .extended = extended,
        .command = commands[dma][extended][write],
        .device = (uint8_t)(DEVICE_OBSOLETE_ONES | DEVICE_LBA | (drive & 1) << 4),
        /* 256 is written as 0 in the 28-bit form, as 0x100 in the other. */
        .count = (uint8_t)sectors,
        .lba = {(uint8_t)lba, (uint8_t)(lba >> 8), (uint8_t)(lba >> 16)},
    };
    if (extended) {
        t->count_high = (uint8_t)(sectors >> 8);
        t->lba_high[0] = (uint8_t)(lba >> 24);
        t->lba_high[1] = (uint8_t)(lba >> 32);
        t->lba_high[2] = (uint8_t)(lba >> 40);
    } else {
        t->device = (uint8_t)(t->device | (lba >> 24 & 0xf));
    }
    return true;
}
