// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever uses memory pays for it: tables, handles and tasks are charged to who makes them, and to
 * its creator. */
#include <stdio.h>
#include <string.h>

#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"

enum { A = 3, B = 4, C = 5, DC_PAGES = 40, WHOLE = 1 << 20, LEAF = 1024, WINDOW = 16 };

static L4_Word_t charged(L4_Word_t id)
{
    struct task_memory m;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, id) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m.charged;
}

static handle_t create(L4_ThreadId_t from, L4_Word_t pages)
{
    SIM_CHECK(sim_call(from, PHYSMEM_CREATE, 2, pages, 0u) == OK);
    return sim_reply.mr[2];
}

/* `creator` is a task; the new one is made of a container of its. */
static enum error make_task(L4_Word_t id, L4_Word_t creator, L4_Word_t quota)
{
    L4_ThreadId_t from = creator == 1 ? root : caller(creator);
    handle_t handle = create(from, DC_PAGES);
    enum error e = sim_call(root, PHYSMEM_TASK_NEW, 4, id, creator, handle, quota);
    if (e != OK) {
        SIM_CHECK(sim_call(from, PHYSMEM_DESTROY, 1, handle) == OK);
    }
    return e;
}

static void end_task(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, id) == OK);
    sim_space_clear(id);
}

/* A last-resort fault of the task; false: it is refused. */
static bool touch(L4_Word_t id, L4_Word_t page)
{
    L4_ThreadId_t thread = sim_id(id, 7);
    frame_t frame;
    sim_fault(thread, page << PAGE_SHIFT, true);
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    if (!sim_thread(thread)->mapped || !sim_mapping(id, page << PAGE_SHIFT, &frame)) {
        return false;
    }
    sim_touch(frame, true);
    return true;
}

static void start(uint32_t frames)
{
    sim_seed(1);
    sim_boot(frames);
    sim_disk_attach(5000, true);
}

/* Makes a hole in each window of a large container until it is refused; gives how many tables that
 * costs. */
static uint32_t punch_each_window(L4_Word_t id, handle_t handle, enum error *e)
{
    L4_Word_t had = charged(id);
    *e = OK;
    for (uint32_t made = 0; made < WHOLE / WINDOW && *e == OK; made++) {
        *e = sim_call(caller(id), PHYSMEM_PUNCH, 3, handle, made * WINDOW + 5, 1u);
    }
    return charged(id) - had;
}

static void test_tables_cost_their_owner(void)
{
    enum error e;
    start(400);
    SIM_CHECK(make_task(A, 1, 60) == OK);
    L4_Word_t before = memory().frames_wired, had = charged(A);
    uint32_t made = punch_each_window(A, create(caller(A), WHOLE), &e);
    SIM_CHECK(e == ERR_QUOTA && made > 0 && had + made <= 60);
    SIM_CHECK(charged(A) <= 60 && memory().frames_wired <= before + 60);
    end_task(A);
    SIM_CHECK(memory().frames_wired <= before);
    passed("a hole in each window: its owner's quota ends it");
}

/* A quota counts frames and slots; tables stay in frames.  So the quota alone would let a task have
 * nearly all of them. */
static void test_tables_leave_frames_for_others(void)
{
    enum error e;
    start(300);
    SIM_CHECK(make_task(A, 1, 2000) == OK && make_task(B, A, 1000) == OK && make_task(C, 1, 1000) == OK);
    uint32_t total = memory().frames_total, below = punch_each_window(B, create(caller(B), WHOLE), &e);
    SIM_CHECK(e == ERR_QUOTA && below > total / 4 - 4 && below <= total / 4);
    uint32_t made = punch_each_window(A, create(caller(A), WHOLE), &e);
    SIM_CHECK(e == ERR_QUOTA && made + below > total / 2 - 8 && made + below <= total / 2);
    for (L4_Word_t page = 1; page < DC_PAGES; page++) {
        SIM_CHECK(touch(C, page));
    }
    SIM_CHECK(punch_each_window(C, create(caller(C), LEAF * 4), &e) >= 4);
    end_task(B);
    SIM_CHECK(punch_each_window(A, create(caller(A), WHOLE), &e) > below / 2);
    end_task(A);
    passed("tables of one task and of those below it take half of the frames at most");
}

