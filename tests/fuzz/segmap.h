/* SPDX-License-Identifier: BSD-2-Clause */
/* A test of the Segment Map as target of libFuzzer: the file includes the test with its main()
 * renamed, then this header, and defines fuzz_start() and fuzz_run().  draw() draws from the
 * fuzzer's bytes (tests/unit/segmap_draw.h). */
#pragma once

#include <stdbool.h>
#include <string.h>

#include "ktap/ktap.h"

void fuzz_start(void); /* once */
bool fuzz_run(void);   /* one input; false: an expectation failed */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* What fails is said, and nothing else. */
static void write_failure(const char *text)
{
    if (strncmp(text, "ok ", 3) != 0) {
        (void)fputs(text, stderr);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static bool started;
    if (!started) {
        started = true;
        ktap_start(write_failure, 0);
        fuzz_start();
    }
    input = bytes;
    input_left = count;
    if (!fuzz_run()) {
        __builtin_trap();
    }
    return 0;
}
