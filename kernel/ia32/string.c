/* SPDX-License-Identifier: BSD-2-Clause */
/* The string instructions of the processor: short, and fast enough for pages. */
#include "string.h"

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *d = to;
    size_t words = bytes / 4, rest = bytes % 4;
    __asm__ volatile("rep movsl\n\tmovl %3, %%ecx\n\trep movsb"
                     : "+D"(d), "+S"(from), "+c"(words)
                     : "g"(rest)
                     : "memory");
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    void *d = to;
    size_t words = bytes / 4, rest = bytes % 4;
    __asm__ volatile("rep stosl\n\tmovl %3, %%ecx\n\trep stosb"
                     : "+D"(d), "+c"(words)
                     : "a"((unsigned char)value * 0x01010101u), "g"(rest)
                     : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (; bytes > 0; bytes--, x++, y++) {
        if (*x != *y) {
            return *x - *y;
        }
    }
    return 0;
}
