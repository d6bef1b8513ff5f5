/* SPDX-License-Identifier: BSD-2-Clause */
/* segmap and the calls for it, in an order that the fuzzer chooses. */
#define main unit_main
#include "../unit/segmap_serve_test.c"

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
    if (!memory) {
        memory = aligned_alloc(NODE_BYTES, (size_t)PAGES_PLENTY * NODE_BYTES);
        ktap_start(write_failure, 0);
    }
    input = bytes;
    input_left = count;
    if (!test_random(draw(2) ? PAGES_FEW : PAGES_PLENTY, UINT32_MAX)) {
        __builtin_trap();
    }
    return 0;
}
