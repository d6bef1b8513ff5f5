// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks that are out come in as memory has room for them, and all get on. */
#include <stdio.h>

#include "l4/kernel_memory.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "policy/shield.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "serving/admission.h"
#include "tasks/recency.h"
#include "tasks/task.h"

enum { FIRST = 3, TASKS = 60, PAGES = 30, DC_PAGES = 1000, SLOTS = 4000, PATIENCE = 2000 };

static L4_ThreadId_t thread_of(L4_Word_t task)
{
    return sim_id(task, 7);
}

static uint32_t most_in_memory;

static void let_time_pass(void)
{
    uint32_t in = 0;
    sim_disk_drain();
    sim_advance(7);
    for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
        const struct task *t = task_find(task);
        in += t && t->state == TASK_MEMORY_IN;
    }
    most_in_memory = in > most_in_memory ? in : most_in_memory;
}

static void finish(L4_ThreadId_t thread, bool write)
{
    frame_t frame;
    for (int i = 0; i < PATIENCE && sim_thread(thread)->waits; i++) {
        let_time_pass();
    }
    SIM_CHECK(sim_thread(thread)->mapped);
    L4_Word_t address = sim_thread(thread)->map_address;
    if (sim_mapping(L4_Version(thread), address, &frame)) { /* else it has been taken meanwhile */
        sim_touch(frame, write);
    }
}

static void touch(L4_Word_t task, L4_Word_t page)
{
    sim_fault(thread_of(task), page << PAGE_SHIFT, true);
    finish(thread_of(task), true);
}

static enum task_memory_state state_of(L4_Word_t task)
{
    return task_find(task)->state;
}

static void move_out(L4_Word_t task, L4_Word_t flags)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, task, flags) == OK);
    for (int i = 0; i < PATIENCE && state_of(task) != TASK_MEMORY_OUT; i++) {
        let_time_pass();
    }
    SIM_CHECK(state_of(task) == TASK_MEMORY_OUT);
}

/* So many tasks, each with all its pages, and out. */
static void start(L4_Word_t tasks)
{
    sim_boot(500);
    sim_disk_attach(SLOTS, true);
    for (L4_Word_t task = FIRST; task < FIRST + tasks; task++) {
        SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
        SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, task, 1u, sim_reply.mr[2], 0u) == OK);
        for (L4_Word_t page = 1; page < PAGES; page++) {
            touch(task, page);
        }
        move_out(task, 0);
    }
}

static uint32_t tasks_in_memory(L4_Word_t tasks)
{
    uint32_t count = 0;
    for (L4_Word_t task = FIRST; task < FIRST + tasks; task++) {
        count += state_of(task) != TASK_MEMORY_OUT;
    }
    return count;
}

/* There are three times as many pages as frames. */
static void test_all_wake(void)
{
    start(TASKS);
    most_in_memory = 0;
    for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
        sim_fault(thread_of(task), 1 << PAGE_SHIFT, true);
    }
    SIM_CHECK(state_of(FIRST) == TASK_MEMORY_IN && state_of(FIRST + TASKS - 1) == TASK_MEMORY_OUT);
    for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
        finish(thread_of(task), true);
    }
    passed("of many that want to come in at once as many do as there is room for, first come first served");

    for (L4_Word_t page = 2; page < PAGES; page++) {
        for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
            sim_fault(thread_of(task), page << PAGE_SHIFT, true);
        }
        for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
            finish(thread_of(task), true);
        }
    }
    SIM_CHECK(most_in_memory > 1 && most_in_memory < TASKS - 10);
    passed("though all of them are at work without a pause, all get on");
}

static void test_idle_ones_go(void)
{
    start(TASKS);
    uint32_t in = 0;
    for (L4_Word_t task = FIRST; task < FIRST + TASKS && in == tasks_in_memory(TASKS); task++, in++) {
        touch(task, 1);
        sim_advance(3 * SHIELD_TICKS);
    }
    SIM_CHECK(in > 4 && in < TASKS);
    for (int i = 0; i < PATIENCE && state_of(FIRST) != TASK_MEMORY_OUT; i++) {
        let_time_pass();
    }
    SIM_CHECK(state_of(FIRST) == TASK_MEMORY_OUT && state_of(FIRST + in - 2) == TASK_MEMORY_IN);
    passed("for who wants to come in the one goes out that has been given nothing the longest");
}

