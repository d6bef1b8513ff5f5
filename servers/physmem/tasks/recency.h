/* SPDX-License-Identifier: BSD-2-Clause */
/* The tasks in memory that may go out, in the order in which a page was last given to them. */
#pragma once

#include "base/list.h"
#include "ground/clock.h"
#include "ground/types.h"
#include "tasks/task.h"

void recency_init(void);

/* It is in memory, and gets a page now. */
void recency_note_use(struct task *t);
static inline void recency_use(struct task *t)
{
    if (t->order_at != clock_now() || list_is_empty(&t->order)) {
        recency_note_use(t);
    }
}

/* It is out, ends, or must stay. */
void recency_leave(struct task *t);

/* The one that has been given nothing the longest, and the next after it; NULL: there is none. */
struct task *recency_first(void);
struct task *recency_next(struct task *t);

/* How many there are, and to how many of them something was given within the last so many ticks of
 * clock_now: counted up to `most`, which bounds the time that it takes. */
uint32_t recency_count(void);
uint32_t recency_count_since(uint32_t ticks, uint32_t most);
