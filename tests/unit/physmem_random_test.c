// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c tests/unit/physmem_world.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* physmem against a model of what every page of every container must hold, under random touches,
 * copies, outswaps, deaths, disk errors and nonsense, with a disk that completes in any order.
 * Finds lost pages, stale mappings, frames reused too early, lost wake-ups; the whole-state checker
 * runs all the time. Usage: physmem_random_test [seed [steps]] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "physmem_world.h"
#include "protocol/swap.h"

static L4_Word_t next_id = FIRST_TASK;

static const L4_ThreadId_t root = {(USER_BASE + 2) << L4_VERSION_BITS | 1};

static L4_ThreadId_t notice_thread(void)
{
    return sim_id(1, 90);
}

/* ---- changing containers ---- */

static struct object *free_object(void)
{
    for (struct object *o = objects; o < objects + OBJECTS; o++) {
        if (!o->alive) {
            memset(o, 0, sizeof *o);
            return o;
        }
    }
    return NULL;
}

static bool shortage(enum error e)
{
    SIM_CHECK(e == OK || e == ERR_NO_MEMORY || (tight && (e == ERR_QUOTA || e == ERR_NO_ROOM)));
    return e != OK;
}

static void create(struct world_task *t)
{
    struct object *o = free_object();
    bool holes = sim_random(4) == 0;
    if (!o) {
        return;
    }
    uint32_t size = 1 + sim_random(PAGES_MAX);
    if (shortage(
            sim_call(caller_of(t), PHYSMEM_CREATE, 2, size, (L4_Word_t)(holes ? PHYSMEM_CREATE_HOLES : 0)))) {
        return;
    }
    o->alive = true;
    o->size = size;
    o->handle[index_of(t)] = sim_reply.mr[2];
    o->rights[index_of(t)] = RIGHT_ALL;
    o->maker[index_of(t)] = index_of(t);
    for (uint32_t i = 0; i < size; i++) {
        o->value[i] = holes ? HOLE : 0;
    }
}

/* The task may not reach the object's pages any more. */
static void check_cut_off(const struct world_task *t, const struct object *o, uint32_t first, uint32_t count)
{
    frame_t frame;
    for (uint32_t page = first; t->alive && page < first + count; page++) {
        SIM_CHECK(sim_mapping(t->id, address_of(t, o, page), &frame) == 0);
    }
}

static void check_unreachable(const struct object *o, uint32_t first, uint32_t count)
{
    for (int i = 0; i < TASKS; i++) {
        check_cut_off(&tasks[i], o, first, count);
    }
}

/* What is mapped is right: a fault that waited may have been served by what was done. */
static void check_mappings(const struct object *o, uint32_t first, uint32_t count)
{
    frame_t frame;
    for (int i = 0; i < TASKS; i++) {
        for (uint32_t page = first; tasks[i].alive && page < first + count; page++) {
            if (sim_mapping(tasks[i].id, address_of(&tasks[i], o, page), &frame)) {
                SIM_CHECK(o->value[page] >= 0 && holds(frame, o->value[page]));
            }
        }
    }
}

/* The task has nothing to touch there any more. */
static void stop_touching(struct world_task *t, const struct object *o)
{
    for (int i = 0; i < THREADS; i++) {
        if (t->actors[i].object == o) {
            t->actors[i].busy = false;
        }
    }
}

static void object_dies(struct object *o)
{
    check_unreachable(o, 0, o->size);
    for (int i = 0; i < TASKS; i++) {
        stop_touching(&tasks[i], o);
    }
    o->alive = false;
}

static void destroy(struct world_task *t)
{
    struct object *o = random_object(t, RIGHT_OWNER);
    if (o && !o->designated) {
        SIM_CHECK(sim_call(caller_of(t), PHYSMEM_DESTROY, 1, o->handle[index_of(t)]) == OK);
        object_dies(o);
    }
}

static void close_handle(struct world_task *t)
{
    struct object *o = random_object(t, 0);
    if (!o || o->designated == index_of(t) + 1) {
        return;
    }
    SIM_CHECK(sim_call(caller_of(t), PHYSMEM_CLOSE, 1, o->handle[index_of(t)]) == OK);
    o->handle[index_of(t)] = 0;
    check_cut_off(t, o, 0, o->size);
    stop_touching(t, o);
    for (int i = 0; i < TASKS; i++) {
        if (o->handle[i]) {
            return;
        }
    }
    object_dies(o);
}

