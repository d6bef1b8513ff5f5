/* SPDX-License-Identifier: BSD-2-Clause */
/* The C library's memory functions that the compiler calls by itself and that every file of the
 * kernel may call.  They take kernel addresses only. */
#pragma once

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
