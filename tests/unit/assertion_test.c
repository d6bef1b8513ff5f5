// sources:
/* SPDX-License-Identifier: BSD-2-Clause */
/* ASSERT: nothing happens if the condition holds; otherwise file, line and condition are named.
 * The condition is looked at once. */
#include "base/assertion.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

static jmp_buf back;
static const char *failed_file, *failed_condition;
static int failed_line, count, failures;

void assertion_failed(const char *file, int line, const char *condition)
{
    failed_file = file;
    failed_line = line;
    failed_condition = condition;
    longjmp(back, 1);
}

static void check(int good, const char *what)
{
    printf("%s %d - %s\n", good ? "ok" : "not ok", ++count, what);
    failures += !good;
}

int main(void)
{
    volatile int looks = 0;
    printf("KTAP version 1\n1..4\n");
    if (setjmp(back) == 0) {
        ASSERT(++looks == 1);
    }
    check(looks == 1 && !failed_file, "a condition that holds is looked at once, and nothing happens");
    volatile int line = 0;
    if (setjmp(back) == 0) {
        line = __LINE__ + 1;
        ASSERT(looks == 2);
    }
    check(failed_file && strcmp(failed_file, __FILE__) == 0, "one that does not names the file");
    check(failed_line == line, "and the line");
    check(failed_condition && strcmp(failed_condition, "looks == 2") == 0, "and the condition");
    return failures != 0;
}
