/* SPDX-License-Identifier: BSD-2-Clause */
/* For unit tests whose results are lines of their own: check() prints one, and counts it in
 * `count'; what is not good counts in `failures', too.  main prints the plan and ends with that. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

static int count, failures;

static inline void check(bool good, const char *what)
{
    count++;
    printf("%s %d - %s\n", good ? "ok" : "not ok", count, what);
    failures += !good;
}
