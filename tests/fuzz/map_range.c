/* SPDX-License-Identifier: BSD-2-Clause */
/* Fpage arithmetic against its definition. */
#define main unit_main
#include "../unit/map_range_test.c"

#include "fuzz.h"

void fuzz_start(void)
{
    mock_init(MOCK_POOL_PAGES);
    sigma0_space = space_create();
}

bool fuzz_run(void)
{
    word_t base = mock_random(~0u), fpage = mock_random(~0u), window = mock_random(~0u);
    return agree(base, fpage, window);
}
