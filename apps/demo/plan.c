/* SPDX-License-Identifier: BSD-2-Clause */
/* The sizes, and the choice among them. */
#include "plan.h"

const struct plan_size plan_sizes[PLAN_SIZES] = {
    {4096, {0x6022f6e8, 0x78b7ca41, 0xe91f559f, 0x1e8e18e1}},
    {2048, {0xea85e0fa, 0x97e75343, 0x2ca0ba71, 0xf11d3105}},
    {1024, {0x3bac4bd2, 0xb89e8c26, 0x6770bd57, 0x8e0debb7}},
    {512, {0x39f9ae36, 0x0cefd8bf, 0xf27e1c29, 0x154af9a5}},
    {256, {0xb0dbdd6c, 0x17218e50, 0xf46e6c33, 0xd7e49ed8}},
    {128, {0xccab0495, 0x5ded70dd, 0x918ec65a, 0x317a0e7d}},
    {64, {0xeee767dd, 0x8d4d15a1, 0x4e4c4614, 0x508bb3ac}},
    {32, {0xd8bbd762, 0xe4de153a, 0x91096e9b, 0xff7e352a}},
    {16, {0x4d45be42, 0x446c56a4, 0x4679f285, 0x54b1f1f2}},
};

uint32_t plan_needs(const struct plan_entry *entry, const struct plan_size *size)
{
    switch (entry->kind) {
    case PLAN_HOG:
        return size->pages + PLAN_HOG_NEEDS;
    case PLAN_LUA:
        return PLAN_LUA_NEEDS;
    case PLAN_HELLO:
        break;
    }
    return PLAN_HELLO_NEEDS;
}

static void add(struct plan_choice *choice, unsigned entry)
{
    choice->runs[entry] = true;
    choice->pages += plan_needs(&plan[entry], choice->size);
}

/* All tasks, or all but lua, with hogs of that size. */
static bool choose_all(uint32_t room_pages, const struct plan_size *size, bool with_lua,
                       struct plan_choice *choice)
{
    *choice = (struct plan_choice){.size = size};
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        if (with_lua || plan[i].kind != PLAN_LUA) {
            add(choice, i);
        }
    }
    return choice->pages <= room_pages;
}

bool plan_choose(uint32_t room_pages, struct plan_choice *choice)
{
    for (unsigned without = 0; without < 2; without++) {
        for (unsigned i = 0; i < PLAN_SIZES; i++) {
            if (choose_all(room_pages, &plan_sizes[i], !without, choice)) {
                return true;
            }
        }
    }
    *choice = (struct plan_choice){.size = &plan_sizes[PLAN_SIZES - 1]};
    bool any = false;
    for (unsigned i = PLAN_COUNT; i-- > 0;) { /* hello first, which needs least */
        if (plan[i].kind != PLAN_LUA && choice->pages + plan_needs(&plan[i], choice->size) <= room_pages) {
            add(choice, i);
            any = true;
        }
    }
    return any;
}
