/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/task_pages.h"

#include "contents/container.h"
#include "contents/kept.h"
#include "contents/page.h"
#include "tasks/task.h"

static void set_wired(struct container *c, uint32_t first, uint32_t end, bool wired)
{
    for (uint32_t i = container_next_real(c, first); i < end; i = container_next_real(c, i + 1)) {
        frame_t f = container_frame(c, i);
        if (f != FRAME_NONE) {
            page_set_wired(f, wired && frame_table[f].state == PAGE_IN);
        }
    }
}

void task_set_wired(struct task *t, bool wired)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        set_wired(c, 0, container_size(c), wired);
    }
}

void kept_set_wired(void)
{
    for (uint32_t i = 0; i < KEPT_RANGES; i++) {
        const struct kept_range *r = &kept_ranges[i];
        if (r->container) {
            set_wired(r->container, r->first, r->end, true);
        }
    }
}
