/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults and exceptions. */
#include "bench.h"

static char untouched[PAGES][PAGE_BYTES] __attribute__((aligned(4096)));

/* So that partner faults there again. */
static void take_back(void)
{
    for (unsigned i = 1; i < PAGES; i++) {
        (void)L4_UnmapFpage(page_at(frames[i], L4_FullyAccessible));
    }
}

/* Page 0 of each window stays: the page tables are there. */
static void touch_window(L4_ThreadId_t its_pager)
{
    command(partner, COMMAND_TOUCH, 4,
            (L4_Word_t[]){WINDOW + PAGE_BYTES, PAGE_BYTES, PAGES - 1, its_pager.raw});
}

static void bench_map(const char *name, L4_ThreadId_t its_pager)
{
    touch_window(its_pager); /* warm-up */
    take_back();
    watch = (struct watch){0};
    touch_window(its_pager);
    watch_report(name, PAGES - 1);
}

static void bench_empty(void)
{
    untouched[0][0] = 1;
    command(peer, COMMAND_TOUCH, 4,
            (L4_Word_t[]){(L4_Word_t)untouched[1], PAGE_BYTES, PAGES - 1, obtainer.raw});
    watch_report("fault_empty_intra", PAGES - 1);
}

static void bench_fresh(void)
{
    command(partner, COMMAND_TOUCH, 4, (L4_Word_t[]){FRESH, AREA_BYTES, AREAS, 0});
    watch_report("fault_fresh_4m", AREAS);
}

static void bench_exception(void)
{
    L4_Word_t rounds = ROUNDS;
    command(partner, COMMAND_TRAP, 1, &rounds);
    watch_report("exception_ipc", ROUNDS);
}

void bench_faults(void)
{
    command(partner, COMMAND_TOUCH, 4, (L4_Word_t[]){WINDOW, PAGE_BYTES, 1, 0});
    bench_map("fault_map_inter", L4_nilthread);
    bench_map("fault_forward", forwarder);
    bench_empty();
    bench_fresh();
    bench_exception();
    take_back();
}
