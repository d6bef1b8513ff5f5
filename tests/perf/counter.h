/* SPDX-License-Identifier: BSD-2-Clause */
/* A child of a benchmark that does nothing but count turns of a loop, in a page that it shares with
 * the benchmark: what it counts is the time that it was given. */
#pragma once

#include "child.h"
#include "pager/pager.h"

enum { TURN_INSTRUCTIONS = 3 };

struct counter {
    struct child child;
    volatile uint32_t *turns; /* 64 bits, the lower half first */
};

/* The role of the child.  MR1 of its first order = handle of the page to count in. */
static _Noreturn void be_counter(void)
{
    L4_ThreadId_t from;
    void *turns;
    (void)L4_Wait(&from);
    require(pager_map_container(L4_StoreMR(1), 0, PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &turns), "counter");
    *(volatile uint32_t *)turns = 0;
    (void)L4_Reply(from, L4_MsgTag(LABEL_ORDER, 0, 0));
    __asm__ volatile("1: addl $1, (%0)\n\tadcl $0, 4(%0)\n\tjmp 1b" : : "r"(turns) : "memory", "cc");
    __builtin_unreachable();
}

static struct counter start_counter(const char *role, L4_Word_t priority)
{
    handle_t handle, theirs;
    void *turns;
    struct counter c = {.child = start_child(role, priority)};
    require(physmem_create(1, 0, &handle), "counter");
    require(physmem_share(handle, c.child.task, RIGHT_READ | RIGHT_WRITE, &theirs), "counter");
    require(pager_map_container(handle, 0, PAGE_SIZE, RIGHT_READ, &turns), "counter");
    c.turns = turns;
    (void)c.turns[0]; /* the benchmark has the page before the clock runs */
    order(&c.child, theirs);
    return c;
}

static double turns_so_far(const struct counter *c)
{
    return (double)c->turns[1] * 4294967296.0 + c->turns[0];
}
