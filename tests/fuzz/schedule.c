/* SPDX-License-Identifier: BSD-2-Clause */
/* Ready queues against a list, the timer wheel against naive sleepers. */
#define main unit_main
#include "../unit/schedule_test.c"

#include "fuzz.h"

void fuzz_start(void)
{
    mock_init(16);
}

bool fuzz_run(void)
{
    if (mock_random(2)) {
        return test_random(1);
    }
    test_wheel(1, mock_random(2) ? 0xffffff00 + mock_random(256) : 0);
    return !ktap_failing();
}
