// sources: lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The KTAP that tests report: numbers, totals, failures with their values, skips. */
#include "ktap/ktap.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static char out[4096];

static void collect(const char *text)
{
    assert(strlen(out) + strlen(text) < sizeof out);
    strcat(out, text);
}

static void one_condition(unsigned value)
{
    REQUIRE_EQ(value, 3);
    ktap_diagnostic("value %u", value);
}

int main(void)
{
    ktap_start(collect, 5);
    assert(ktap_ok(true, "A"));
    ktap_begin("B");
    one_condition(3);
    assert(!ktap_failing() && ktap_end());
    ktap_begin("C");
    ktap_skip_rest("no disk");
    assert(ktap_end());
    ktap_begin("D");
    one_condition(4);
    EXPECT(2 + 2 == 4);
    EXPECT_LE(2, 1);
    ktap_skip_rest("a failure is not hidden");
    assert(ktap_failing() && !ktap_end());
    ktap_skip("E", "nothing");
    assert(ktap_finish() == 1);
    assert(strncmp(out,
                   "KTAP version 1\n1..5\nok 1 A\n# value 3\nok 2 B\nok 3 C # SKIP no disk\n# D: ", 65) == 0);
    assert(strstr(out, "expected value == 3, got 4 (0x4) and 3 (0x3)\n"));
    assert(strstr(out, "expected 2 <= 1, got 2 (0x2) and 1 (0x1)\nnot ok 4 D\nok 5 E # SKIP nothing\n"));
    assert(strstr(out, "# Totals: pass:2 fail:1 skip:2 total:5\n"));
    out[0] = '\0';
    ktap_start(collect, 2);
    ktap_ok(true, "alone");
    assert(ktap_finish() == 1 && strstr(out, "2 tests were planned, 1 came"));
    puts("KTAP version 1\n1..1\nok 1 - reports");
    return 0;
}
