/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot modules, known by their base names.  Filled once at the start; from then on nothing
 * changes.  Called by boot.c and file.c. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"
#include "protocol/task.h"

/* What their place behind the server's image has room for (task.ld); each takes a page of memory at
 * least. */
enum { MODULES_MAX = 4096 };

struct module {
    char name[TASK_NAME_BYTES + 1];
    handle_t handle; /* the task server's */
    uint32_t bytes;
};

/* Asks physmem for all of them. */
void module_table_init(void);
/* null: there is none of exactly that name. */
const struct module *module_find(const char *name);
