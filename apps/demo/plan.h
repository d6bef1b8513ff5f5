/* SPDX-License-Identifier: BSD-2-Clause */
/* The tasks of the demo and the results they must have.  The results are computed on the host: tests/unit/
 * demo_plan_test.c fails, and prints the right ones, if they are not these. */
#pragma once

#include <stdint.h>

enum plan_kind { PLAN_HOG, PLAN_LUA, PLAN_HELLO };

struct plan_entry {
    enum plan_kind kind;
    const char *name;    /* of the task */
    const char *pattern; /* hog */
    uint32_t pages;      /* hog: pages of 4 KiB */
    uint32_t seed;       /* hog; lua: rounds */
    uint32_t expected;   /* hash */
};

static const struct plan_entry plan[] = {
    {PLAN_HOG, "hog-random-read", "randread", 4096, 1, 0x6022f6e8},
    {PLAN_HOG, "hog-rewrite", "seqwrite", 4096, 2, 0x78b7ca41},
    {PLAN_HOG, "hog-zipf", "zipf:120000", 4096, 3, 0xe91f559f},
    {PLAN_HOG, "hog-random-write", "randwrite", 4096, 4, 0x1e8e18e1},
    {PLAN_LUA, "lua", "", 0, 5, 0x69bad248},
    {PLAN_HELLO, "hello", "", 0, 0, 0},
};
enum { PLAN_COUNT = sizeof(plan) / sizeof(plan[0]) };
