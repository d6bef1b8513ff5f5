/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map against a table, then with damage where the fuzzer wants it. */
#define main unit_main
#include "../unit/segmap_map_test.c"

#include "segmap.h"

void fuzz_start(void)
{
}

bool fuzz_run(void)
{
    if (draw(4) == 0) {
        damage_once();
        return true;
    }
    return test_random(UINT32_MAX);
}
