/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot modules behind sigma0 and the root task, each one a container of task 1. */
#pragma once

#include "protocol/error.h"
#include "ground/types.h"

struct container;

struct module {
    struct container *container; /* NULL: it has been destroyed */
    uint32_t size_bytes;
    const char *cmdline; /* in the boot loader's records, which stay reserved */
};

enum { MODULES_MAX = 64 };

void module_init(void);
enum error module_add(struct container *c, uint32_t size_bytes, const char *cmdline);
const struct module *module_find(uint32_t index); /* NULL: no such module */
void module_forget(const struct container *c);
