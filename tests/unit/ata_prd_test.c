// sources: servers/drivers/ata/prd.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The descriptors of a DMA transfer: every frame in its place, no region across 64 KiB. */
#include "../../servers/drivers/ata/prd.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { FRAMES = 32 };

/* Walks the table like the controller and finds every frame in its place. */
static void check(const uint32_t *frames, uint32_t n)
{
    struct prd table[FRAMES];
    uint32_t entries = prd_build(table, frames, n), page = 0;
    assert(entries >= 1 && entries <= n);
    for (uint32_t e = 0; e < entries; e++) {
        uint32_t bytes = table[e].control & 0xffff;
        bytes = bytes == 0 ? PRD_BYTES_MAX : bytes;
        assert((table[e].control & 0x7fff0000) == 0);
        assert(((table[e].control & PRD_LAST) != 0) == (e == entries - 1));
        assert(table[e].address / PRD_BYTES_MAX == (table[e].address + bytes - 1) / PRD_BYTES_MAX);
        for (uint32_t b = 0; b < bytes; b += PRD_FRAME_BYTES) {
            assert(page < n && frames[page] == table[e].address + b);
            page++;
        }
    }
    assert(page == n);
}

int main(void)
{
    uint32_t frames[FRAMES];
    for (uint32_t i = 0; i < FRAMES; i++) {
        frames[i] = 0x100000 + i * PRD_FRAME_BYTES;
    }
    struct prd table[FRAMES];
    assert(prd_build(table, frames, FRAMES) == 2); /* two regions of 64 KiB, length written as 0 */
    assert(table[0].control == 0 && table[1].control == PRD_LAST);
    check(frames, FRAMES);
    for (uint32_t i = 0; i < FRAMES; i++) {
        frames[i] = 0x10c000 + i * PRD_FRAME_BYTES; /* lines in the middle */
    }
    check(frames, FRAMES);
    frames[0] = 0xfffff000; /* the last frame does not join frame 0 */
    frames[1] = 0;
    check(frames, 2);
    assert(prd_build(table, frames, 2) == 2);
    for (unsigned round = 0; round < 10000; round++) {
        uint32_t n = (uint32_t)rand() % FRAMES + 1, frame = (uint32_t)rand() % 0x10000;
        for (uint32_t i = 0; i < n; i++) {
            frame = rand() % 4 == 0 ? (uint32_t)rand() % 0x10000 : frame + 1;
            frames[i] = frame * PRD_FRAME_BYTES;
        }
        check(frames, n);
    }
    frames[0] = 0x1004;
    assert(prd_build(table, frames, 1) == 0);
    assert(prd_build(table, frames, 0) == 0);
    puts("KTAP version 1\n1..1\nok 1 - descriptors of a DMA transfer");
    return 0;
}
