// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What changes hands leaves nothing behind: a container that becomes a task's designated one, a
 * page that a wired task has shared. */
#include <stdio.h>
#include <string.h>

#include "physmem_case.h"
#include "contents/page.h"
#include "room/frame.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"

enum { A = 3, B = 4 }; /* task ids */

static L4_Word_t make_container(L4_Word_t task, L4_Word_t pages)
{
    SIM_CHECK(sim_call(task == 1 ? root : caller(task), PHYSMEM_CREATE, 2, pages, (L4_Word_t)0) == OK);
    return sim_reply.mr[2];
}

static void make_task(L4_Word_t id, L4_Word_t holder, L4_Word_t handle)
{
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, id, holder, handle, (L4_Word_t)0) == OK);
}

static void start(void)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(300);
    sim_disk_attach(500, true);
    make_task(A, 1, make_container(1, 40));
}

static L4_Word_t frames_wired(void)
{
    struct memory_info m;
    SIM_CHECK(sim_call(root, PHYSMEM_MEMORY_INFO, 0) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m.frames_wired;
}

static L4_Word_t frames_of(L4_Word_t id)
{
    struct task_memory m;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, id) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m.frames;
}

static void move_out(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, id, (L4_Word_t)OUTSWAP_HOLD) == OK);
    for (int i = 0; i < 10; i++) {
        sim_disk_drain();
        sim_advance(30);
    }
}

/* ---- a container becomes a child's ---- */

static void test_mapping_goes(void)
{
    start();
    L4_Word_t handle = make_container(A, 50);
    frame_t frame;
    sim_forward(sim_id(A, 0), sim_id(A, 7), TASK_REGIONS_BASE, handle, 33, true, 7);
    SIM_CHECK(sim_mapping(A, TASK_REGIONS_BASE, &frame) & L4_Writable);
    make_task(B, A, handle);
    SIM_CHECK(sim_mapping(A, TASK_REGIONS_BASE, &frame) == 0);
    sim_fault(sim_id(B, 7), 33 * PAGE_SIZE, true);
    SIM_CHECK(sim_mapping(B, 33 * PAGE_SIZE, &frame) & L4_Writable);
    passed("the creator of a task keeps no mapping of its container");
}

static void test_fault_goes(void)
{
    start();
    L4_Word_t handle = make_container(A, 50);
    frame_t frame;
    L4_ThreadId_t thread = sim_id(A, 7);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, handle, 33, true, 7);
    sim_touch(sim_thread(thread)->map_frame, true);
    move_out(A);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, handle, 33, true, 7);
    SIM_CHECK(sim_thread(thread)->waits);
    make_task(B, A, handle);
    SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped);
    sim_disk_drain();
    SIM_CHECK(sim_mapping(A, TASK_REGIONS_BASE, &frame) == 0);
    passed("its parked fault is answered without a page");
}

/* ---- a wired task shares pages ---- */

/* The driver's container of 4 pages, all written, with a copy of them in a container of A. */
static L4_Word_t share_pages(L4_Word_t *copy)
{
    const L4_ThreadId_t driver = caller(SIM_DRIVER_TASK);
    L4_Word_t own = make_container(SIM_DRIVER_TASK, 4);
    for (L4_Word_t i = 0; i < 4; i++) {
        sim_forward(sim_id(SIM_DRIVER_TASK, 0), sim_id(SIM_DRIVER_TASK, 7), TASK_REGIONS_BASE + i * PAGE_SIZE,
                    own, i, true, 7);
        sim_touch(sim_thread(sim_id(SIM_DRIVER_TASK, 7))->map_frame, true);
    }
    SIM_CHECK(sim_call(driver, PHYSMEM_SHARE, 3, own, (L4_Word_t)A, (L4_Word_t)RIGHT_READ) == OK);
    L4_Word_t shared = sim_reply.mr[2];
    *copy = make_container(A, 4);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, shared, (L4_Word_t)0, *copy, (L4_Word_t)0, (L4_Word_t)4) ==
              OK);
    return own;
}

