/* SPDX-License-Identifier: BSD-2-Clause */
/* For the tests of the Segment Map: where their lines go, and random numbers, from a seed or from a
 * fuzzer (tests/fuzz/segmap.h). */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "base/xorshift.h"

static inline void write_text(const char *text)
{
    (void)fputs(text, stdout);
    (void)fflush(stdout);
}

static uint32_t seed = 1;
static const uint8_t *input; /* NULL: from the seed */
static size_t input_left;

static inline uint32_t draw(uint32_t bound)
{
    if (input) {
        uint32_t value = 0;
        for (int i = 0; i < 2 && input_left; i++, input_left--) {
            value = value << 8 | *input++;
        }
        return value % bound;
    }
    return xorshift(&seed) % bound;
}
