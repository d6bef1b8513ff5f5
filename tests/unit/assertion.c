/* SPDX-License-Identifier: BSD-2-Clause */
/* What ASSERT does in unit tests: names the place and ends the test as a failed one.  For the line
 * `// sources:` of tests of files that assert. */
#include "base/assertion.h"

#include <stdio.h>
#include <stdlib.h>

void assertion_failed(const char *file, int line, const char *condition)
{
    printf("Bail out! %s:%d: assertion failed: %s\n", file, line, condition);
    fflush(stdout);
    abort();
}
