// sources: servers/drivers/ata/identify.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What the swap driver reads out of a disk's IDENTIFY words. */
#include "../../servers/drivers/ata/identify.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static uint16_t block[IDENTIFY_WORDS];

static void a_disk(uint32_t sectors)
{
    memset(block, 0, sizeof block);
    block[0] = 0x0040;
    block[49] = 1 << 9 | 1 << 8;
    block[60] = (uint16_t)sectors;
    block[61] = (uint16_t)(sectors >> 16);
    for (int i = 0; i < 20; i++) {
        block[27 + i] = 0x2020;
    }
    block[27] = 'Q' << 8 | 'E';
    block[28] = 'M' << 8 | 'U';
}

static void an_lba28_disk_is_read(void)
{
    struct identity id;
    a_disk(131072);
    assert(identify_parse(block, &id));
    assert(id.pages == 16384 && !id.lba48 && id.dma);
    assert(strcmp(id.model, "QEMU") == 0);
}

static void a_large_disk_uses_the_48_bit_size(void)
{
    struct identity id;
    a_disk(0x0fffffff);
    block[83] = 1 << 14 | 1 << 10;
    block[102] = 1; /* 2^32 sectors */
    assert(identify_parse(block, &id));
    assert(id.lba48 && id.pages == 1u << 29);
    block[83] = 1 << 10; /* the word is not valid */
    assert(identify_parse(block, &id));
    assert(!id.lba48 && id.pages == 0x0fffffff / 8);
    block[83] = 3 << 14 | 1 << 10;
    assert(identify_parse(block, &id) && !id.lba48);
}

static void zero_48_bit_words_do_not_shrink_the_disk(void)
{
    struct identity id;
    a_disk(800);
    block[83] = 1 << 14 | 1 << 10;
    assert(identify_parse(block, &id) && id.pages == 100);
}

static void an_enormous_disk_is_cut(void)
{
    struct identity id;
    a_disk(0);
    block[83] = 1 << 14 | 1 << 10;
    block[103] = 0xffff;
    assert(identify_parse(block, &id) && id.pages == UINT32_MAX);
}

static void what_is_no_disk_is_refused(void)
{
    struct identity id;
    a_disk(131072);
    block[0] = 0x8580; /* ATAPI */
    assert(!identify_parse(block, &id));
    a_disk(131072);
    block[49] = 1 << 8; /* no LBA */
    assert(!identify_parse(block, &id));
    a_disk(7); /* less than a page */
    assert(!identify_parse(block, &id));
    memset(block, 0, sizeof block);
    assert(!identify_parse(block, &id));
    memset(block, 0xff, sizeof block); /* floating bus */
    assert(!identify_parse(block, &id));
}

static void a_strange_model_stays_printable(void)
{
    struct identity id;
    a_disk(131072);
    for (int i = 0; i < 20; i++) {
        block[27 + i] = 0x1bff;
    }
    assert(identify_parse(block, &id) && id.model[0] == '\0');
    for (int i = 0; i < 20; i++) {
        block[27 + i] = 'a' << 8 | 'b';
    }
    assert(identify_parse(block, &id) && strlen(id.model) == 40);
    a_disk(131072);
    block[49] = 1 << 9;
    assert(identify_parse(block, &id) && !id.dma);
}

int main(void)
{
    an_lba28_disk_is_read();
    a_large_disk_uses_the_48_bit_size();
    zero_48_bit_words_do_not_shrink_the_disk();
    an_enormous_disk_is_cut();
    what_is_no_disk_is_refused();
    a_strange_model_stays_printable();
    puts("KTAP version 1\n1..1\nok 1 - what IDENTIFY says");
    return 0;
}
