// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks map a page that physmem has given to them to very many addresses more, of which physmem
 * knows nothing.  Whatever takes the page away takes many events for it, none of which is long: the
 * mappings that one event visits stand for its length. */
#include "contents/page.h"
#include "ground/counters.h"
#include "physmem_case.h"
#include "room/frame.h"

enum {
    A = 3,
    B = 4,
    DC_PAGES = 1000,
    FRAMES = 400,
    DISK_PAGES = 4000,
    MORE_PAGES = 2000,
    ADDRESSES = 20000,
    BOUND = 12 * SIM_STEP, /* of one event */
    CALLS = 2 * ADDRESSES / SIM_STEP,
};

static handle_t handle;
static frame_t frame; /* the page that is spread */

static void make_task(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, id, 1u, sim_reply.mr[2], 0u) == OK);
}

static handle_t create(L4_Word_t pages)
{
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, pages, 0u) == OK);
    return sim_reply.mr[2];
}

static void start(void)
{
    sim_seed(1);
    sim_boot(FRAMES);
    sim_disk_attach(DISK_PAGES, true);
    make_task(A);
    make_task(B);
    handle = create(1);
}

static void wait_for_disk(void)
{
    sim_disk_drain();
    sim_advance(7);
}

static L4_Word_t *touch_in(handle_t h, L4_Word_t page, bool write)
{
    L4_Word_t *word = touch_page(A, h, page, write, wait_for_disk);
    SIM_CHECK(word && sim_mapping(A, TASK_REGIONS_BASE + (page << PAGE_SHIFT), &frame));
    return word;
}

/* The page of the first place holds the value, and is mapped to many addresses. */
static void spread(handle_t h, L4_Word_t value)
{
    *touch_in(h, 0, true) = value;
    sim_spread(frame, ADDRESSES);
    sim_unmaps_max = 0;
}

static void check_taken(void)
{
    SIM_CHECK(sim_spread_left(frame) == 0 && sim_unmaps_max <= BOUND && sim_unmaps_max >= SIM_STEP);
}

static bool holds(handle_t h, L4_Word_t value)
{
    return *touch_in(h, 0, false) == value;
}

/* As the library does it: until all is done. */
static void one_page(L4_Word_t label)
{
    int calls = 0;
    do {
        SIM_CHECK(sim_call(caller(A), label, 3, handle, 0u, 1u) == OK && calls++ < CALLS);
    } while (sim_reply.mr[2] == 0);
}

static void copy_page(handle_t from, handle_t to)
{
    int calls = 0;
    do {
        SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, from, 0u, to, 0u, 1u) == OK && calls++ < CALLS);
    } while (sim_reply.mr[2] == 0);
}

static void test_fill(void)
{
    start();
    spread(handle, 5);
    one_page(PHYSMEM_ZERO);
    check_taken();
    SIM_CHECK(holds(handle, 0));
    spread(handle, 6);
    one_page(PHYSMEM_PUNCH);
    check_taken();
    passed("a place is made a zero, or a hole");
}

static void test_end(void)
{
    int calls = 0;
    start();
    spread(handle, 5);
    while (sim_call(caller(A), PHYSMEM_DESTROY, 1, handle) != OK) {
        SIM_CHECK(sim_reply.mr[1] == ERR_BUSY && calls++ < CALLS);
    }
    check_taken();
    passed("a container is destroyed");
}

static void test_copies(void)
{
    start();
    handle_t other = create(1);
    spread(handle, 5);
    copy_page(handle, other); /* nobody may write to it any more */
    check_taken();
    (void)touch_in(handle, 0, false);
    sim_spread(frame, ADDRESSES);
    sim_unmaps_max = 0;
    frame_t old = frame;
    *touch_in(handle, 0, true) = 6; /* it gets a page of its own */
    SIM_CHECK(frame != old && sim_spread_left(old) == 0 && sim_unmaps_max <= BOUND);
    SIM_CHECK(holds(other, 5));
    spread(other, 7);
    copy_page(handle, other);
    check_taken();
    SIM_CHECK(holds(other, 6) && holds(handle, 6));
    passed("a page is copied, a copy is broken, a place gets another page");
}

/* The others are used all the time, and it is the one that goes. */
static void test_replacement(void)
{
    start();
    handle_t big = create(MORE_PAGES);
    spread(handle, 5);
    frame_t spread_frame = frame;
    for (L4_Word_t page = 0; page < MORE_PAGES && sim_spread_left(spread_frame) > 0; page++) {
        (void)touch_in(big, page, true);
    }
    SIM_CHECK(sim_spread_left(spread_frame) == 0 && sim_unmaps_max <= BOUND);
    SIM_CHECK(holds(handle, 5));
    passed("it is sampled, and goes");
}

/* After spread(handle, 5): the page loses all its mappings in pieces, and nothing else. */
static void move_out(L4_Word_t task)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, task, 0u) == OK);
    for (int i = 0; i < 20; i++) {
        wait_for_disk();
    }
    check_taken();
    SIM_CHECK(info(task).frames == 0 && holds(handle, 5));
}

static void test_outswap(void)
{
    start();
    spread(handle, 5);
    move_out(A);
    passed("its task goes out");
}

/* What the task that goes out has of another's goes too, and its own pages with it. */
static void test_outswap_of_another(void)
{
    start();
    SIM_CHECK(sim_call(caller(A), PHYSMEM_SHARE, 3, handle, (L4_Word_t)B, 3u) == OK);
    handle_t theirs = sim_reply.mr[2];
    SIM_CHECK(touch_page(B, theirs, 0, true, wait_for_disk));
    spread(handle, 5);
    SIM_CHECK(touch_page(B, theirs, 0, true, wait_for_disk));
    move_out(B);
    passed("another task that has it goes out");
}

static void test_kernel_memory(void)
{
    int calls = 0;
    start();
    spread(handle, 5);
    for (int i = 0; i < 20; i++) {
        sim_advance(20); /* its shield runs out */
    }
    while (sim_spread_left(frame) > 0) {
        SIM_CHECK(calls++ < CALLS);
        (void)sim_call(caller(A), PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)A);
    }
    check_taken();
    SIM_CHECK(holds(handle, 5));
    passed("a task loses mappings");
}

int main(void)
{
    test_fill();
    test_end();
    test_copies();
    test_replacement();
    test_outswap();
    test_outswap_of_another();
    test_kernel_memory();
    return end_cases();
}
