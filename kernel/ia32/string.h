/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler and the kernel need of the C library's memory functions. */
#pragma once

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
