/* SPDX-License-Identifier: BSD-2-Clause */
/* Marsaglia's xorshift with 32 bits: cheap random numbers for tests and workloads, the same for the
 * same seed on every machine. */
#pragma once

#include <stdint.h>

/* The next of 2^32 - 1 numbers.  *state, which is the number too, must not begin as zero: zero
 * stays zero. */
static inline uint32_t xorshift(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
