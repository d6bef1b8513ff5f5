// sources: lib/base/exception.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and signals of exceptions: the one table, against newlib's own numbers. */
#include "base/exception.h"

#include <stdio.h>
#include <string.h>

#include "result.h"

/* newlib's sys/signal.h for a target that is none of its own; the host's has SIGBUS 7. */
enum { NEWLIB_ILL = 4, NEWLIB_TRAP = 5, NEWLIB_FPE = 8, NEWLIB_BUS = 10, NEWLIB_SEGV = 11, VECTORS = 32 };

static const unsigned char expected[VECTORS] = {
    [0] = NEWLIB_FPE,  [1] = NEWLIB_TRAP, [3] = NEWLIB_TRAP, [6] = NEWLIB_ILL,  [7] = NEWLIB_FPE,
    [11] = NEWLIB_BUS, [12] = NEWLIB_BUS, [16] = NEWLIB_FPE, [17] = NEWLIB_BUS, [19] = NEWLIB_FPE,
};

static void test_signals(void)
{
    unsigned wrong = 0;
    for (unsigned long i = 0; i < VECTORS; i++) {
        wrong += exception_signal(i) != (expected[i] != 0 ? expected[i] : NEWLIB_SEGV);
    }
    check(wrong == 0, "each exception has newlib's signal");
    check(exception_signal(VECTORS) == NEWLIB_SEGV && exception_signal(~0ul) == NEWLIB_SEGV,
          "a number that is no exception is SIGSEGV");
    check(STATUS_SIGNAL == 128, "a status is 128 more than its signal");
}

static void test_names(void)
{
    check(strcmp(exception_name(0), "division error") == 0, "an exception with a name");
    check(strcmp(exception_name(2), "exception") == 0 && strcmp(exception_name(~0ul), "exception") == 0,
          "and those without");
}

int main(void)
{
    printf("KTAP version 1\n1..5\n");
    test_signals();
    test_names();
    return failures != 0;
}
