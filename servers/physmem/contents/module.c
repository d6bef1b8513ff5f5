/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/module.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "room/slab.h"

static struct list modules;
static uint32_t count;
static struct { /* where second copies are looked for next */
    struct list *module;
    uint32_t page;
} hand;

void module_init(void)
{
    list_init(&modules);
    count = 0;
    hand.module = &modules;
}

enum error module_add(struct container *c, uint32_t size_bytes, const char *cmdline)
{
    void *object;
    ASSERT(!c->module && !list_is_empty(&c->of_task));
    enum error e = slab_alloc_small(sizeof(struct module), &object);
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
    for (uint32_t i = container_next_real(c, 0); i < container_size(c); i = container_next_real(c, i + 1)) {
        page_set_twice(&c->home, i, true);
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

/* The next place of a module; false behind the last one of each. */
static bool next_page(struct place *at)
{
    struct container *c =
        hand.module == &modules ? NULL : LIST_ENTRY(hand.module, struct module, all)->container;
    if (c && container_find_real(c, &hand.page, container_size(c))) {
        *at = (struct place){c, hand.page++};
        return true;
    }
    if (budget_left()) {
        hand.module = hand.module->next;
        hand.page = 0;
    }
    return false;
}

void module_give_twins_up(uint32_t want)
{
    uint32_t passed = 0; /* places of the list, whose head is one, too */
    struct place at;
    while (want > 0 && page_totals.twins > 0 && passed <= count + 1 && budget_left()) {
        if (next_page(&at)) {
            want -= page_give_twin_up(&at.container->home, at.page);
        } else {
            passed++;
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