static void share(struct world_task *t)
{
    struct object *o = random_object(t, RIGHT_READ);
    struct world_task *to = &tasks[sim_random(TASKS)];
    if (!o || !to->alive || o->handle[index_of(to)]) {
        return;
    }
    L4_Word_t rights = o->rights[index_of(t)] & (RIGHT_READ | (sim_random(2) ? RIGHT_WRITE : 0));
    if (!shortage(sim_call(caller_of(t), PHYSMEM_SHARE, 3, o->handle[index_of(t)], to->id, rights))) {
        o->handle[index_of(to)] = sim_reply.mr[2];
        o->rights[index_of(to)] = rights;
        o->maker[index_of(to)] = index_of(t);
    }
}

static void copy(struct world_task *t)
{
    struct object *from = random_object(t, RIGHT_READ), *to = random_object(t, RIGHT_WRITE);
    if (!from || !to || from == to || to->designated) {
        return;
    }
    uint32_t most = from->size < to->size ? from->size : to->size;
    uint32_t count = 1 + sim_random(most), first = sim_random(from->size - count + 1);
    uint32_t to_first = sim_random(to->size - count + 1);
    (void)shortage(sim_call(caller_of(t), PHYSMEM_COPY, 5, from->handle[index_of(t)], first,
                            to->handle[index_of(t)], to_first, count));
    uint32_t done = sim_reply.mr[2];
    SIM_CHECK(done <= count);
    to->changes++;
    memcpy(&to->value[to_first], &from->value[first], done * sizeof to->value[0]);
    check_mappings(to, to_first, done);
}

static void zero_or_punch(struct world_task *t)
{
    bool punch = sim_random(2);
    struct object *o = random_object(t, punch ? RIGHT_OWNER : RIGHT_WRITE);
    if (!o || (punch && o->designated)) {
        return;
    }
    uint32_t count = 1 + sim_random(o->size), first = sim_random(o->size - count + 1);
    L4_Word_t label = punch ? PHYSMEM_PUNCH : PHYSMEM_ZERO;
    if (shortage(sim_call(caller_of(t), label, 3, o->handle[index_of(t)], first, count))) {
        return;
    }
    for (uint32_t i = first; i < first + count; i++) {
        o->value[i] = punch ? HOLE : 0;
    }
    o->changes++;
    check_mappings(o, first, count);
}

static void map_some(struct world_task *t)
{
    struct object *o = random_object(t, RIGHT_READ);
    if (!o || o->designated == index_of(t) + 1) {
        return;
    }
    uint32_t first = sim_random(o->size), count = 1 + sim_random(PHYSMEM_MAP_MAX);
    count = count < o->size - first ? count : o->size - first;
    L4_Word_t rights = o->rights[index_of(t)] & 7;
    (void)shortage(sim_call(caller_of(t), PHYSMEM_MAP, 5, o->handle[index_of(t)], first, count, rights,
                            address_of(t, o, first)));
    SIM_CHECK(sim_reply.mr[2] <= count && sim_reply.typed_words == 2 * sim_reply.mr[2]);
}

/* ---- tasks ---- */

static void make_task(struct world_task *t)
{
    struct object *o = free_object();
    if (!o) {
        return;
    }
    uint32_t size = 33 + sim_random(PAGES_MAX - 33); /* a task needs room for a program */
    next_id = next_id % 60 + 1 < FIRST_TASK ? FIRST_TASK : next_id % 60 + 1;
    for (int i = 0; i < TASKS; i++) {
        if (tasks[i].alive && tasks[i].id == next_id) {
            return;
        }
    }
    if (shortage(sim_call(root, PHYSMEM_CREATE, 2, size, 0u))) {
        return;
    }
    handle_t handle = sim_reply.mr[2];
    if (shortage(sim_call(root, PHYSMEM_TASK_NEW, 4, next_id, 1u, handle, tight ? sim_random(400) : 0u))) {
        SIM_CHECK(sim_call(root, PHYSMEM_CLOSE, 1, handle) == OK);
        return;
    }
    memset(t, 0, sizeof *t);
    t->alive = true;
    t->id = next_id;
    o->alive = true;
    o->size = size;
    o->designated = index_of(t) + 1;
    o->handle[index_of(t)] = HANDLE_DC;
    o->rights[index_of(t)] = RIGHT_ALL;
    o->maker[index_of(t)] = index_of(t);
    for (L4_Word_t i = 0; i < THREADS; i++) {
        t->actors[i].id = sim_id(t->id, i);
        *sim_thread(t->actors[i].id) = (struct sim_thread){.id = t->actors[i].id};
    }
}

