/* SPDX-License-Identifier: BSD-2-Clause */
/* The tasks of the demo, how large they are, and the results they must have.  Pure: the demo
 * chooses by the room there is, and tests/unit/demo_plan_test.c computes every result on the host.
 * It fails, and prints the right ones, if they are not these. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum plan_kind { PLAN_HOG, PLAN_LUA, PLAN_HELLO };

struct plan_entry {
    enum plan_kind kind;
    const char *name;    /* of the task */
    const char *pattern; /* hog */
    uint32_t seed;       /* hog; lua: rounds */
    uint32_t expected;   /* lua: its sum.  A hog's hash depends on its size: plan_sizes */
};

/* The hogs come first: entry i is hog i. */
static const struct plan_entry plan[] = {
    {PLAN_HOG, "hog-random-read", "randread", 1, 0},
    {PLAN_HOG, "hog-rewrite", "seqwrite", 2, 0},
    {PLAN_HOG, "hog-zipf", "zipf:120000", 3, 0},
    {PLAN_HOG, "hog-random-write", "randwrite", 4, 0},
    {PLAN_LUA, "lua", "", 5, 0x69bad248},
    {PLAN_HELLO, "hello", "", 0, 0},
};
enum { PLAN_COUNT = sizeof(plan) / sizeof(plan[0]), PLAN_HOGS = 4, PLAN_SIZES = 9 };

/* What all hogs are given alike: pages of 4 KiB, and the hash that each comes to with as many. */
struct plan_size {
    uint32_t pages;
    uint32_t expected[PLAN_HOGS];
};
extern const struct plan_size plan_sizes[PLAN_SIZES]; /* the largest, which the demo wants, first */

/* Pages that a task needs besides a hog's own: program, stacks, pager, tables, and what the kernel
 * takes for it. */
enum { PLAN_HOG_NEEDS = 48, PLAN_LUA_NEEDS = 352, PLAN_HELLO_NEEDS = 24 };

struct plan_choice {
    const struct plan_size *size;
    bool runs[PLAN_COUNT];
    uint32_t pages; /* that all of them need together */
};

/* Chooses the largest size with which all tasks fit into so many pages; if there is none, the
 * largest with which all but lua fit; failing that, hello and as many hogs of the smallest size as
 * fit.  Returns false if not even hello fits. */
bool plan_choose(uint32_t room_pages, struct plan_choice *choice);
/* Returns the pages that a task needs if the hogs have that size. */
uint32_t plan_needs(const struct plan_entry *entry, const struct plan_size *size);
