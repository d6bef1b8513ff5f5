/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler itself calls; the tests link no C library. */
#include <stddef.h>

void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
int memcmp(const void *left, const void *right, size_t bytes);

void *memset(void *to, int value, size_t bytes)
{
    void *at = to;
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *at = to;
    __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

int memcmp(const void *left, const void *right, size_t bytes)
{
    const unsigned char *l = left, *r = right;
    for (size_t i = 0; i < bytes; i++) {
        if (l[i] != r[i]) {
            return l[i] - r[i];
        }
    }
    return 0;
}
