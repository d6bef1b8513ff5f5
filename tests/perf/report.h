/* SPDX-License-Identifier: BSD-2-Clause */
/* What a benchmark of tests/perf prints, and how it ends where it cannot go on. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "protocol/error.h"
#include "l4/types.h"

typedef L4_Word64_t instructions_t;

extern const char program_name[]; /* each of them has its own */

static inline _Noreturn void fail(const char *what, enum error e)
{
    printf("%s: %s: %s\n", program_name, what, error_text(e));
    exit(1);
}

static inline void require(enum error e, const char *what)
{
    if (e != OK) {
        fail(what, e);
    }
}

static inline instructions_t tsc(void)
{
    L4_Word_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (instructions_t)high << 32 | low;
}

static inline void report(const char *name, double value, const char *unit)
{
    printf("bench %s %lu %s\n", name, (unsigned long)(value + 0.5), unit);
}
