/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of containers whose pages stay in memory, also those that become real only later, and
 * those that somebody else shares: the restart set (PHYSMEM_KEEP).  There are a few, all of the
 * task server's.  container.stays says whether it is worth asking. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct container;

enum { KEPT_RANGES = 4 };

struct kept_range {
    struct container *container; /* NULL: none */
    uint32_t first, end;         /* pages, half open */
};
extern struct kept_range kept_ranges[KEPT_RANGES];

void kept_init(void);
/* ERR_NO_MEMORY: there are as many ranges as there may be. */
enum error kept_add(struct container *c, uint32_t first, uint32_t end);
/* The container goes. */
void kept_forget(const struct container *c);
bool kept_has(const struct container *c, uint32_t page);
