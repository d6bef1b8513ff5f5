/* SPDX-License-Identifier: BSD-2-Clause */
/* segmap and the calls for it, in an order that the fuzzer chooses. */
#define main unit_main
#include "../unit/segmap_serve_test.c"

#include "segmap.h"

void fuzz_start(void)
{
    memory = aligned_alloc(NODE_BYTES, (size_t)PAGES_PLENTY * NODE_BYTES);
}

bool fuzz_run(void)
{
    return test_random(draw(2) ? PAGES_FEW : PAGES_PLENTY, UINT32_MAX);
}
