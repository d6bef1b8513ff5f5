/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-cold: what pages that are out cost that cannot go out itself: physmem's tables, without
 * what is lent to the kernel.  It is what they grow by, for each page, from a task of few pages to
 * one of many, each of which is out as a whole.  For a machine on which windows leave (asm=N).
 *
 *   cold_page_bytes         private pages
 *   shared_cold_page_bytes  pages that two containers share */
#include <string.h>

#include "../let_something_happen.h"
#include "child.h"
#include "pager/pager.h"

enum { FEW = 1000, MANY = 100 * 1000, POLL_US = 2000, POLLS_MAX = 100 * 1000, QUIET_POLLS = 1000 };

const char program_name[] = "bench-cold";

/* MR1 = how many pages to write to. */
static _Noreturn void be_holder(bool shares)
{
    for (;;) {
        L4_ThreadId_t from;
        (void)L4_Wait(&from);
        L4_Word_t count = L4_StoreMR(1);
        handle_t handle, other;
        void *start;
        require(physmem_create(count, 0, &handle), "a container");
        require(pager_map_container(handle, 0, count * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &start),
                "mapping");
        for (L4_Word_t i = 0; i < count; i++) {
            ((volatile char *)start)[i * PAGE_SIZE] = 1;
        }
        if (shares) {
            require(physmem_create(count, 0, &other), "a container");
            require(physmem_copy(handle, 0, other, 0, count, NULL), "copying");
        }
        (void)L4_Reply(from, L4_MsgTag(LABEL_ORDER, 0, 0));
    }
}

/* Until no window leaves any more, and nothing that has ended is left. */
static void wait_until_quiet(void)
{
    L4_Word_t stores = 0;
    for (int quiet = 0, i = 0; quiet < QUIET_POLLS; i++) {
        struct memory_info m = memory();
        quiet = m.stores == stores && m.containers_left == 0 ? quiet + 1 : 0;
        stores = m.stores;
        if (i == POLLS_MAX) {
            fail("windows leave for ever", ERR_BUSY);
        }
        require(let_something_happen(), "a container");
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
}

static void wait_until_out(L4_Word_t task)
{
    struct task_memory m = {0};
    for (int i = 0; m.state != TASK_MEMORY_OUT; i++) {
        require(i < POLLS_MAX ? OK : ERR_BUSY, "moving a task out");
        require(physmem_task_info(task, &m), "task info");
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
}

/* Frames that physmem needs beside a task of so many pages that is out. */
static L4_Word_t frames_beside(const char *role, L4_Word_t pages)
{
    struct child child = start_child(role, 0);
    order(&child, pages);
    require(task_outswap(child.task, OUTSWAP_HOLD), "outswap");
    wait_until_out(child.task);
    wait_until_quiet();
    struct memory_info m = memory();
    end_child(&child);
    wait_until_quiet();
    return m.frames_tables - m.frames_lent;
}

static void measure(const char *role, const char *name)
{
    L4_Word_t few = frames_beside(role, FEW), many = frames_beside(role, MANY);
    L4_Word64_t bytes = many > few ? (L4_Word64_t)(many - few) * PAGE_SIZE : 0;
    report(name, (double)(bytes * 1000) / (MANY - FEW), "thousandths");
}

int main(int argc, char **argv)
{
    child_program = argv[0];
    if (argc > 1) {
        be_holder(strcmp(argv[1], "sharer") == 0);
    }
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    /* The first large task leaves windows behind that are in use, in frames of their own: a cache,
     * to which no later one adds. */
    (void)frames_beside("holder", MANY);
    measure("holder", "cold_page_bytes");
    measure("sharer", "shared_cold_page_bytes");
    return 0;
}
