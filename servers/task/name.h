/* SPDX-License-Identifier: BSD-2-Clause */
/* Names under which the manifest's tasks can be found. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

/* ERR_ALREADY: another task has the name; the same task may move it to another of its threads. */
enum error name_set(const char *name, L4_ThreadId_t thread);
/* nilthread: nobody has the name. */
L4_ThreadId_t name_find(const char *name);
void name_forget_thread(L4_ThreadId_t thread);
void name_forget_task(L4_Word_t task);
