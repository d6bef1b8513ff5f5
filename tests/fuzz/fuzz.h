/* SPDX-License-Identifier: BSD-2-Clause */
/* A test of tests/unit as target of libFuzzer: the file includes the test with its main() renamed, then this header,
 * and defines fuzz_start() and fuzz_run().  mock_random() draws from the fuzzer's bytes, so its coverage guides the
 * test. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ktap/ktap.h"
#include "unit/kernel_mock/mock.h"

void fuzz_start(void); /* once */
bool fuzz_run(void);   /* one input; false: an expectation failed */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static inline void fuzz_say_nothing(const char *text)
{
    (void)text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static bool started;
    if (!started) {
        started = true;
        ktap_start(fuzz_say_nothing, 0);
        fuzz_start();
    }
    mock_set_input(bytes, count);
    if (!fuzz_run()) {
        __builtin_trap();
    }
    return 0;
}
