/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk over all pages of a task: those that its containers refer to.  It takes time in proportion
 * to the size of the task. */
#pragma once

#include <stdbool.h>

struct task;

/* Marks every page of the task that is in memory as wired, or not. */
void task_set_wired(struct task *t, bool wired);
/* Marks every page of the kept ranges (kept.h) that is in memory as wired: a wired task that shared
 * some of them has ended. */
void kept_set_wired(void);
