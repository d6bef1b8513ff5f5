// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What stays of a task that is out, and that nothing is lost with the rest. */
#include "tasks/presence.h"

#include <stdio.h>
#include <string.h>

#include "contents/window.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "serving/admission.h"
#include "tasks/task.h"

enum { FIRST = 3, HOG = 100, DC_PAGES = 40, HOG_PAGES = 4000, SLOTS = 500, PATIENCE = 2000 };
/* Of one page, but for the window and its group. */
enum { STUB_BYTES_MAX = 280 };

static L4_ThreadId_t thread_of(L4_Word_t task)
{
    return sim_id(task, 7);
}

static void let_time_pass(void)
{
    sim_disk_drain();
    sim_advance(7);
}

static enum error make_task(L4_Word_t task, L4_Word_t pages)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, pages, 0u) == OK);
    return sim_call(root, PHYSMEM_TASK_NEW, 4, task, 1u, sim_reply.mr[2], 0u);
}

static bool touch(L4_Word_t task, L4_Word_t page)
{
    frame_t frame;
    sim_fault(thread_of(task), page << PAGE_SHIFT, true);
    for (int i = 0; i < PATIENCE && sim_thread(thread_of(task))->waits; i++) {
        let_time_pass();
    }
    if (!sim_thread(thread_of(task))->mapped || !sim_mapping(task, page << PAGE_SHIFT, &frame)) {
        return false;
    }
    sim_touch(frame, true);
    return true;
}

static void move_out(L4_Word_t task, L4_Word_t flags)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, task, flags) == OK);
    for (int i = 0; i < PATIENCE && info(task).state != TASK_MEMORY_OUT; i++) {
        let_time_pass();
    }
    SIM_CHECK(info(task).state == TASK_MEMORY_OUT);
}

static void start(void)
{
    sim_boot(300);
    sim_disk_attach(SLOTS, true);
    SIM_CHECK(make_task(FIRST, DC_PAGES) == OK && touch(FIRST, 1));
}

static void test_stub(void)
{
    start();
    L4_Word_t in = info(FIRST).stub_bytes, charged = info(FIRST).charged;
    move_out(FIRST, OUTSWAP_HOLD);
    SIM_CHECK(task_find(FIRST)->presence && next_notice() == NOTICE_OUT && !task_find(FIRST)->presence);
    L4_Word_t out = info(FIRST).stub_bytes;
    printf("# in memory %u bytes, out %u\n", (unsigned)in, (unsigned)out);
    SIM_CHECK(out + sizeof(struct presence) == in);
    SIM_CHECK(out <= STUB_BYTES_MAX + sizeof(struct window) + sizeof(struct group));
    SIM_CHECK(info(FIRST).charged == charged);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)FIRST) == OK && next_notice() == NOTICE_IN);
    SIM_CHECK(info(FIRST).stub_bytes == in && touch(FIRST, 1));
    passed("a task that is out, and of which all has been told, keeps little, and is charged as before");
}

/* Its thread can be sent anywhere, and so fault, while the task is out. */
static void test_broken_while_out(void)
{
    start();
    move_out(FIRST, OUTSWAP_HOLD);
    SIM_CHECK(next_notice() == NOTICE_OUT);
    sim_fault(thread_of(FIRST), DC_PAGES << PAGE_SHIFT, true);
    SIM_CHECK(sim_thread(thread_of(FIRST))->waits && info(FIRST).state == TASK_MEMORY_OUT);
    SIM_CHECK(next_notice() == NOTICE_BROKEN && sim_thread(sim_id(1, 90))->message.mr[6] == ERR_RANGE);
    sim_fault(sim_id(FIRST, 8), DC_PAGES << PAGE_SHIFT, true);
    SIM_CHECK(next_notice() == 0 && task_find(FIRST)->presence);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)FIRST) == OK);
    passed("a task that breaks while it is out is told of, once");
}

static void fill_memory(void)
{
    SIM_CHECK(make_task(HOG, HOG_PAGES) == OK);
    for (L4_Word_t page = 1; memory().pages_promised < memory().pages_limit; page++) {
        SIM_CHECK(touch(HOG, page));
    }
}

/* As many tasks as fill the frames that their presences are in, so that each that comes in when
 * others have come needs one more. */
static void test_promise(void)
{
    start();
    L4_Word_t tasks = 2 * (PAGE_SIZE / sizeof(struct presence));
    for (L4_Word_t task = FIRST + 1; task < FIRST + tasks; task++) {
        SIM_CHECK(make_task(task, DC_PAGES) == OK && touch(task, 1));
    }
    for (L4_Word_t task = FIRST; task < FIRST + tasks; task++) {
        move_out(task, OUTSWAP_HOLD);
        SIM_CHECK(next_notice() == NOTICE_OUT);
    }
    fill_memory();
    L4_Word_t before = memory().frames_tables;
    for (L4_Word_t task = FIRST; task < FIRST + tasks; task++) {
        SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, task) == OK && next_notice() == NOTICE_IN);
    }
    SIM_CHECK(memory().frames_tables > before && memory().pages_promised <= memory().pages_limit);
    for (L4_Word_t task = FIRST; task < FIRST + tasks; task++) {
        SIM_CHECK(touch(task, 1));
    }
    passed("all that are out can come in though others have taken all room");
}

/* Others have the frames that are free just now; and the task needs one, for it was alone with its
 * presence in one: task 1 and the driver have some, too. */
static void test_no_frame(void)
{
    frame_t taken[SIM_FRAMES];
    uint32_t count = 0;
    start();
    L4_Word_t last = FIRST + PAGE_SIZE / sizeof(struct presence) - 2;
    for (L4_Word_t task = FIRST + 1; task <= last; task++) {
        SIM_CHECK(make_task(task, DC_PAGES) == OK && touch(task, 1));
    }
    move_out(last, 0);
    SIM_CHECK(next_notice() == NOTICE_OUT);
    while ((taken[count] = frame_alloc(0, FRAME_TABLE)) != FRAME_NONE) {
        count++;
    }
    sim_fault(thread_of(last), 1 << PAGE_SHIFT, true);
    sim_advance(PATIENCE + 100); /* the door opens */
    SIM_CHECK(task_find(last)->state == TASK_MEMORY_OUT && admission_under_way());
    while (count > 0) {
        frame_free(taken[--count]);
    }
    for (int i = 0; i < PATIENCE && sim_thread(thread_of(last))->waits; i++) {
        let_time_pass();
    }
    SIM_CHECK(sim_thread(thread_of(last))->mapped);
    passed("a task that finds no frame for what it needs in memory waits for one");
}

/* With no room for the record of its handle. */
static void test_no_handle(void)
{
    start();
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    handle_t dc = sim_reply.mr[2];
    fill_memory();
    while (sim_call(root, PHYSMEM_SHARE, 3, dc, (L4_Word_t)FIRST, (L4_Word_t)RIGHT_READ) == OK) {
    }
    SIM_CHECK(sim_reply.mr[1] == ERR_NO_MEMORY);
    L4_Word_t left = task_count();
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)FIRST + 1, 1u, dc, 0u) == ERR_NO_MEMORY);
    SIM_CHECK(task_count() == left && !task_find(FIRST + 1));
    passed("a task that can have no handle is not made");
}

int main(void)
{
    sim_seed(1);
    test_stub();
    test_broken_while_out();
    test_promise();
    test_no_frame();
    test_no_handle();
    return end_cases();
}
