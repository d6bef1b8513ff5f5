/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/module.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "room/slab.h"

static struct slab slab;
static struct list modules;
static uint32_t count;
static struct { /* where second copies are looked for next */
    struct list *module;
    uint32_t page;
} hand;

void module_init(void)
{
    slab_init(&slab, sizeof(struct module));
    list_init(&modules);
    count = 0;
    hand.module = &modules;
}

enum error module_add(struct container *c, uint32_t size_bytes, const char *cmdline)
{
    void *object;
    ASSERT(!c->module && !list_is_empty(&c->of_task));
    enum error e = slab_alloc(&slab, &object);
    if (e != OK) {
        return e;
    }
    struct module *m = object;
    m->container = c;
    m->size_bytes = size_bytes;
    m->cmdline = cmdline;
    list_append(&modules, &m->all);
    count++;
    c->module = true;
    for (uint32_t i = container_next_real(c, 0); i < c->size_pages; i = container_next_real(c, i + 1)) {
        page_set_twice(container_page(c, i), true);
    }
    return OK;
}

const struct module *module_find(uint32_t index)
{
    const struct list *i = modules.next;
    while (i != &modules && index > 0) {
        i = i->next;
        index--;
    }
    return i == &modules ? NULL : LIST_ENTRY(i, struct module, all);
}

/* The next page of a module; NULL behind the last one of each. */
static struct page *next_page(void)
{
    const struct container *c =
        hand.module == &modules ? NULL : LIST_ENTRY(hand.module, struct module, all)->container;
    if (c && container_find_real(c, &hand.page, c->size_pages)) {
        return container_page(c, hand.page++);
    }
    if (budget_left()) {
        hand.module = hand.module->next;
        hand.page = 0;
    }
    return NULL;
}

void module_give_twins_up(uint32_t want)
{
    uint32_t passed = 0; /* places of the list, whose head is one, too */
    while (want > 0 && page_totals.twins > 0 && passed <= count + 1 && budget_left()) {
        struct page *p = next_page();
        if (!p) {
            passed++;
        } else if (p->twin != 0 && !page_in_transit(p)) {
            page_give_twin_up(p);
            want--;
        }
    }
}

void module_forget(const struct container *c)
{
    for (struct list *i = c->module ? modules.next : &modules; i != &modules; i = i->next) {
        struct module *m = LIST_ENTRY(i, struct module, all);
        if (m->container == c) {
            m->container = NULL;
        }
    }
}
