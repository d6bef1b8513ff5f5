/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps, grants, unmaps and queries against the naive model. */
#define main unit_main
#include "../unit/mapping_db_test.c"

#include "fuzz.h"

void fuzz_start(void)
{
    mock_init(MOCK_POOL_PAGES);
    sigma0_space = space_create();
}

bool fuzz_run(void)
{
    return test_random(1, 4000);
}
