/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/task_pages.h"

#include "contents/container.h"
#include "contents/page.h"
#include "tasks/task.h"

static void set_wired(struct container *c, bool wired)
{
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        struct page *p = container_page(c, i);
        page_set_wired(p, wired && p->state == PAGE_IN);
    }
}

void task_set_wired(struct task *t, bool wired)
{
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        set_wired(LIST_ENTRY(i, struct container, of_task), wired);
    }
}
