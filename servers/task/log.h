/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines on the kernel's console, each with its head.  No line is longer than 200 characters. */
#pragma once

#include "task_table.h"

extern bool log_quiet; /* `quiet on` in the manifest */

__attribute__((format(printf, 1, 2))) void log_failure(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...); /* not when quiet */
__attribute__((format(printf, 2, 3))) void log_task_failure(const struct task *task, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void log_task_info(const struct task *task, const char *fmt, ...);
