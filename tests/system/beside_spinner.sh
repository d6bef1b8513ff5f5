#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Page faults beside a thread that only computes: a thread that has waited for its page goes on with
# the slice that it had, so that a fault does not cost it a slice of each of its peers.  The guest's
# time is counted in instructions.
. tests/system/common/functions

compile touch <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "pilotfish/thread.h"

enum { PAGES = 1000, PAGE = 4096 };
static volatile int computing, stop;

static void compute(void *argument)
{
    (void)argument;
    computing = 1;
    while (!stop) {
    }
}

static unsigned long microseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (unsigned long)t.tv_sec * 1000000 + (unsigned long)t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
    struct thread *peer;
    (void)argv;
    if (argc > 1 && thread_start(compute, NULL, 4, &peer) != 0)
        return 1;
    while (argc > 1 && !computing) {
    }
    char *pages = malloc(PAGES * PAGE + PAGE);
    unsigned long start = microseconds();
    for (int i = 0; i < PAGES; i++)
        pages[(i + 1) * PAGE] = 1;
    printf("%lu\n", microseconds() - start);
    stop = 1;
    return 0;
}
C
# touch_time [WORD]: the microseconds that a thousand first touches take; 0 where something goes wrong.
touch_time() {
    if tools/run --icount --timeout 120 --arguments "$*" "$folder/touch" >"$folder/out" 2>&1 </dev/null; then
        tr -d '\r' <"$folder/out" | grep -E '^[0-9]+$' || echo 0
    else
        echo 0
    fi
}
plan 4
alone=$(touch_time)
beside=$(touch_time computing)
echo "# 1000 first touches: $alone us alone, $beside us beside a thread that computes"
[ "$alone" -gt 0 ] && [ "$beside" -gt 0 ]
result $? "a thousand first touches, alone and beside a thread that computes"
[ "$beside" -gt 0 ] && [ "$beside" -lt $((3 * alone)) ]
result $? "the computing thread takes no more than its share of the time"

# The bounds of docs/measurements.md.
tools/bench bench-shares >"$folder/figures" 2>"$folder/out"
share() {
    sed -n "s/^bench $1 \([0-9]*\) percent$/\1/p" "$folder/figures"
}
beside=$(share fault_beside_spinner) calls=$(share caller_share)
check "first touches beside a computing task take ${beside:-?} % of what they take alone, at most 230" \
    [ "${beside:-999}" -le 230 ]
check "a computing task gets ${calls:-?} % beside a loop of server calls, at least 40" [ "${calls:-0}" -ge 40 ]
