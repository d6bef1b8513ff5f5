/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks names up in the table that tools/ksyms has put into the kernel's image. */
#include "symbols.h"

/* Addresses in ascending order, then as many NUL-terminated names. */
struct table {
    word_t count;
    word_t address[];
};
extern const struct table ksyms;
extern const char text_start[], text_end[];

enum { LINES_MAX = 20 };

const char *symbol_find(word_t address, word_t *offset)
{
    if (address < (word_t)text_start || address >= (word_t)text_end) {
        return NULL;
    }
    word_t n = 0;
    while (n < ksyms.count && ksyms.address[n] <= address) {
        n++;
    }
    if (n == 0) {
        return NULL;
    }
    const char *name = (const char *)&ksyms.address[ksyms.count];
    for (word_t i = 1; i < n; i++) {
        while (*name++) {
        }
    }
    *offset = address - ksyms.address[n - 1];
    return name;
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
