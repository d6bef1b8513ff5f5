/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames lent to the kernel, which takes them for what it keeps for spaces and threads when its own
 * memory runs out. A lent frame counts as a table's in the contract. */
#pragma once

#include "protocol/error.h"
#include "ground/types.h"

void kernel_memory_init(void);

/* After the kernel refused something for want of memory: lends frames if it has hardly any left.
 * OK: try again; ERR_BUSY: no frame is free just now; ERR_KERNEL_MEMORY: the contract allows none,
 * or the kernel has memory and it was a space's quota. */
enum error kernel_memory_relieve(void);

/* The kernel has hardly any memory left for what lasts. */
bool kernel_memory_is_short(void);
/* It has enough for all items of any reply; for one page. */
bool kernel_memory_for_reply(void);
bool kernel_memory_for_mapping(void);

/* Frames are short: takes back what the kernel does not use, but for a reserve. */
void kernel_memory_reclaim(void);

uint32_t kernel_memory_lent(void);
