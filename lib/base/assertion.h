/* SPDX-License-Identifier: BSD-2-Clause */
/* Assertions of servers and libraries about what they themselves guarantee: the old state at each
 * transition, membership in tables, counts.  What others send is never asserted but checked, and
 * answered with an error.  A condition has no side effects.
 *
 * Anybody outside the kernel may use ASSERT (the kernel has its own, which panics).  Whoever links
 * a file that does brings assertion_failed: servers/task/assertion.c stops the machine,
 * lib/newlib/assertion.c ends the task, tests/unit/assertion.c ends the host's test. */
#pragma once

/* Names the place on the console and never returns. */
__attribute__((noreturn, cold)) void assertion_failed(const char *file, int line, const char *condition);

#define ASSERT(condition)                                                                                    \
    (__builtin_expect(!(condition), 0) ? assertion_failed(__FILE__, __LINE__, #condition) : (void)0)
