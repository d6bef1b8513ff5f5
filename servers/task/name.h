/* SPDX-License-Identifier: BSD-2-Clause */
/* Names under which the manifest's tasks can be found.  A name belongs to one thread, and goes with
 * it or with its task.  Called by boot.c for servers, by death.c and thread.c, and for requests. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

/* Neither the name is empty nor the thread nil.  ERR_ALREADY: another task has the name; the same
 * task may move it to another of its threads.  ERR_NO_MEMORY: there are as many names as can be. */
enum error name_set(const char *name, L4_ThreadId_t thread);
/* nilthread: nobody has the name. */
L4_ThreadId_t name_find(const char *name);
void name_forget_thread(L4_ThreadId_t thread);
void name_forget_task(L4_Word_t task);
