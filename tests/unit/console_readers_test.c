// sources: servers/console/readers.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Who waits at the console: first come, first served, and no task takes another's places. */
#include "readers.h"

#include <stdio.h>

#include "result.h"

enum { MANY = 40, TASKS = 1024 };

static L4_Word_t dead_task;
static unsigned questions;

static bool lives(L4_ThreadId_t thread)
{
    questions++;
    return L4_Version(thread) != dead_task;
}

static L4_ThreadId_t id(unsigned number, L4_Word_t task)
{
    return L4_GlobalId(100 + number, task);
}

static enum error add(unsigned number, L4_Word_t task)
{
    return readers_add((struct reader){.thread = id(number, task), .count = 7}, lives);
}

static bool is_first(L4_ThreadId_t thread)
{
    return readers_first() && L4_IsThreadEqual(readers_first()->thread, thread);
}

static void forget_all(void)
{
    while (readers_first()) {
        readers_forget(readers_first()->thread);
    }
}

static void test_order(void)
{
    check(!readers_first(), "nobody at first");
    check(add(1, 5) == OK && add(2, 6) == OK && add(3, 5) == OK, "some wait");
    check(is_first(id(1, 5)) && readers_first()->count == 7, "the first is first");
    readers_forget(id(1, 5));
    readers_forget(id(1, 5));
    check(is_first(id(2, 6)), "then the second");
    readers_forget(id(2, 6));
    check(is_first(id(3, 5)), "then the third");
    forget_all();
    check(!readers_first() && questions == 0, "and nobody again");
}

static void test_bound(void)
{
    unsigned refused = 0;
    (void)add(0, 5);
    for (unsigned i = 0; i < MANY; i++) {
        refused += add(i, 6) == ERR_BUSY;
    }
    check(refused == MANY - READERS_PER_TASK, "forty threads of one task: a few wait, the others are told");
    check(is_first(id(0, 5)), "another task's read waits on");
    check(add(1, 5) == OK, "and it has more places");
    readers_forget(id(2, 6));
    check(add(MANY, 6) == OK && add(MANY + 1, 6) == ERR_BUSY, "a place that is left is free");
    forget_all();
}

static void test_dead(void)
{
    for (unsigned i = 0; i < READERS_PER_TASK; i++) {
        (void)add(i, 6);
    }
    dead_task = 6;
    check(add(MANY, 6) == OK && is_first(id(MANY, 6)), "the places of threads that have ended are free");
    forget_all();
    dead_task = 0;
    int good = 1;
    for (L4_Word_t task = 2; task < 2 + TASKS; task++) {
        for (unsigned i = 0; i < READERS_PER_TASK; i++) {
            good = good && add(i, task) == OK;
        }
    }
    check(good, "every task has its places");
    questions = 0;
    check(add(0, TASKS + 2) == OK && is_first(id(0, 2)) && questions == TASKS * READERS_PER_TASK,
          "one more is found a place when those who have ended have been looked for");
    forget_all();
}

int main(void)
{
    printf("KTAP version 1\n");
    test_order();
    test_bound();
    test_dead();
    printf("1..%d\n", count);
    return failures != 0;
}
