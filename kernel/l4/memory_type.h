/* SPDX-License-Identifier: BSD-2-Clause */
/* How the processor caches those frames for which sigma0 has chosen that with MemoryControl.  A
 * type is a few bits of a pte_t (ARCH_MEMORY_TYPE); 0, the default, is what every other frame has.
 * A mapping takes its type from the frame when sigma0 maps it, and from the mapping above
 * otherwise.  Called by memory_control.c and by what maps pages of sigma0's. */
#pragma once

#include "mapping_db.h"

enum { MEMORY_RANGES = 32 }; /* as many as there can be at once, of another type than the default */

extern size_t memory_ranges;

word_t memory_type_find(paddr_t frame);

static inline word_t memory_type(paddr_t frame)
{
    return __builtin_expect(memory_ranges == 0, 1) ? 0 : memory_type_find(frame);
}

/* Does a frame that begins in [first, last] have a type? */
bool memory_typed(paddr_t first, paddr_t last);

/* The frames from first to the byte `last' have this type from now on, and then, in steps, all
 * their mappings.  MAP_MORE: the step is over, and *p, at first 0, says how far it is.
 * MAP_NO_MEMORY: there are too many ranges, or there is no kernel memory to split the superpages,
 * and nothing has changed. */
RARE enum map_result memory_type_set(paddr_t first, paddr_t last, word_t type, struct type_progress *p);
