/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the words of the block that matter for swapping. */
#include "identify.h"

enum { /* words of the block */
       WORD_GENERAL = 0,
       WORD_MODEL = 27,
       WORD_CAPABILITIES = 49,
       WORD_LBA28_SECTORS = 60,
       WORD_COMMAND_SETS = 83,
       WORD_LBA48_SECTORS = 100,
};

enum {
    GENERAL_NOT_ATA = 1 << 15,
    CAPABILITY_DMA = 1 << 8,
    CAPABILITY_LBA = 1 << 9,
    COMMAND_SETS_VALID_MASK = 3 << 14,
    COMMAND_SETS_VALID = 1 << 14,
    COMMAND_SET_LBA48 = 1 << 10,
};

/* A word holds two characters, the first one in its high byte. */
static void copy_model(const uint16_t *words, char model[IDENTIFY_MODEL_BYTES])
{
    unsigned length = 0;
    for (unsigned i = 0; i < IDENTIFY_MODEL_BYTES - 1; i++) {
        unsigned c = i % 2 == 0 ? words[i / 2] >> 8 : words[i / 2] & 0xffu;
        model[i] = c >= ' ' && c <= '~' ? (char)c : ' ';
        if (model[i] != ' ') {
            length = i + 1;
        }
    }
    model[length] = '\0';
}

static uint64_t sectors_lba48(const uint16_t *words)
{
    return words[0] | (uint64_t)words[1] << 16 | (uint64_t)words[2] << 32 | (uint64_t)words[3] << 48;
}

bool identify_parse(const uint16_t block[IDENTIFY_WORDS], struct identity *id)
{
    if (block[WORD_GENERAL] & GENERAL_NOT_ATA || !(block[WORD_CAPABILITIES] & CAPABILITY_LBA)) {
        return false;
    }
    uint64_t sectors = block[WORD_LBA28_SECTORS] | (uint64_t)block[WORD_LBA28_SECTORS + 1] << 16;
    uint16_t sets = block[WORD_COMMAND_SETS];
    id->lba48 = (sets & COMMAND_SETS_VALID_MASK) == COMMAND_SETS_VALID && (sets & COMMAND_SET_LBA48);
    if (id->lba48) {
        uint64_t large = sectors_lba48(&block[WORD_LBA48_SECTORS]);
        /* Small drives may leave these words zero. */
        sectors = large > sectors ? large : sectors;
    }
    uint64_t pages = sectors / SECTORS_PER_PAGE;
    id->pages = pages > UINT32_MAX ? UINT32_MAX : (uint32_t)pages;
    id->dma = (block[WORD_CAPABILITIES] & CAPABILITY_DMA) != 0;
    copy_model(&block[WORD_MODEL], id->model);
    return id->pages != 0;
}
