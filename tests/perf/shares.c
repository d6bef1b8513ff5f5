/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-shares: what is left of the processor beside a task that only computes, and to one.  For
 * `tools/run --icount`, where a tick of the TSC is one instruction and the time of the machine is
 * that of its instructions.
 *
 *   fault_beside_spinner   first touches beside such a task, over those of a task alone
 *   caller_share           what such a task gets beside one that does nothing but call a server,
 *                          which works much longer for it than the call itself takes
 *
 * The computing task counts turns of a loop of three instructions in a page that it shares. */
#include <string.h>

#include "counter.h"

enum { TOUCHES = 50000, AREA_PAGES = 500, CALLED_US = 600 * 1000, CALLED_PAGES = 1 << 19 };

const char program_name[] = "bench-shares";

/* The time of so many first touches; the pages are released as it goes. */
static double touch(uint32_t count)
{
    instructions_t start = tsc();
    for (uint32_t done = 0; done < count; done += AREA_PAGES) {
        void *area;
        require(pager_map_anonymous(AREA_PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "memory");
        for (uint32_t i = 0; i < AREA_PAGES; i++) {
            ((volatile char *)area)[i * PAGE_SIZE] = 1;
        }
        require(pager_unmap(area, AREA_PAGES * PAGE_SIZE), "unmapping");
    }
    return (double)(tsc() - start);
}

/* Until so much time has passed; what the spinner got of it. */
static double share_beside_calls(const struct counter *spinner)
{
    handle_t from, to;
    require(physmem_create(CALLED_PAGES, 0, &from), "container");
    require(physmem_create(CALLED_PAGES, 0, &to), "container");
    instructions_t start = tsc(), now;
    double before = turns_so_far(spinner);
    L4_Word64_t end = L4_SystemClock() + CALLED_US;
    while (L4_SystemClock() < end) {
        require(physmem_copy(from, 0, to, 0, CALLED_PAGES, NULL), "copying");
    }
    now = tsc();
    return (turns_so_far(spinner) - before) * TURN_INSTRUCTIONS / (double)(now - start);
}

int main(int argc, char **argv)
{
    child_program = argv[0];
    if (argc > 1 && strcmp(argv[1], "spinner") == 0) {
        be_counter();
    }
    (void)touch(AREA_PAGES); /* brings in the pager and all it needs */
    double alone = touch(TOUCHES);
    struct counter spinner = start_counter("spinner", 0);
    double beside = touch(TOUCHES);
    printf("# %d first touches: %.0f instructions alone, %.0f beside a computing task\n", TOUCHES, alone,
           beside);
    report("fault_beside_spinner", 100 * beside / alone, "percent");
    report("caller_share", 100 * share_beside_calls(&spinner), "percent");
    end_child(&spinner.child);
    return 0;
}
