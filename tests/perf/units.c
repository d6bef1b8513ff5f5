/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-units: what windows that are away cost that cannot go out itself: physmem's tables, in
 * which what describes segmap and its map is too, without what is lent to the kernel.  For a
 * machine on which windows leave (asm=N).
 *
 *   map_units   what they grow by from 1 000 windows to 100 000, each with one implied zero among
 *               holes, so that neither frames nor slots have a part in it */
#include "../let_something_happen.h"
#include "child.h"
#include "pager/pager.h"

enum {
    WINDOW_PAGES = 16,
    FEW = 1000,
    MANY = 100 * 1000,
    OF_CONTAINER = 50 * 1000,
    AHEAD = 500, /* so many windows are made before those before them have left */
    POLL_US = 2000,
    POLLS_MAX = 500 * 1000,
    QUIET_POLLS = 500,
};

const char program_name[] = "bench-units";

/* Until so many have left, or none leaves any more. */
static void wait_until_left(L4_Word_t stores)
{
    L4_Word_t before = 0;
    for (int quiet = 0, i = 0; quiet < QUIET_POLLS && memory().stores < stores; i++) {
        quiet = memory().stores == before ? quiet + 1 : 0;
        before = memory().stores;
        require(i < POLLS_MAX ? OK : ERR_BUSY, "windows leave for ever");
        require(let_something_happen(), "a container");
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
}

static void make_windows(L4_Word_t first, L4_Word_t end)
{
    static handle_t handle;
    for (L4_Word_t i = first; i < end; i++) {
        if (i % OF_CONTAINER == 0) {
            require(physmem_create(OF_CONTAINER * WINDOW_PAGES, PHYSMEM_CREATE_HOLES, &handle),
                    "a container");
        }
        if (i > AHEAD) {
            wait_until_left(i - AHEAD);
        }
        require(physmem_zero(handle, i % OF_CONTAINER * WINDOW_PAGES, 1), "a window");
    }
    wait_until_left(UINT32_MAX);
}

static L4_Word_t frames(void)
{
    struct memory_info m = memory();
    printf("# %lu windows have left: %lu frames\n", (unsigned long)m.stores,
           (unsigned long)(m.frames_tables - m.frames_lent));
    return m.frames_tables - m.frames_lent;
}

int main(void)
{
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    make_windows(0, FEW);
    L4_Word_t few = frames();
    make_windows(FEW, MANY);
    L4_Word_t many = frames();
    report("map_units", many > few ? (double)(many - few) * PAGE_SIZE : 0, "bytes");
    return 0;
}
