/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-help: what it costs that a window is away (docs/memory.md).  For `tools/run --icount' on a
 * machine on which windows leave (asm=N), where a tick of the TSC is one instruction.
 *
 *   help_call   a first touch of a page whose window has to be brought back by segmap, which is in
 *               memory, over one of a page whose window is here
 *
 * The pages are implied zeros, so no disk has part in it, and each window has a hole, so that it
 * exists.  physmem's counters tell afterwards which touch was of which kind; what windows leave
 * meanwhile is not in the figure, since touches beside a STORE are left out. */
#include "../let_something_happen.h"
#include "counter.h"
#include "protocol/segmap.h"

enum {
    WINDOWS = 512,
    TOUCHED_EVERY = 2,
    AREA = 1024 / WINDOW_PAGES, /* windows that share a page table */
    HOLE = WINDOW_PAGES - 1,
    LEAST = 100, /* touches of each kind */
    PRIORITY_LOWEST = 1,
    POLL_US = 2000,
    POLLS_MAX = 100 * 1000,
    QUIET_POLLS = 100,
};

const char program_name[] = "bench-help";
static volatile char *region;
static struct counter idle; /* so that the machine never halts, and its clock does not jump */

struct kind {
    instructions_t sum, most;
    unsigned count;
};

static void wait_until_quiet(void)
{
    L4_Word_t stores = 0;
    for (int quiet = 0, i = 0; quiet < QUIET_POLLS; i++) {
        struct memory_info m = memory();
        quiet = m.stores == stores && m.stores > 0 ? quiet + 1 : 0;
        stores = m.stores;
        require(i < POLLS_MAX ? OK : ERR_BUSY, "windows leave for ever");
        require(let_something_happen(), "a container");
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
}

static handle_t make_windows(void)
{
    handle_t handle;
    void *start;
    require(physmem_create(WINDOWS * WINDOW_PAGES, 0, &handle), "a container");
    require(pager_map_container(handle, 0, (L4_Word_t)WINDOWS * WINDOW_PAGES * PAGE_SIZE,
                                RIGHT_READ | RIGHT_WRITE, &start),
            "mapping");
    for (L4_Word_t i = 0; i < WINDOWS; i++) {
        require(physmem_punch(handle, i * WINDOW_PAGES + HOLE, 1), "a hole");
    }
    region = start;
    return handle;
}

static void add(struct kind *k, instructions_t n)
{
    k->sum += n;
    k->most = n > k->most ? n : k->most;
    k->count++;
}

static void touch(L4_Word_t window, L4_Word_t page, struct kind *here, struct kind *away)
{
    struct memory_info before = memory();
    volatile char *p = region + (window * WINDOW_PAGES + page) * PAGE_SIZE;
    double turns = turns_so_far(&idle);
    instructions_t t = tsc();
    *p = 1;
    t = tsc() - t;
    require(turns_so_far(&idle) == turns ? OK : ERR_BUSY, "a touch waited for something");
    struct memory_info after = memory();
    if (after.stores == before.stores && after.lookups <= before.lookups + 1) {
        add(after.lookups == before.lookups ? here : away, t);
    }
}

/* The first page of each area makes its page table. */
static void touch_all(L4_Word_t page, struct kind *here, struct kind *away)
{
    for (L4_Word_t i = 0; i < WINDOWS; i += TOUCHED_EVERY) {
        struct kind none = {0};
        bool first = i % AREA == 0;
        touch(i, page, first ? &none : here, first ? &none : away);
    }
}

int main(int argc, char **argv)
{
    child_program = argv[0];
    if (argc > 1) {
        be_counter();
    }
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    idle = start_counter("idle", PRIORITY_LOWEST);
    (void)make_windows();
    wait_until_quiet();
    struct kind here = {0}, away = {0}, none = {0};
    touch_all(0, &none, &away);
    touch_all(1, &here, &none);
    if (here.count < LEAST || away.count < LEAST) {
        fail("touches of each kind", ERR_RANGE);
    }
    double hit = (double)here.sum / here.count, miss = (double)away.sum / away.count;
    printf("# %u touches of windows that were away: %lu, at most %lu; %u of others: %lu, at most %lu\n",
           away.count, (unsigned long)miss, (unsigned long)away.most, here.count, (unsigned long)hit,
           (unsigned long)here.most);
    report("help_call", miss - hit, "instructions");
    return 0;
}