/* The handles that an ended task had made have gone with it. */
static void revoke(const struct world_task *maker, struct object *o)
{
    for (int i = 0; o->alive && i < TASKS; i++) {
        if (!o->handle[i] || o->maker[i] != index_of(maker)) {
            continue;
        }
        SIM_CHECK(sim_call(caller_of(&tasks[i]), PHYSMEM_STAT, 2, o->handle[i], 0u) == ERR_NO_HANDLE);
        o->handle[i] = 0;
        check_cut_off(&tasks[i], o, 0, o->size);
        stop_touching(&tasks[i], o);
    }
}

static void end_task(struct world_task *t)
{
    for (int i = 0; i < THREADS; i++) { /* the threads go first */
        sim_thread(t->actors[i].id)->waits = false;
    }
    sim_space_clear(t->id);
    for (struct object *o = objects; o < objects + OBJECTS; o++) {
        o->handle[index_of(t)] = 0;
    }
    t->alive = false;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, t->id) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, t->id) == ERR_NO_TASK);
    /* What it owned has died; others find their handles dead. */
    for (struct object *o = objects; o < objects + OBJECTS; o++) {
        bool seen = false;
        revoke(t, o);
        for (int i = 0; o->alive && i < TASKS; i++) {
            if (!o->handle[i] || seen) {
                continue;
            }
            enum error e = sim_call(caller_of(&tasks[i]), PHYSMEM_STAT, 2, o->handle[i], 0u);
            SIM_CHECK(e == OK || e == ERR_DEAD);
            seen = e == OK;
        }
        if (o->alive && !seen) {
            object_dies(o);
        }
    }
}

static void read_notices(void)
{
    struct sim_thread *th = sim_thread(notice_thread());
    if (th->pulled) {
        struct world_task *t = tasks;
        while (t < tasks + TASKS && !(t->alive && t->id == th->message.mr[3])) {
            t++;
        }
        th->pulled = false;
        if (t == tasks + TASKS) { /* ended since */
        } else if (th->message.mr[2] == NOTICE_BROKEN) {
            SIM_CHECK(with_errors || tight || sim_faults.map_memory);
            t->broken = true;
        } else if (th->message.mr[2] == NOTICE_OUT) {
            SIM_CHECK(th->message.mr[6] == OK || th->message.mr[6] == ERR_BUSY || tight || with_errors);
        }
    }
    if (!th->waits) {
        sim_send(notice_thread(), PHYSMEM_NOTICE_PULL, 0);
    }
}

static void report_mapping(L4_Word_t address, frame_t frame, L4_Word_t rights)
{
    fprintf(stderr, "still mapped: %08x frame %u rights %u\n", address, frame, rights);
}

static enum task_memory_state state_of(const struct world_task *t)
{
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, t->id) == OK);
    struct task_memory m;
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    if (m.state == TASK_MEMORY_OUT) {
        sim_space_each(t->id, report_mapping);
        SIM_CHECK(sim_space_count(t->id) == 0);
    }
    return (enum task_memory_state)m.state;
}

static void swap_task(struct world_task *t)
{
    L4_Word_t flags = sim_random(4);
    enum error e;
    if (sim_random(2)) {
        e = sim_call(root, PHYSMEM_OUTSWAP, 2, t->id, flags);
        t->held = e == OK && !(flags & OUTSWAP_DC_ONLY) ? (flags & OUTSWAP_HOLD) != 0 : t->held;
        SIM_CHECK(e == OK || e == ERR_ALREADY || e == ERR_NO_SWAP);
    } else {
        e = sim_call(root, PHYSMEM_INSWAP, 1, t->id);
        SIM_CHECK(e == OK || e == ERR_ALREADY || e == ERR_BUSY);
    }
}