static void test_tables_leave_frames_for_pages(void)
{
    enum error e;
    start(300);
    SIM_CHECK(make_task(A, 1, 0) == OK && make_task(B, 1, 0) == OK);
    for (L4_Word_t page = 1; page < DC_PAGES; page++) {
        SIM_CHECK(touch(B, page));
    }
    handle_t handle = create(caller(A), WHOLE);
    for (int i = 0; i < 100; i++) {
        (void)punch_each_window(A, handle, &e);
        SIM_CHECK(e == ERR_NO_MEMORY);
        sim_disk_drain(); /* others go out for it */
        sim_advance(20);
    }
    for (L4_Word_t page = 1; page < DC_PAGES; page++) {
        bool again = touch(B, page);
        SIM_CHECK(again);
    }
    passed("tables without a quota leave others the frames that they need to run");
}

static void test_holes_cost_nothing(void)
{
    start(400);
    SIM_CHECK(make_task(A, 1, 0) == OK);
    handle_t handle = create(caller(A), WHOLE / 4);
    L4_Word_t had = charged(A);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, WHOLE / 8, WHOLE / 8) == OK);
    SIM_CHECK(charged(A) <= had + 1);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, 10, WHOLE / 8) == OK);
    SIM_CHECK(charged(A) <= had + 2);
    sim_forward(sim_id(A, 0), sim_id(A, 7), TASK_REGIONS_BASE, handle, 9, true, 7);
    SIM_CHECK(sim_thread(sim_id(A, 7))->mapped);
    sim_forward(sim_id(A, 0), sim_id(A, 7), TASK_REGIONS_BASE, handle, WHOLE / 8 - 1, true, 7);
    SIM_CHECK(!sim_thread(sim_id(A, 7))->mapped);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, sim_id(A, 7).raw) == OK && sim_reply.mr[2] == ERR_HOLE);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, WHOLE / 8 - 1, 1u) == OK);
    sim_forward(sim_id(A, 0), sim_id(A, 7), TASK_REGIONS_BASE, handle, WHOLE / 8 - 1, true, 7);
    SIM_CHECK(sim_thread(sim_id(A, 7))->mapped);
    sim_space_clear(A);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, 0, WHOLE / 4) == OK && charged(A) <= had);
    passed("half of a region that nobody has touched is unmapped for one table");
}

/* Containers, and for each a handle of task 1, until the maker is refused. */
static uint32_t share_with_root(L4_Word_t id, uint32_t most, enum error *e)
{
    uint32_t made = 0;
    handle_t handle = create(caller(id), 1);
    for (*e = OK; made < most && *e == OK; made += *e == OK) {
        *e = sim_call(caller(id), PHYSMEM_SHARE, 3, handle, 1u, (L4_Word_t)RIGHT_READ);
    }
    return made;
}

static void test_handles_cost_their_maker(void)
{
    enum error e;
    start(600);
    L4_Word_t before = memory().frames_wired;
    SIM_CHECK(make_task(A, 1, 30) == OK && make_task(B, 1, 0) == OK);
    L4_Word_t others = charged(1);
    SIM_CHECK(share_with_root(A, 40000, &e) < 30 * PAGE_SIZE / 48 && e == ERR_QUOTA);
    SIM_CHECK(share_with_root(B, 40000, &e) < 5000 && e == ERR_QUOTA);
    SIM_CHECK(charged(A) <= 30 && charged(1) == others);
    end_task(A);
    end_task(B);
    SIM_CHECK(memory().frames_wired <= before);
    passed("handles given to others: their maker's quota, and they go with it");
}

static void test_dead_handles_go(void)
{
    start(600);
    L4_Word_t before = memory().frames_wired;
    for (int i = 0; i < 20; i++) {
        enum error e;
        SIM_CHECK(make_task(A, 1, 0) == OK);
        SIM_CHECK(share_with_root(A, 2000, &e) == 2000);
        end_task(A);
    }
    SIM_CHECK(memory().frames_wired <= before);
    passed("40 000 handles of 20 tasks that have ended hold no frame");
}

