/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/module.h"

#include "contents/container.h"

static struct module modules[MODULES_MAX];
static uint32_t count;

void module_init(void)
{
    count = 0;
}

enum error module_add(struct container *c, uint32_t size_bytes, const char *cmdline)
{
    if (count == MODULES_MAX) {
        return ERR_NO_MEMORY;
    }
    c->module = true;
    modules[count++] = (struct module){c, size_bytes, cmdline};
    return OK;
}

const struct module *module_find(uint32_t index)
{
    return index < count ? &modules[index] : NULL;
}

void module_forget(const struct container *c)
{
    for (uint32_t i = 0; i < count; i++) {
        if (modules[i].container == c) {
            modules[i].container = NULL;
        }
    }
}