/* A waiting thread is taken out of its fault and does something else. */
static void cancel_fault(struct world_task *t)
{
    struct actor *a = &t->actors[1 + sim_random(THREADS - 1)];
    struct sim_thread *th = sim_thread(a->id);
    th->waits = th->answered = false;
    a->busy = false;
    if (sim_random(2)) {
        SIM_CHECK(sim_call(a->id, PHYSMEM_TASK_INFO, 1, 0u) == OK);
    } else if (sim_random(2)) {
        SIM_CHECK(sim_call(root, PHYSMEM_FORGET_THREAD, 1, a->id.raw) == OK);
    }
}

static void forget_range(struct world_task *t)
{
    L4_Word_t start = TASK_REGIONS_BASE + sim_random(OBJECTS) * 0x100000;
    SIM_CHECK(sim_call(caller_of(t), PHYSMEM_FORGET_RANGE, 2, start, start + 0x100000) == OK);
}

static void nonsense(struct world_task *t)
{
    struct message m = {.from = caller_of(t), .propagated = sim_random(8) == 0};
    m.actual = m.propagated ? sim_id(sim_random(70), 3) : m.from;
    m.label = sim_random(3) ? 0x100 + sim_random(0x48) : sim_random(0x10000);
    if ((m.label & 0xfff0) == L4_LABEL_PAGE_FAULT || (m.label & 0xfff0) == L4_LABEL_IO_FAULT ||
        m.label == PHYSMEM_FORWARD) {
        return; /* from a thread of the task itself these are no nonsense */
    }
    m.words = sim_random(8);
    for (int i = 1; i < 8; i++) {
        m.mr[i] = sim_random(3) ? sim_random(100) + 1000 : sim_random(~0u);
    }
    sim_message(&m);
    sim_thread(m.from)->waits = false;
}

/* ---- the run ---- */

static void change_something(void)
{
    struct world_task *t = &tasks[sim_random(TASKS)];
    if (!t->alive) {
        make_task(t);
        return;
    }
    if (t->broken) {
        end_task(t);
        return;
    }
    static void (*const changes[])(struct world_task *) = {
        create,        create,   destroy,  close_handle, share,        share,    copy,         copy,
        zero_or_punch, map_some, map_some, swap_task,    cancel_fault, nonsense, forget_range, swap_task};
    uint32_t k = sim_random(40);
    if (k < sizeof changes / sizeof *changes) {
        changes[k](t);
    } else if (k == 39 && sim_random(8) == 0) {
        end_task(t);
    }
}

/* Lets everything under way end: then nobody waits who could go on. */
static void settle(void)
{
    for (int round = 0; round < 3000; round++) {
        sim_disk_drain();
        sim_advance(7);
        read_notices();
        bool busy = sim_requests() > 0;
        for (int i = 0; i < TASKS * THREADS; i++) {
            struct world_task *t = &tasks[i / THREADS];
            struct actor *a = &t->actors[i % THREADS];
            if (t->alive && !t->broken && a->busy) {
                run_actor(t, a);
                busy = busy || (a->busy && !(state_of(t) == TASK_MEMORY_OUT && t->held));
            }
        }
        if (!busy) {
            return;
        }
    }
    SIM_CHECK(!"everybody gets on");
}

/* Every page of every container, one after the other. */
static void check_contents(void)
{
    for (struct object *o = objects; o < objects + OBJECTS; o++) {
        for (int i = 0; o->alive && i < TASKS; i++) {
            struct world_task *t = &tasks[i];
            if (!t->alive || t->broken || !o->handle[i] || state_of(t) != TASK_MEMORY_IN) {
                continue;
            }
            struct actor *a = &t->actors[1];
            for (uint32_t page = 1; page < o->size && !t->broken && o->handle[i]; page++) {
                if (o->value[page] != HOLE && o->value[page] != BAD && (o->rights[i] & RIGHT_READ)) {
                    *a = (struct actor){.id = a->id, .busy = true, .object = o, .page = page};
                    settle();
                }
            }
        }
    }
}

static void wake_everybody(void)
{
    for (int i = 0; i < TASKS; i++) {
        if (tasks[i].alive) {
            enum error e = sim_call(root, PHYSMEM_INSWAP, 1, tasks[i].id);
            SIM_CHECK(e == OK || e == ERR_ALREADY || e == ERR_BUSY);
        }
    }
}

