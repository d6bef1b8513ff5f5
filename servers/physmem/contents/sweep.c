/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/sweep.h"

#include "contents/container.h"
#include "ground/budget.h"
#include "tasks/presence.h"
#include "tasks/task.h"

static struct container *container_at(struct task *t, struct list *i)
{
    return i == &t->containers ? NULL : LIST_ENTRY(i, struct container, of_task);
}

void sweep_start(struct task *t)
{
    t->presence->sweep = (struct sweep){container_at(t, t->containers.next), 0};
}

void sweep_to_next(struct task *t)
{
    struct sweep *s = &t->presence->sweep;
    *s = (struct sweep){container_at(t, s->container->of_task.next), 0};
}

enum swept sweep_next(struct task *t, struct container **c, uint32_t *page)
{
    struct sweep *s = &t->presence->sweep;
    while (s->container) {
        *c = s->container;
        if (container_find_real(*c, &s->page, container_size(*c))) {
            *page = s->page++;
            return SWEPT_PAGE;
        }
        if (s->page < container_size(*c) || !budget_left()) {
            return SWEPT_MORE;
        }
        sweep_to_next(t);
    }
    return SWEPT_ALL;
}
