/* SPDX-License-Identifier: BSD-2-Clause */
/* A test of tests/unit as target of libFuzzer: the file includes the test with its main() renamed,
 * then this header, and defines fuzz_start() and fuzz_run().  mock_random() draws from the fuzzer's
 * bytes, so its coverage guides the test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ktap/ktap.h"
#include "unit/kernel_mock/mock.h"

void fuzz_start(void); /* once */
bool fuzz_run(void);   /* one input; false: an expectation failed */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static char fuzz_said[4096]; /* what the test has printed with this input */

static inline void fuzz_keep(const char *text)
{
    size_t length = strlen(fuzz_said);
    snprintf(fuzz_said + length, sizeof fuzz_said - length, "%s", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static bool started;
    if (!started) {
        started = true;
        ktap_start(fuzz_keep, 0);
        fuzz_start();
    }
    fuzz_said[0] = 0;
    mock_set_input(bytes, count);
    if (!fuzz_run()) {
        (void)fputs(fuzz_said, stderr);
        __builtin_trap();
    }
    return 0;
}
