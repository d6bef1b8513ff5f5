/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a program by a broken invariant of the library.  It may be the pager thread that
 * fails, so this needs neither stdio nor the console server: the task server says the line. */
#include "base/assertion.h"

#include "base/format.h"
#include "client/task.h"

enum { STATUS_ABORTED = 128 + 6, LINE_BYTES = 240 };

void assertion_failed(const char *file, int line, const char *condition)
{
    char text[LINE_BYTES];
    (void)format(text, sizeof text,
                 "%s:%d: assertion failed: %s: task ended.  The program has overwritten the library's data, "
                 "or the library has a bug.",
                 file, line, condition);
    task_exit_saying(STATUS_ABORTED, text);
}
