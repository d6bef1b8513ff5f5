/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/sweep.h"

#include "contents/container.h"
#include "ground/budget.h"
#include "tasks/task.h"

enum { LOOK_ENTRIES = 64 }; /* of a container, between two looks at the budget */

static struct container *container_at(struct task *t, struct list *i)
{
    return i == &t->containers ? NULL : LIST_ENTRY(i, struct container, of_task);
}

void sweep_start(struct task *t)
{
    t->sweep.container = container_at(t, t->containers.next);
    t->sweep.page = 0;
}

enum swept sweep_next(struct task *t, struct container **c, uint32_t *page)
{
    struct sweep *s = &t->sweep;
    while (s->container && budget_left()) {
        uint32_t found = container_next_real_within(s->container, s->page, LOOK_ENTRIES);
        budget_spend(BUDGET_LOOK);
        *c = s->container;
        *page = found;
        s->page = found;
        if (found == s->container->size_pages) {
            s->container = container_at(t, s->container->of_task.next);
            s->page = 0;
        } else if (container_ref(*c, found) > REF_ZERO) {
            s->page++;
            return SWEPT_PAGE;
        }
    }
    return s->container ? SWEPT_MORE : SWEPT_ALL;
}