static void test_quotas_are_inherited(void)
{
    start(600);
    SIM_CHECK(make_task(A, 1, 100) == OK);
    SIM_CHECK(make_task(B, A, 200) == ERR_QUOTA);
    SIM_CHECK(make_task(B, A, 0) == OK); /* charged to A */
    L4_Word_t page = 1;
    SIM_CHECK(sim_call(caller(B), PHYSMEM_CREATE, 2, 4 * LEAF, 0u) == OK);
    handle_t handle = sim_reply.mr[2];
    L4_ThreadId_t thread = sim_id(B, 7);
    do {
        sim_forward(sim_id(B, 0), thread, TASK_REGIONS_BASE + page * PAGE_SIZE, handle, page, true, 7);
    } while (sim_thread(thread)->mapped && ++page < 200);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_ASK, 1, thread.raw) == OK && sim_reply.mr[2] == ERR_QUOTA);
    SIM_CHECK(page < 100 && charged(A) + charged(B) <= 101);
    passed("a task without a quota has its creator's");

    end_task(A); /* what is left of it is B's */
    SIM_CHECK(sim_call(caller(B), PHYSMEM_ZERO, 3, handle, 0u, 4u * LEAF) == OK);
    SIM_CHECK(make_task(C, B, 100) == ERR_QUOTA && make_task(C, B, 50) == OK);
    sim_forward(sim_id(B, 0), thread, TASK_REGIONS_BASE, handle, 1, true, 7);
    SIM_CHECK(sim_thread(thread)->mapped);
    SIM_CHECK(make_task(A, B, 50) == ERR_QUOTA);
    end_task(B);
    end_task(C);
    passed("a quota comes out of the creator's, and holds when the creator has gone");
}

/* The page tables of a space, each for 4 MiB. */
static struct {
    bool used[1024];
    uint32_t count;
} tables;

static void count_table(L4_Word_t address, frame_t frame, L4_Word_t rights)
{
    (void)frame, (void)rights;
    tables.count += !tables.used[address >> 22];
    tables.used[address >> 22] = true;
}

static bool has_room_for_table(L4_Word_t task, L4_Word_t address)
{
    enum { TABLES_MAX = 16 };
    memset(&tables, 0, sizeof tables);
    sim_space_each(task, count_table);
    return tables.count < TABLES_MAX || tables.used[address >> 22];
}

/* One page in each of many page tables, again and again, in a space that may have a few. */
static void test_mappings_are_a_cache(void)
{
    enum { PLACES = 64, TRIES = 400 };
    start(600);
    SIM_CHECK(make_task(A, 1, 0) == OK);
    handle_t handle = create(caller(A), PLACES * LEAF);
    sim_may_map = has_room_for_table;
    for (uint32_t i = 0; i < 4 * PLACES; i++) {
        L4_Word_t page = i * 37 % PLACES * LEAF + i % 7, address = TASK_REGIONS_BASE + page * PAGE_SIZE;
        L4_ThreadId_t thread = sim_id(A, 7);
        uint32_t tries = 0;
        do {
            sim_forward(sim_id(A, 0), thread, address, handle, page, true, 7);
            SIM_CHECK(sim_thread(thread)->answered);
            SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, thread.raw) == OK && sim_reply.mr[2] == OK);
            sim_advance(5);
        } while (!sim_thread(thread)->mapped && ++tries < TRIES);
        SIM_CHECK(tries < TRIES);
    }
    sim_may_map = NULL;
    passed("a space at its bound of kernel memory loses mappings, and no fault is refused");
}

static void serve(L4_ThreadId_t thread, L4_Word_t page, handle_t handle)
{
    L4_Word_t task = L4_Version(thread), address = TASK_REGIONS_BASE + page * PAGE_SIZE;
    frame_t frame;
    sim_forward(sim_id(task, 0), thread, address, handle, page, true, 7);
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(1);
    }
    if (sim_thread(thread)->mapped && sim_mapping(task, address, &frame)) {
        sim_touch(frame, true);
    }
}

/* All that can be promised is, so that the kernel is lent nothing, and another task has all page
 * tables.  What the one that wants a table has itself is in use and cannot be taken. */
static void test_a_short_kernel_takes_from_others(void)
{
    enum { LARGE = 8000, TRIES = 400 };
    start(300);
    SIM_CHECK(make_task(A, 1, 0) == OK && make_task(B, 1, 0) == OK);
    handle_t handle = create(caller(A), 2 * LEAF), filled = create(caller(B), LARGE);
    L4_ThreadId_t user = sim_id(A, 7), waiter = sim_id(A, 8), filler = sim_id(B, 7);
    serve(waiter, LEAF, handle);
    serve(user, 0, handle);
    L4_Word_t pages = 0;
    do {
        serve(filler, pages, filled);
    } while (sim_thread(filler)->mapped && ++pages < LARGE);
    SIM_CHECK(pages < LARGE && sim_space_count(A) == 0);
    serve(user, 0, handle);
    SIM_CHECK(sim_thread(user)->mapped);
    memset(&tables, 0, sizeof tables);
    sim_space_each(B, count_table);
    enum { NODE_PAGES = 2 };
    SIM_CHECK(tables.count > 2 && sim_space_count(B) < NODE_PAGES * PAGE_SIZE / 16 - 2);
    sim_kernel_pages = 1 + tables.count + NODE_PAGES;
    uint32_t tries = 0, before = tables.count;
    do { /* it asks for a thread of its own */
        serve(user, 0, handle);
        (void)sim_call(caller(A), PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)A);
        memset(&tables, 0, sizeof tables);
        sim_space_each(B, count_table);
    } while (tables.count == before && ++tries < TRIES);
    SIM_CHECK(tries < TRIES && sim_thread(user)->mapped);
    sim_kernel_pages = 1 + tables.count + NODE_PAGES;
    tries = 0;
    do {
        serve(user, 0, handle);
        serve(waiter, LEAF, handle);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, waiter.raw) == OK && sim_reply.mr[2] == OK);
    } while (!sim_thread(waiter)->mapped && ++tries < TRIES);
    SIM_CHECK(tries < TRIES);
    sim_kernel_pages = 0;
    passed("a kernel without memory takes mappings of others when a task's own are in use");
}

