/* SPDX-License-Identifier: BSD-2-Clause */
/* How the processor caches frames, where sigma0 has chosen with MemoryControl.  A type is bits of a pte_t
 * (ARCH_MEMORY_TYPE); 0, the default, is what every other frame has.  Mappings take theirs from the frame when sigma0
 * maps it, and from the mapping above otherwise. */
#pragma once

#include "word.h"

enum { MEMORY_RANGES = 32 }; /* of frames with a type other than the default, that there can be at once */

extern size_t memory_ranges;

word_t memory_type_find(paddr_t frame);

static inline word_t memory_type(paddr_t frame)
{
    return __builtin_expect(memory_ranges == 0, 1) ? 0 : memory_type_find(frame);
}

/* Does a frame that begins in [first, last] have a type? */
bool memory_typed(paddr_t first, paddr_t last);

/* Frames from first to the byte `last' and all their mappings have this type now.  false, and nothing has changed: too
 * many ranges, or no kernel memory to split the superpages. */
bool memory_type_set(paddr_t first, paddr_t last, word_t type);
