/* SPDX-License-Identifier: BSD-2-Clause */
/* The same with superpages. */
#define main unit_main
#include "../unit/superpage_test.c"

#include "fuzz.h"

void fuzz_start(void)
{
    mock_init(MOCK_POOL_PAGES);
    kip_page()->page_info |= SUPERPAGE_BYTES;
    sigma0_space = space_create();
}

bool fuzz_run(void)
{
    return test_random(1, 2000);
}
