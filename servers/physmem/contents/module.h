/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot modules behind sigma0 and the root task, each one a container of task 1.  They are made at
 * the boot, and numbered from 0 in the order of the boot loader; a number stays when its container
 * has been destroyed. */
#pragma once

#include "base/list.h"
#include "ground/types.h"
#include "protocol/error.h"

struct container;

struct module {
    struct list all;
    struct container *container; /* NULL: it has been destroyed */
    uint32_t size_bytes;
    const char *cmdline; /* in the boot loader's records, which stay reserved */
};

void module_init(void);
/* The container, which is task 1's and has no handle yet, is the next module: its pages are kept
 * twice on the swap disk.  Errors are those of slab_alloc. */
enum error module_add(struct container *c, uint32_t size_bytes, const char *cmdline);
const struct module *module_find(uint32_t index); /* NULL: no such module */
/* Slots are short: second copies are given up, `want` of them if the event's budget finds as
 * many. */
void module_give_twins_up(uint32_t want);
/* The container is about to be destroyed.  It need not be a module. */
void module_forget(const struct container *c);
