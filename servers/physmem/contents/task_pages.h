/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over all pages of a task: those that its containers refer to.  Each walk takes time in
 * proportion to the size of the task. */
#pragma once

#include <stdbool.h>

struct page;
struct task;
struct task_memory;

/* Measures what TASK_INFO tells. */
void task_measure(struct task *t, struct task_memory *m);

/* Marks every page of the task that is in memory as wired, or not. */
void task_set_wired(struct task *t, bool wired);

/* Between these two calls page_is_own() says of the task's pages whether this task's containers
 * alone refer to them.  Both belong into one event: the marks are zero between events. */
void task_mark_own(struct task *t);
void task_unmark_own(struct task *t);
bool page_is_own(const struct page *p);
