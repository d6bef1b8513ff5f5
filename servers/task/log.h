/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on the kernel's console, each behind `task: ' or `task 5 (NAME): '.  A line is cut off at
 * 250 characters.  Any thread of the task server may call it. */
#pragma once

#include "task_table.h"

extern bool log_quiet; /* `quiet on` in the manifest */

__attribute__((format(printf, 1, 2))) void log_failure(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...); /* nothing if quiet */
__attribute__((format(printf, 2, 3))) void log_task_failure(const struct task *task, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void log_task_info(const struct task *task, const char *fmt, ...);