/* One task fills the disk; another has long been idle. */
static void test_full_disk(void)
{
    sim_boot(500);
    sim_disk_attach(PAGES, true); /* a slot for each of its pages, and the header */
    for (L4_Word_t task = FIRST; task < FIRST + 2; task++) {
        SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
        SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, task, 1u, sim_reply.mr[2], 0u) == OK);
        for (L4_Word_t page = 1; page < PAGES; page++) {
            touch(task, page);
        }
    }
    move_out(FIRST, OUTSWAP_HOLD);
    sim_advance(3 * SHIELD_TICKS);
    (void)memory(); /* an event, which reads the clock */
    SIM_CHECK(!admission_make_room(false) && state_of(FIRST + 1) == TASK_MEMORY_IN);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)FIRST) == OK);
    SIM_CHECK(admission_make_room(false) && state_of(FIRST + 1) == TASK_MEMORY_GOING_OUT);
    passed("nobody is moved out to a full disk for others");
}

/* The kernel, for a thread whose space it cannot restore. */
static void test_shortage(void)
{
    L4_ThreadId_t waits = sim_id(FIRST, 9);
    start(1);
    touch(FIRST, 1);
    move_out(FIRST, OUTSWAP_HOLD);
    sim_kernel_free = 0;
    L4_Word_t lent = memory().frames_lent;
    sim_send(waits, L4_LABEL_STOPPED | STOPPED_NO_MEMORY, 2, 0xbf000000u, 0u);
    for (int i = 0; i < 100; i++) {
        let_time_pass();
    }
    SIM_CHECK(sim_thread(waits)->waits && memory().frames_lent == lent);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)FIRST) == OK);
    let_time_pass();
    SIM_CHECK(!sim_thread(waits)->waits && sim_kernel_free >= 8);
    passed("who lacks what the kernel keeps for it waits until its task comes in");
    sim_kernel_free = 1000;
}

static void test_door(void)
{
    start(TASKS);
    for (L4_Word_t task = FIRST; task < FIRST + TASKS; task++) {
        sim_fault(thread_of(task), 1 << PAGE_SHIFT, true);
    }
    L4_Word_t at_door = FIRST + TASKS - 1;
    SIM_CHECK(state_of(at_door) == TASK_MEMORY_OUT && state_of(at_door - 1) == TASK_MEMORY_OUT);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, at_door) == OK && !task_find(at_door));
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, at_door - 1) == OK);
    finish(thread_of(at_door - 1), true);
    for (L4_Word_t task = FIRST; task < at_door; task++) {
        finish(thread_of(task), true);
    }
    SIM_CHECK(recency_count() == tasks_in_memory(TASKS - 1) && !admission_under_way());
    passed("who stands at the door can end there, and can be asked in");
}

/* Pages take the frames that the kernel does not want. */
static void test_low_frames(void)
{
    enum { LOANS = 20 };
    sim_boot(500);
    sim_disk_attach(SLOTS, true);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)FIRST, 1u, sim_reply.mr[2], 0u) == OK);
    for (L4_Word_t page = 1; page < DC_PAGES; page++) {
        touch(FIRST, page);
    }
    SIM_CHECK(memory().evictions > 0);
    for (L4_Word_t page = 1; page < LOANS; page++) {
        sim_kernel_free = 0;
        (void)sim_call(root, PHYSMEM_KERNEL_MEMORY, 1, 0u);
        SIM_CHECK(sim_kernel_free >= 8); /* all that it lacks */
        touch(FIRST, page);
        let_time_pass();
    }
    sim_kernel_free = 1000;
    passed("while memory is full the frames that are free are fit for the kernel");
}

int main(void)
{
    sim_seed(1);
    test_all_wake();
    test_idle_ones_go();
    test_full_disk();
    test_shortage();
    test_door();
    test_low_frames();
    return end_cases();
}
