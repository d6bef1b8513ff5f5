// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks whose instructions each need all the memory that a full kernel keeps for mappings. */
#include "physmem_case.h"
#include "protocol/physmem.h"

enum {
    FIRST = 3,
    TASKS_MAX = 12,
    PLACES = 6,      /* of an instruction, each in a page table of its own */
    TABLE = 1024,    /* pages */
    DONE_LEAST = 10, /* instructions */
    FOR_MAPPINGS = 7,
    PAGER_PAGE = 1,
};

static handle_t handles[TASKS_MAX];
static unsigned done[TASKS_MAX];

static void start(unsigned tasks)
{
    sim_boot(500);
    sim_disk_attach(1000, true);
    for (unsigned i = 0; i < tasks; i++) {
        L4_Word_t task = FIRST + i;
        SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, 100u, 0u) == OK);
        SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, task, 1u, sim_reply.mr[2], 0u) == OK);
        SIM_CHECK(sim_call(caller(task), PHYSMEM_CREATE, 2, (L4_Word_t)PLACES * TABLE, 0u) == OK);
        handles[i] = sim_reply.mr[2];
        done[i] = 0;
    }
}

/* The next step of a task: whatever page its pager or its instruction lacks first is asked for. */
static void step(unsigned i)
{
    L4_Word_t task = FIRST + i;
    L4_ThreadId_t thread = sim_id(task, 7), pager = sim_id(task, 0);
    frame_t frame;
    unsigned place = 0;
    if (sim_thread(thread)->waits || sim_thread(pager)->waits) {
        return;
    }
    while (place < PLACES && sim_mapping(task, TASK_REGIONS_BASE + place * TABLE * PAGE_SIZE, &frame)) {
        place++;
    }
    if (place == PLACES) {
        done[i]++;
        sim_space_clear(task); /* the next one is elsewhere */
    } else if (!sim_mapping(task, PAGER_PAGE * PAGE_SIZE, &frame)) {
        sim_fault(pager, PAGER_PAGE * PAGE_SIZE, true);
    } else {
        sim_forward(pager, thread, TASK_REGIONS_BASE + place * TABLE * PAGE_SIZE, handles[i], place * TABLE,
                    true, 7);
    }
}

static bool all_have_got_on(unsigned tasks)
{
    unsigned i = 0;
    while (i < tasks && done[i] >= DONE_LEAST) {
        i++;
    }
    return i == tasks;
}

/* One step of each after the other, with so much time in between. */
static void run(unsigned tasks, unsigned gap)
{
    enum { ROUNDS = 20000 };
    start(tasks);
    sim_kernel_pages = FOR_MAPPINGS;
    for (unsigned round = 0; round < ROUNDS && !all_have_got_on(tasks); round++) {
        for (unsigned i = 0; i < tasks; i++) {
            step(i);
            sim_advance(gap);
        }
        if (round % 64 == 0) {
            sim_check();
        }
    }
    for (unsigned i = 0; i < tasks; i++) {
        if (done[i] < DONE_LEAST) {
            printf("# task %u of %u, %u ticks between steps: %u instructions\n", i, tasks, gap, done[i]);
        }
    }
    SIM_CHECK(all_have_got_on(tasks));
    sim_kernel_pages = 0;
}

int main(void)
{
    sim_seed(1);
    run(1, 1);
    passed("one task gets on with what a full kernel keeps for mappings");
    run(2, 1);
    run(TASKS_MAX, 1);
    passed("two that want all of it take turns, and so do many");
    run(2, 30);
    run(TASKS_MAX, 10);
    passed("nor does a busy processor keep them from getting on");
    return end_cases();
}
