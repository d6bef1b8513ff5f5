// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows that leave for the Segment Map, are paid for, and come back; and what ends meanwhile. */
#include "contents/away.h"
#include "physmem_away_case.h"
#include "room/contract.h"
#include "tasks/account.h"
#include "tasks/task.h"

/* ---- */

static void test_leave(void)
{
    start();
    handle_t handle = create(PAGES);
    fill(handle);
    L4_Word_t charged = info(A).charged;
    evict();
    let_pass(2000);
    SIM_CHECK(window_count() <= 2 * WINDOWS + MAP_PAGES / WINDOW_PAGES + 1);
    SIM_CHECK(segmap.map.state->records >= PAGES / EACH - 2 * WINDOWS);
    SIM_CHECK(info(A).charged + 2 >= charged && info(A).charged <= charged + 2);
    sim_check();
    check_contents(handle);
    passed("windows leave, are paid for, and come back");
}

/* Their records are on the way when they change, and would name slots that are free. */
static void test_changed_meanwhile(void)
{
    start();
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    for (int i = 0; i < 200 && !sim_thread(*segmap_thread())->pulled; i++) {
        one_more(1);
    }
    SIM_CHECK(sim_thread(*segmap_thread())->pulled && memory().stores == 0);
    for (L4_Word_t page = 0; page < PAGES; page += EACH) {
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, page, 1u) == OK);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, page + 1, 1u) == OK);
    }
    work();
    sim_check();
    let_pass(500);
    for (L4_Word_t page = 0; page < PAGES; page += EACH) {
        SIM_CHECK(holds(handle, page, 0) && !touch(handle, page + 1, false));
    }
    passed("a window that has changed since its record was made stays");
}

/* Who makes windows has others stored, and pays for it; else a STORE goes now and then. */
static void test_pace(void)
{
    enum { AT_ONCE = 16, TICKS_EACH = 4, TICKS = 80, MADE = 10, FOR_EACH = 2 };
    start();
    fill(create(PAGES));
    evict();
    L4_Word_t before = memory().stores;
    events(500, 0);
    SIM_CHECK(memory().stores - before <= AT_ONCE);
    before = memory().stores;
    let_pass(TICKS);
    SIM_CHECK(memory().stores > before && memory().stores - before <= TICKS / TICKS_EACH + 1);

    before = memory().stores;
    handle_t handle = create(PAGES);
    for (L4_Word_t i = 0; i < MADE; i++) {
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, i * WINDOW_PAGES, 1u) == OK);
        work();
    }
    events(500, 0);
    SIM_CHECK(memory().stores > before + MADE && memory().stores - before <= FOR_EACH * MADE + AT_ONCE);
    passed("who makes windows has others stored, and else they are paced");
}

static void test_fits(void)
{
    windows_stay = 4 * PAGES / EACH;
    start();
    windows_stay = WINDOWS;
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    let_pass(1000);
    SIM_CHECK(memory().stores == 0);
    check_contents(handle);
    SIM_CHECK(memory().lookups == 0);
    passed("B26: windows for which there is room stay");
}

static void test_stale(void)
{
    start();
    handle_t handle = create(PAGES);
    for (int round = 0; round < 4; round++) {
        L4_Word_t charged = info(A).charged, label = round % 2 ? PHYSMEM_ZERO : PHYSMEM_PUNCH;
        fill(handle);
        evict();
        let_pass(1000);
        SIM_CHECK(segmap.map.state->records > PAGES / EACH / 2);
        call_over(label, handle, 0, PAGES);
        sim_check();
        let_pass(1000);
        SIM_CHECK(segmap.map.state->records <= 2 * WINDOWS && info(A).charged <= charged + 1);
        SIM_CHECK((touch(handle, 5, false) != NULL) == (label == PHYSMEM_ZERO));
        call_over(PHYSMEM_ZERO, handle, 0, PAGES);
    }
    passed("the record of a window that says nothing any more is deleted");
}

/* Who has made the task pays for what is left, and the task's number is free at once. */
static void test_end(void)
{
    start();
    L4_Word_t slots = memory().slots_used, system = info(1).charged;
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    let_pass(2000);
    SIM_CHECK(segmap.map.state->records > 0 && memory().slots_used >= slots + PAGES / EACH);
    uint32_t account = account_used(task_find(1)->account);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK);
    sim_check();
    SIM_CHECK(memory().containers_left == 1 && info(1).charged <= system);
    SIM_CHECK(account_used(task_find(1)->account) + DC_PAGES >= account);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == ERR_NO_TASK);
    make_task(A);
    let_pass(500);
    SIM_CHECK(segmap.map.state->records == 0 && memory().slots_used == slots);
    SIM_CHECK(memory().containers_left == 0 && account_used(task_find(1)->account) < account);
    passed("of a task that has ended nothing stays in the map");
}

