/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions that the compiler calls on its own. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int byte, size_t count);
int memcmp(const void *a, const void *b, size_t count);

void *memcpy(void *restrict to, const void *restrict from, size_t count)
{
    void *dest = to;
    __asm__ volatile("rep movsb" : "+D"(dest), "+S"(from), "+c"(count) : : "memory");
    return to;
}

void *memmove(void *to, const void *from, size_t count)
{
    if ((uintptr_t)to - (uintptr_t)from >= count) {
        return memcpy(to, from, count);
    }
    char *dest = (char *)to + count - 1;
    const char *source = (const char *)from + count - 1;
    __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(dest), "+S"(source), "+c"(count) : : "memory");
    return to;
}

void *memset(void *to, int byte, size_t count)
{
    void *dest = to;
    __asm__ volatile("rep stosb" : "+D"(dest), "+c"(count) : "a"(byte) : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t count)
{
    const unsigned char *p = (const unsigned char *)a, *q = (const unsigned char *)b;
    for (size_t i = 0; i < count; i++) {
        if (p[i] != q[i]) {
            return p[i] - q[i];
        }
    }
    return 0;
}
