/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of physmem that must not be mixed up. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/ids.h"

typedef uint32_t frame_t; /* physical address >> 12; FRAME_NONE = none (frame 0 is never used) */
typedef uint32_t slot_t;  /* page of the swap disk; SLOT_NONE = none (page 0 is its header) */

enum { FRAME_NONE = 0, SLOT_NONE = 0 };
