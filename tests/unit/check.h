/* SPDX-License-Identifier: BSD-2-Clause */
/* For unit tests that go on after a failure: CHECK tells of a condition that is false, and counts
 * it in `failures', which main turns into "not ok" and the exit status. */
#pragma once

#include <stdio.h>

static int failures;

#define CHECK(x)                                                                                             \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            printf("# failed: %s:%d: %s\n", __FILE__, __LINE__, #x);                                         \
            failures++;                                                                                      \
        }                                                                                                    \
    } while (0)
