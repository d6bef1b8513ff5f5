/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map against a table, then with damage where the fuzzer wants it. */
#define main unit_main
#include "../unit/segmap_map_test.c"

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
    }
    input = bytes;
    input_left = count;
    if (draw(4) == 0) {
        damage_once();
    } else if (!test_random(UINT32_MAX)) {
        __builtin_trap();
    }
    return 0;
}
