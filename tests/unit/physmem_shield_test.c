// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Shields of a page that two tasks use: what one of them is answered with, and its end, take
 * nothing from the other. */
#include <stdio.h>

#include "physmem_case.h"
#include "physmem_sim.h"
#include "policy/shield.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum { A = 3, B = 4, PAGES = 2 * SHIELDS_PER_TASK, DC_PAGES = 60, FRAMES = 200, SLOTS = 400 };

static L4_Word_t shared[2], own; /* handles: of both tasks, of B's own container */

static L4_Word_t call_ok(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, L4_Word_t a, L4_Word_t b,
                         L4_Word_t c, L4_Word_t d)
{
    SIM_CHECK(sim_call(from, label, words, a, b, c, d) == OK);
    return sim_reply.mr[2];
}

/* A page of the container, for reading, at an address that tells the container. */
static frame_t touch(L4_Word_t task, L4_Word_t handle, L4_Word_t page)
{
    L4_ThreadId_t thread = sim_id(task, 2);
    L4_Word_t address = TASK_REGIONS_BASE + (handle * PAGES + page) * PAGE_SIZE;
    sim_forward(sim_id(task, 1), thread, address, handle, page, false, 7);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
    }
    SIM_CHECK(sim_thread(thread)->mapped);
    return (frame_t)sim_thread(thread)->map_frame;
}

/* A and B; the first page of A's container is shared with B, which has one of its own as well. */
static void start(void)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(FRAMES);
    sim_disk_attach(SLOTS, true);
    for (L4_Word_t task = A; task <= B; task++) {
        L4_Word_t dc = call_ok(root, PHYSMEM_CREATE, 2, DC_PAGES, 0, 0, 0);
        (void)call_ok(root, PHYSMEM_TASK_NEW, 4, task, 1, dc, 0);
    }
    shared[0] = call_ok(caller(A), PHYSMEM_CREATE, 2, PAGES, 0, 0, 0);
    shared[1] = call_ok(caller(A), PHYSMEM_SHARE, 3, shared[0], B, L4_Readable, 0);
    own = call_ok(caller(B), PHYSMEM_CREATE, 2, PAGES, 0, 0, 0);
}

static L4_Word_t evict(L4_Word_t task)
{
    L4_Word_t n = call_ok(root, PHYSMEM_DEBUG_EVICT, 2, task, 0, 0, 0);
    sim_disk_drain();
    return n;
}

static void test_others_answers(void)
{
    start();
    frame_t f = touch(A, shared[0], 0);
    SIM_CHECK(touch(B, shared[1], 0) == f);
    for (L4_Word_t page = 0; page < SHIELDS_PER_TASK; page++) {
        (void)touch(B, own, page);
    }
    SIM_CHECK(shield_covers(f) && evict(A) == 0);
    passed("what another task is answered with does not end a shield");
    sim_advance(SHIELD_TICKS + 2);
    SIM_CHECK(evict(A) == 1);
    passed("the time does");
}

static void test_others_end(void)
{
    start();
    frame_t f = touch(A, shared[0], 0);
    SIM_CHECK(touch(B, shared[1], 0) == f && frame_table[f].shields == 2);
    (void)call_ok(root, PHYSMEM_TASK_DELETE, 1, B, 0, 0, 0);
    SIM_CHECK(frame_table[f].shields == 1 && shield_covers(f) && evict(A) == 0);
    passed("nor does the end of a task that used the page as well");
}

/* The same page again and again is one frame in many places. */
static void test_own_answers(void)
{
    start();
    frame_t f = touch(A, shared[0], 0);
    for (int i = 0; i < 3; i++) {
        SIM_CHECK(touch(A, shared[0], 0) == f);
    }
    for (L4_Word_t page = 1; page < SHIELDS_PER_TASK; page++) {
        (void)touch(A, shared[0], page);
    }
    SIM_CHECK(shield_covers(f) && evict(A) == 0);
    (void)touch(A, shared[0], SHIELDS_PER_TASK);
    SIM_CHECK(!shield_covers(f) && evict(A) == 1);
    passed("a task's own ring names the last answers, however often the same");
}

int main(void)
{
    printf("KTAP version 1\n1..4\n");
    test_others_answers();
    test_others_end();
    test_own_answers();
    return 0;
}
