/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk over all pages of a task: those that its containers refer to.  It takes time in proportion
 * to the size of the task. */
#pragma once

#include <stdbool.h>

struct task;

/* Marks every page of the task that is in memory as wired, or not. */
void task_set_wired(struct task *t, bool wired);
