/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of the task server by a broken invariant of its own.  Without it no task can be made or
 * ended, so the machine stops at once, with a status that no program has by chance. */
#include "base/assertion.h"

#include "log.h"
#include "machine.h"

enum { STATUS_BROKEN = 70 };

void assertion_failed(const char *file, int line, const char *condition)
{
    log_failure("%s:%d: assertion failed: %s", file, line, condition);
    log_failure("this is a bug of the task server, not of a program; the machine stops");
    machine_end(STATUS_BROKEN);
}