static void write_own(L4_Word_t own, L4_Word_t page)
{
    sim_forward(sim_id(SIM_DRIVER_TASK, 0), sim_id(SIM_DRIVER_TASK, 7), TASK_REGIONS_BASE + page * PAGE_SIZE,
                own, page, true, 7);
    SIM_CHECK(sim_thread(sim_id(SIM_DRIVER_TASK, 7))->mapped);
}

static void test_broken_copy(void)
{
    start();
    L4_Word_t copy, own = share_pages(&copy), wired = frames_wired();
    for (L4_Word_t i = 0; i < 4; i++) {
        write_own(own, i);
    }
    SIM_CHECK(frames_wired() == wired);
    move_out(A);
    SIM_CHECK(frames_of(A) == 0 && sim_space_count(A) == 0);
    for (L4_Word_t i = 0; i < 4; i++) { /* what no wired task shares any more is on the disk */
        SIM_CHECK(sim_call(caller(A), PHYSMEM_STAT, 2, copy, i) == OK);
        SIM_CHECK(sim_reply.mr[4] == 0);
    }
    passed("a page that a wired task has written a copy of is evicted");
}

static void test_given_up(void)
{
    start();
    L4_Word_t copy, own = share_pages(&copy), wired = frames_wired();
    SIM_CHECK(sim_call(caller(SIM_DRIVER_TASK), PHYSMEM_PUNCH, 3, own, (L4_Word_t)0, (L4_Word_t)2) == OK);
    SIM_CHECK(frames_wired() == wired - 2);
    SIM_CHECK(sim_call(caller(SIM_DRIVER_TASK), PHYSMEM_COPY, 5, own, (L4_Word_t)2, own, (L4_Word_t)0,
                       (L4_Word_t)1) == OK);
    SIM_CHECK(sim_call(caller(SIM_DRIVER_TASK), PHYSMEM_PUNCH, 3, own, (L4_Word_t)2, (L4_Word_t)1) == OK);
    SIM_CHECK(frames_wired() == wired - 2); /* it still has that page, at another place */
    passed("a page is wired as long as a wired task has it");
}

static uint32_t pages_wired(void)
{
    uint32_t n = 0;
    for (frame_t f = 0; f < frame_table_count; f++) {
        n += frame_table[f].kind == FRAME_PAGE && frame_table[f].wired;
    }
    return n;
}

/* The restart set shares pages with the driver: what that one gives up, and its end, change nothing
 * for it; and what becomes real there later stays as well. */
static void test_kept(void)
{
    start();
    L4_Word_t copy, own = share_pages(&copy), mine = make_container(TASK_ID_SYSTEM, 8);
    SIM_CHECK(sim_call(caller(SIM_DRIVER_TASK), PHYSMEM_SHARE, 3, own, (L4_Word_t)TASK_ID_SYSTEM,
                       (L4_Word_t)RIGHT_READ) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_COPY, 5, sim_reply.mr[2], (L4_Word_t)0, mine, (L4_Word_t)0,
                       (L4_Word_t)4) == OK);
    L4_Word_t wired = frames_wired();
    SIM_CHECK(sim_call(root, PHYSMEM_KEEP, 3, mine, (L4_Word_t)0, (L4_Word_t)6) == OK);
    SIM_CHECK(frames_wired() == wired);
    SIM_CHECK(sim_call(caller(SIM_DRIVER_TASK), PHYSMEM_PUNCH, 3, own, (L4_Word_t)0, (L4_Word_t)2) == OK);
    SIM_CHECK(frames_wired() == wired);
    for (L4_Word_t page = 4; page < 8; page++) {
        sim_forward(sim_id(TASK_ID_SYSTEM, 0), sim_id(TASK_ID_SYSTEM, 7),
                    TASK_REGIONS_BASE + page * PAGE_SIZE, mine, page, true, 7);
    }
    SIM_CHECK(frames_wired() == wired + 2);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    SIM_CHECK(pages_wired() == 6);
    SIM_CHECK(sim_call(root, PHYSMEM_DESTROY, 1, mine) == OK);
    SIM_CHECK(pages_wired() == 0);
    passed("what is kept stays, whoever shares it, and whenever it comes");
}

int main(void)
{
    printf("KTAP version 1\n1..5\n");
    test_mapping_goes();
    test_fault_goes();
    test_broken_copy();
    test_given_up();
    test_kept();
    return 0;
}
