/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "ground/types.h"

static inline uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}
