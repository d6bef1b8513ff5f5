/* SPDX-License-Identifier: BSD-2-Clause */
/* The little of <string.h> that the task server needs, for there is no C library in it.  Pure; all
 * its files may call it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

static inline bool text_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* Copies at most size - 1 characters and terminates them. */
static inline void text_copy(char *to, const char *from, size_t size)
{
    size_t i = 0;
    for (; i + 1 < size && from[i] != '\0'; i++) {
        to[i] = from[i];
    }
    to[i] = '\0';
}
