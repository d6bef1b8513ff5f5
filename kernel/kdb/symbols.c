/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks names up in the table that tools/ksyms has put into the kernel's image. */
#include "symbols.h"

/* From text_start on, a record for each function: two bytes of its length, one that says how many
 * letters its name has in common with the one before it, and the rest of the name, with a NUL.
 * Length 0: the end. */
extern const uint8_t ksyms[];
extern const char text_start[], text_end[];

enum { LINES_MAX = 20, NAME_MAX = 48 };

const char *symbol_find(word_t address, word_t *offset)
{
    if (address < (word_t)text_start || address >= (word_t)text_end) {
        return NULL;
    }
    static char name[NAME_MAX];
    word_t length, left = address - (word_t)text_start;
    for (const uint8_t *p = ksyms; (length = p[0] + p[1] * 256u) != 0; left -= length) {
        char *to = name + p[2];
        p += 3;
        while ((*to++ = (char)*p++) != 0) {
        }
        if (left < length) {
            *offset = left;
            return name;
        }
    }
    return NULL;
}

/* Does a call instruction end here?  call rel32, and call *... in its lengths. */
static bool after_call(const char *p)
{
    const unsigned char *c = (const unsigned char *)p;
    if (c[-5] == 0xe8) {
        return true;
    }
    for (int length = 2; length <= 7; length++) {
        if (c[-length] == 0xff && (c[-length + 1] >> 3 & 7) == 2) {
            return true;
        }
    }
    return false;
}

void symbol_backtrace(word_t sp, word_t end)
{
    unsigned lines = 0;
    for (sp &= ~3u; sp < end && lines < LINES_MAX; sp += 4) {
        word_t value = *(const word_t *)sp, offset;
        if (value < (word_t)text_start + 8 || value >= (word_t)text_end || !after_call((const char *)value)) {
            continue;
        }
        const char *name = symbol_find(value, &offset);
        print("  %08x %s+%x\n", (unsigned)value, name ? name : "?", name ? (unsigned)offset : 0);
        lines++;
    }
}