/* Its owner may end meanwhile. */
static void test_destroy(void)
{
    start();
    for (int owner_ends = 0; owner_ends < 2; owner_ends++) {
        L4_Word_t slots = memory().slots_used;
        handle_t handle = create(PAGES), other = create(PAGES);
        fill(handle);
        fill(other);
        evict();
        let_pass(2000);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, handle) == OK);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, other) == OK);
        SIM_CHECK(memory().containers_left == 2 && info(A).containers >= 2);
        let_pass(owner_ends ? 3 : 500);
        if (owner_ends) {
            SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK);
            sim_check();
            let_pass(500);
        }
        SIM_CHECK(memory().containers_left == 0 && memory().slots_used == slots);
        SIM_CHECK(segmap.map.state->records == 0);
    }
    passed("what a container leaves behind goes, whether its owner is there or not");
}

static void test_segmap_ends(void)
{
    start();
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    for (int i = 0; i < 40; i++) {
        SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SEGMAP) == OK);
        let_pass(3);
        start_segmap();
        let_pass(20);
        sim_check();
    }
    check_contents(handle);
    passed("segmap may end at any time");
}

/* ---- whole tasks ---- */

/* What was in memory when the task went out is read again though its windows have left since; and
 * nothing else. */
static void test_working_set(void)
{
    enum { WORKING = 5, APART = 12 * EACH, AT_ONCE = 4 /* windows for one mark */ };
    start();
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    for (L4_Word_t i = 0; i < WORKING; i++) {
        SIM_CHECK(holds(handle, i * APART, 100 + i * APART));
    }
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    let_pass(2000);
    SIM_CHECK(info(A).state == TASK_MEMORY_OUT && segmap.map.state->records >= PAGES / EACH - WINDOWS);
    L4_Word_t lookups = memory().lookups, read = memory().pages_read;
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    let_pass(200);
    SIM_CHECK(info(A).frames >= WORKING && memory().pages_read - read <= WORKING + 2);
    lookups = memory().lookups - lookups;
    SIM_CHECK(lookups >= WORKING - 1 && lookups <= AT_ONCE * (WORKING + 1));
    read = memory().pages_read;
    for (L4_Word_t i = 0; i < WORKING; i++) {
        SIM_CHECK(holds(handle, i * APART, 100 + i * APART));
    }
    SIM_CHECK(memory().pages_read == read);
    passed("the working set comes back with its windows");
}

/* Of the tasks that come in; no task has a multiple of 64 for its number. */
static L4_Word_t comer(L4_Word_t i)
{
    enum { FIRST = 8, NO_TASK = 64 };
    return FIRST + i + (FIRST + i >= NO_TASK);
}

/* More come in than an event's budget is enough to look at, and segmap is slow: it gets the
 * processor, for the event is over, and then they all get on. */
static void test_many_come_in(void)
{
    enum { COMERS = 118 };
    start();
    for (L4_Word_t i = 0; i < COMERS; i++) {
        make_task(comer(i));
        sim_fault(sim_id(comer(i), 7), PAGE_SIZE, true);
        SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, comer(i), (L4_Word_t)OUTSWAP_HOLD) == OK);
        let_pass(5);
    }
    let_pass(2000);
    for (L4_Word_t i = 0; i < COMERS; i++) {
        SIM_CHECK(info(comer(i)).state == TASK_MEMORY_OUT);
        SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, comer(i)) == OK);
    }
    one_more(1);
    SIM_CHECK(segmap_open_calls(&away_calls, CALL_LOOKUP) == CALLS_OF_KIND_MAX);
    L4_Word_t lookups = memory().lookups;
    let_pass(2000);
    SIM_CHECK(memory().lookups >= lookups + COMERS - WINDOWS);
    passed("many who come in leave segmap the processor");
}

/* ---- room ---- */

/* Takes all pages that can be promised. */
static void fill_up(handle_t handle, L4_Word_t pages)
{
    for (L4_Word_t page = 0; page < pages && touch(handle, page, true); page++) {
    }
    SIM_CHECK(memory().pages_promised == memory().pages_limit);
}

static void test_room(void)
{
    start();
    L4_ThreadId_t thread = sim_id(SEGMAP, 8);
    SIM_CHECK(contract_map_pages() == MAP_PAGES);
    fill_up(create(DISK_PAGES + FRAMES), DISK_PAGES + FRAMES);
    for (L4_Word_t page = 0; page < MAP_PAGES; page++) {
        sim_fault(thread, MAP_ADDRESS + (page << PAGE_SHIFT), true);
        for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
            let_pass(1);
        }
        SIM_CHECK(sim_thread(thread)->mapped);
        SIM_CHECK(memory().pages_promised <= memory().pages_limit);
    }
    passed("the map has room when all else is full");
}

int main(void)
{
    make_map_memory();
    test_leave();
    test_changed_meanwhile();
    test_pace();
    test_fits();
    test_stale();
    test_end();
    test_destroy();
    test_segmap_ends();
    test_working_set();
    test_many_come_in();
    test_room();
    return end_map_cases();
}