static void end_everybody(void)
{
    struct memory_info m;
    for (int i = 0; i < TASKS; i++) {
        if (tasks[i].alive) {
            end_task(&tasks[i]);
        }
    }
    sim_disk_drain();
    sim_check();
    SIM_CHECK(sim_call(root, PHYSMEM_MEMORY_INFO, 0) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    SIM_CHECK(m.slots_used == 0 || sim_disk_writes > 0);
    SIM_CHECK(m.frames_free + m.frames_resident + m.frames_transit + m.frames_wired == m.frames_total);
    SIM_CHECK(m.frames_transit == 0 && m.parked == 0 && m.depth_max <= 2);
    SIM_CHECK(m.pages_promised <= 64); /* task 1, the module, the driver */
}

static unsigned runs_done;
static uint32_t kernel_pages; /* sim_kernel_pages, from the next run on */

/* `deaths`: the driver ends about so often and is started again a while later. */
static void run(uint32_t seed, uint32_t steps, uint32_t frames, uint32_t slots, uint32_t error_rate,
                uint32_t deaths)
{
    bool dead = false;
    uint32_t died = 0;
    sim_seed(seed);
    memset(objects, 0, sizeof objects);
    memset(tasks, 0, sizeof tasks);
    sim_faults = (struct sim_faults){0};
    sim_disk_writes = refused = 0;
    sim_boot(frames);
    sim_disk_attach(slots, true);
    with_errors = error_rate != 0;
    tight = slots < 3000;
    sim_faults = (struct sim_faults){error_rate, error_rate, error_rate * 2, sim_random(2) ? 500 : 0};
    sim_kernel_pages = kernel_pages;
    for (uint32_t i = 0; i < steps; i++) {
        if (deaths > 0 && sim_random(dead ? 40 : steps / deaths) == 0) {
            died += !dead;
            (dead ? sim_driver_start : sim_driver_end)();
            dead = !dead;
        } else if (sim_random(12) == 0) {
            change_something();
        } else if (sim_random(6) == 0 && slots > 0 && !dead) {
            sim_disk_step();
        } else if (sim_random(20) == 0) {
            sim_advance(sim_random(10));
        } else {
            step_actor();
        }
        if (i % 16 == 0) {
            read_notices();
            sim_check();
        }
        if (i % 5000 == 4999 && !dead) {
            settle();
        }
    }
    sim_faults = (struct sim_faults){0};
    sim_kernel_pages = 0;
    if (dead) {
        sim_driver_start();
    }
    wake_everybody();
    settle();
    wake_everybody();
    settle();
    check_contents();
    sim_check();
    SIM_CHECK(sim_call(root, PHYSMEM_MEMORY_INFO, 0) == OK);
    struct memory_info m;
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    end_everybody();
    printf("ok %u - seed %u, %u frames, %u slots, errors 1/%u: %u faults (%u refused), %u read in %u, %u "
           "written in %u, %u "
           "copies, limit %u, the driver ended %u times\n",
           ++runs_done, seed, m.frames_total, slots, error_rate, m.faults, refused, m.pages_read, m.reads,
           m.pages_written, m.writes, m.copies, m.pages_limit, died);
}

int main(int argc, char **argv)
{
    uint32_t seed = argc > 1 ? (uint32_t)atoi(argv[1]) : 1,
             steps = argc > 2 ? (uint32_t)atoi(argv[2]) : 30000;
    puts("KTAP version 1\n1..15");
    run(seed, steps, 180, 5000, 0, 0);
    run(seed + 1000, steps, 180, 5000, 40, 0);
    run(seed + 2000, steps, 150, 300, 0, 0);
    run(seed + 3000, steps, 150, 300, 60, 0);
    run(seed + 4000, steps, 400, 0, 0, 0);
    run(seed + 6000, steps * 2, 150, 90, 0, 0);
    run(seed + 7000, steps, 100, 60, 200, 0);
    run(seed + 5000, steps, 800, 5000, 0, 0);
    run(seed + 8000, steps, 180, 5000, 0, 1000);
    run(seed + 9000, steps, 150, 300, 60, 300);
    run(seed + 10000, steps, 150, 90, 0, 300);
    sim_reports_next = true;
    run(seed + 11000, steps, 180, 5000, 40, 0);
    run(seed + 12000, steps, 150, 300, 60, 300);
    kernel_pages = 7; /* all that it keeps for mappings */
    run(seed + 13000, steps, 180, 5000, 0, 0);
    run(seed + 14000, steps, 150, 300, 60, 0);
    return 0;
}
