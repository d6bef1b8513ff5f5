/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of <string.h> that physmem and its compiler need; mem.c has it for the machine, the C
 * library for host tests. */
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
