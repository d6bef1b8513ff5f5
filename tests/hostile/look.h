/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be seen of the system from outside. */
#pragma once

#include "client/physmem.h"
#include "hostile.h"

struct memory_info memory(void);

/* What is there besides the task server, whose tables grow to what was once used of them: promised
 * pages, and wired frames but for those lent to the kernel. */
struct rest {
    L4_Word_t promised, wired;
};
struct rest rest(void);

/* Returns its id; 0: there is no task of that name. */
L4_Word_t find_task(const char *name);