/* A thread's own page that is on swap, as one of many at once, while all that can be promised
 * is. */
static void test_no_record_is_no_refusal(void)
{
    enum { READERS = 120, LARGE = 8000 };
    start(300);
    SIM_CHECK(make_task(A, 1, 0) == OK);
    handle_t handle = create(caller(A), LARGE);
    L4_ThreadId_t writer = sim_id(A, 200);
    L4_Word_t pages = 0;
    do { /* until there is no room for another table */
        sim_forward(sim_id(A, 0), writer, TASK_REGIONS_BASE + pages * PAGE_SIZE, handle, pages, true, 7);
        for (int i = 0; i < 1000 && sim_thread(writer)->waits; i++) {
            sim_disk_drain();
            sim_advance(7);
        }
        frame_t frame;
        if (sim_thread(writer)->mapped && sim_mapping(A, TASK_REGIONS_BASE + pages * PAGE_SIZE, &frame)) {
            sim_touch(frame, true);
        }
    } while (sim_thread(writer)->mapped && ++pages < LARGE);
    SIM_CHECK(pages > 1000 + 20 * READERS && pages < LARGE);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, writer.raw) == OK && sim_reply.mr[2] != OK);
    bool served[READERS] = {false};
    uint32_t left = READERS;
    for (int round = 0; left > 0 && round < 1000; round++) {
        for (uint32_t i = 0; i < READERS; i++) {
            L4_ThreadId_t id = sim_id(A, 300 + i);
            if (served[i] || sim_thread(id)->waits) {
                continue;
            }
            served[i] = sim_thread(id)->mapped;
            left -= served[i];
            if (!served[i]) {
                L4_Word_t page = 1000 + 20 * i, address = TASK_REGIONS_BASE + page * PAGE_SIZE;
                sim_forward(sim_id(A, 0), id, address, handle, page, false, 7);
                SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, id.raw) == OK && sim_reply.mr[2] == OK);
            }
        }
        sim_disk_step();
        sim_advance(2);
    }
    SIM_CHECK(left == 0);
    passed("120 threads read their pages back while no record can be had: none is refused");
}

/* Who has made a task may ask about it, and nobody else but task 1. */
static void test_who_may_ask(void)
{
    start(400);
    SIM_CHECK(make_task(A, 1, 0) == OK && make_task(B, A, 0) == OK && make_task(C, B, 0) == OK);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_TASK_INFO, 1, 0u) == OK);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_TASK_INFO, 1, (L4_Word_t)B) == OK);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_TASK_INFO, 1, (L4_Word_t)C) == OK);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == ERR_PERMISSION);
    SIM_CHECK(sim_call(caller(C), PHYSMEM_TASK_INFO, 1, 1u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(caller(C), PHYSMEM_TASK_INFO, 1, 99u) == ERR_NO_TASK);
    end_task(B);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_TASK_INFO, 1, (L4_Word_t)C) == OK);
    SIM_CHECK(make_task(B, 1, 0) == OK); /* the id comes back, the rights do not */
    SIM_CHECK(sim_call(caller(B), PHYSMEM_TASK_INFO, 1, (L4_Word_t)C) == ERR_PERMISSION);
    end_task(A);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)C) == OK);
    passed("only who has made a task may ask about its memory");
}

int main(void)
{
    test_tables_cost_their_owner();
    test_tables_leave_frames_for_others();
    test_tables_leave_frames_for_pages();
    test_holes_cost_nothing();
    test_handles_cost_their_maker();
    test_dead_handles_go();
    test_quotas_are_inherited();
    test_mappings_are_a_cache();
    test_a_short_kernel_takes_from_others();
    test_no_record_is_no_refusal();
    test_who_may_ask();
    return end_cases();
}
