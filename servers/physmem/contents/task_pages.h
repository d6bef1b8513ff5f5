/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over all pages of a task: those that its containers refer to.  Each walk takes time in
 * proportion to the size of the task. */
#pragma once

#include <stdbool.h>

struct task;
struct task_memory;

/* Measures what TASK_INFO tells. */
void task_measure(struct task *t, struct task_memory *m);

/* Marks every page of the task that is in memory as wired, or not. */
void task_set_wired(struct task *t, bool wired);
