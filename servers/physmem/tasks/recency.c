/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/recency.h"

#include "base/assertion.h"
#include "ground/clock.h"
#include "tasks/task.h"

static struct list in_memory; /* through task.order */
static uint32_t count;

void recency_init(void)
{
    list_init(&in_memory);
    count = 0;
}

static struct task *at(struct list *i)
{
    return i != &in_memory ? LIST_ENTRY(i, struct task, order) : NULL;
}

void recency_note_use(struct task *t)
{
    ASSERT(t->state == TASK_MEMORY_IN);
    t->order_at = clock_now();
    if (list_is_empty(&t->order)) {
        count++;
    }
    list_remove(&t->order);
    list_append(&in_memory, &t->order);
}

void recency_leave(struct task *t)
{
    if (!list_is_empty(&t->order)) {
        ASSERT(count > 0);
        count--;
        list_remove(&t->order);
    }
}

struct task *recency_first(void)
{
    return at(in_memory.next);
}

struct task *recency_next(struct task *t)
{
    return at(t->order.next);
}

uint32_t recency_count(void)
{
    return count;
}

uint32_t recency_count_since(uint32_t ticks, uint32_t most)
{
    uint32_t found = 0, now = clock_now();
    for (struct list *i = in_memory.prev; i != &in_memory && found < most; i = i->prev) {
        if (now - at(i)->order_at > ticks) {
            break;
        }
        found++;
    }
    return found;
}
