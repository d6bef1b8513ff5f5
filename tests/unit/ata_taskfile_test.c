// sources: servers/drivers/ata/taskfile.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of an ATA command, decoded again as the drive would. */
#include "../../servers/drivers/ata/taskfile.h"

#include <assert.h>
#include <stdio.h>

/* What the drive understands: the inverse of the encoding. */
static uint64_t lba_of(const struct taskfile *t)
{
    uint64_t low = t->lba[0] | (uint64_t)t->lba[1] << 8 | (uint64_t)t->lba[2] << 16;
    if (!t->extended) {
        return low | (uint64_t)(t->device & 0xf) << 24;
    }
    return low | (uint64_t)t->lba_high[0] << 24 | (uint64_t)t->lba_high[1] << 32 |
           (uint64_t)t->lba_high[2] << 40;
}

static uint32_t sectors_of(const struct taskfile *t)
{
    uint32_t n = t->extended ? t->count | (uint32_t)t->count_high << 8 : t->count;
    return n != 0 ? n : t->extended ? 65536 : 256;
}

static void addresses_and_counts_come_through(void)
{
    static const uint64_t bases[] = {
        0,         1,          8,           0xff,       0x100,       0x123456,          0xfffff00,
        0xfffffff, 0x10000000, 0x123456789, 0xffffffff, 0x100000000, (1ull << 48) - 256};
    static const uint32_t counts[] = {1, 8, 16, 255, 256};
    for (unsigned b = 0; b < sizeof bases / sizeof *bases; b++) {
        for (unsigned c = 0; c < sizeof counts / sizeof *counts; c++) {
            struct taskfile t;
            assert(taskfile_build(&t, 0, true, false, true, bases[b], counts[c]));
            assert(lba_of(&t) == bases[b] && sectors_of(&t) == counts[c]);
            assert(t.extended == (bases[b] + counts[c] > 1u << 28));
            assert((t.device & 0xf0) == 0xe0);
        }
    }
}

static void the_command_follows_kind_and_direction(void)
{
    struct taskfile t;
    assert(taskfile_build(&t, 0, false, false, false, 0, 8) && t.command == 0x20);
    assert(taskfile_build(&t, 0, false, true, false, 0, 8) && t.command == 0x30);
    assert(taskfile_build(&t, 0, false, false, true, 0, 8) && t.command == 0xc8);
    assert(taskfile_build(&t, 1, false, true, true, 0, 8) && t.command == 0xca && t.device == 0xf0);
    assert(taskfile_build(&t, 0, true, false, false, 1u << 28, 8) && t.command == 0x24);
    assert(taskfile_build(&t, 0, true, true, false, 1u << 28, 8) && t.command == 0x34);
    assert(taskfile_build(&t, 0, true, false, true, 1u << 28, 8) && t.command == 0x25);
    assert(taskfile_build(&t, 1, true, true, true, 1u << 28, 8) && t.command == 0x35 && t.device == 0xf0);
}

static void what_cannot_be_addressed_is_refused(void)
{
    struct taskfile t;
    assert(!taskfile_build(&t, 0, true, false, true, 0, 0));
    assert(!taskfile_build(&t, 0, true, false, true, 0, 257));
    assert(!taskfile_build(&t, 0, false, false, true, 1u << 28, 1));
    assert(!taskfile_build(&t, 0, false, false, true, (1u << 28) - 1, 2));
    assert(taskfile_build(&t, 0, false, false, true, (1u << 28) - 1, 1));
    assert(!taskfile_build(&t, 0, true, false, true, (1ull << 48) - 1, 2));
    assert(!taskfile_build(&t, 0, true, false, true, 1ull << 48, 1));
    assert(!taskfile_build(&t, 0, true, false, true, UINT64_MAX, 8));
}

int main(void)
{
    addresses_and_counts_come_through();
    the_command_follows_kind_and_direction();
    what_cannot_be_addressed_is_refused();
    puts("KTAP version 1\n1..1\nok 1 - registers of a command");
    return 0;
}
