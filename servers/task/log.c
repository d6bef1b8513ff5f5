/* SPDX-License-Identifier: BSD-2-Clause */
/* A line is put together on the stack and printed character by character. */
#include "log.h"

#include <stddef.h>

#include <stdarg.h>

#include "base/format.h"
#include "l4/syscalls.h"

enum { LINE_BYTES = 320 }; /* a task's id, its name and its last words */

bool log_quiet;

__attribute__((format(printf, 2, 0))) static void print(const struct task *task, const char *fmt,
                                                        va_list args)
{
    char line[LINE_BYTES];
    int head = task ? format(line, sizeof line, "task %u (%s): ", (unsigned)task->id, task->name)
                    : format(line, sizeof line, "task: ");
    (void)vformat(line + head, sizeof line - (size_t)head, fmt, args);
    for (const char *p = line; *p != '\0'; p++) {
        L4_KDB_PrintChar(*p >= ' ' && *p < 0x7f ? *p : '?'); /* a task chooses its name */
    }
    L4_KDB_PrintChar('\n');
}

void log_failure(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print(NULL, fmt, args);
    va_end(args);
}

void log_info(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!log_quiet) {
        print(NULL, fmt, args);
    }
    va_end(args);
}

void log_task_failure(const struct task *task, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    print(task, fmt, args);
    va_end(args);
}

void log_task_info(const struct task *task, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    if (!log_quiet) {
        print(task, fmt, args);
    }
    va_end(args);
}
