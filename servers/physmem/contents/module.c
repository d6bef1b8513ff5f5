/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/module.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "room/slab.h"

static struct slab slab;
static struct list modules;

void module_init(void)
{
    slab_init(&slab, sizeof(struct module));
    list_init(&modules);
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
    c->module = true;
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

void module_forget(const struct container *c)
{
    for (struct list *i = c->module ? modules.next : &modules; i != &modules; i = i->next) {
        struct module *m = LIST_ENTRY(i, struct module, all);
        if (m->container == c) {
            m->container = NULL;
        }
    }
}
