// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that meet no free frame while some are on their way to the disk wait, as faults do. */
#include "physmem_case.h"
#include "protocol/swap.h"
#include "room/frame.h"

enum {
    A = 3,
    FRAMES = 200,
    DC_PAGES = 700,
    LEAF = 1024,
    WINDOW = 16,
    WHOLE = 1 << 20,
    TRIES = 400,
    SPARE = 20,
    NEW = 10
};
enum { DISK_PAGES = 5000, SHARED_PAGE = SIM_DRIVER_FIRST + 1 };

static L4_ThreadId_t thread, server; /* the one that calls: of task A, of the task server */
static handle_t holes, own,
    spare[SPARE]; /* of A: large, of holes; its memory; of the server: for new tasks */

static handle_t create(L4_ThreadId_t who, L4_Word_t pages, L4_Word_t flags)
{
    SIM_CHECK(sim_call(who, PHYSMEM_CREATE, 2, pages, flags) == OK);
    return sim_reply.mr[2];
}

/* A page of the driver is shared with A. */
static void share_driver_page(void)
{
    SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 9), PHYSMEM_SHARE, 3, (L4_Word_t)HANDLE_DC, (L4_Word_t)A,
                       (L4_Word_t)RIGHT_READ) == OK);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, sim_reply.mr[2], (L4_Word_t)SHARED_PAGE, own, 0u, 1u) ==
              OK);
}

static void start(uint32_t disk_pages)
{
    sim_seed(1);
    sim_boot(FRAMES);
    sim_kernel_free = 1000;
    sim_disk_attach(disk_pages, true);
    thread = sim_id(A, 30);
    server = sim_id(1, 30);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, create(root, DC_PAGES, 0), 0u) == OK);
    holes = create(caller(A), WHOLE, PHYSMEM_CREATE_HOLES);
    own = create(caller(A), 2 * LEAF, 0);
    for (int i = 0; i < SPARE; i++) {
        spare[i] = create(root, DC_PAGES, 0);
    }
}

/* Writes to pages until a fault is not answered though time passes. */
static void fill_memory(void)
{
    for (L4_Word_t page = 1; page < DC_PAGES; page++) {
        frame_t frame;
        sim_fault(thread, page << PAGE_SHIFT, true);
        for (int i = 0; i < 10 && sim_thread(thread)->waits; i++) {
            sim_advance(20);
        }
        if (!sim_mapping(A, page << PAGE_SHIFT, &frame)) {
            return;
        }
        sim_touch(frame, true);
    }
    SIM_CHECK(!"memory gets full");
}

/* ---- the calls; `k` is the how manieth ---- */

static void send_create(uint32_t k)
{
    (void)k;
    sim_send(thread, PHYSMEM_CREATE, 2, 1u, 0u);
}

static void send_share(uint32_t k)
{
    (void)k;
    sim_send(thread, PHYSMEM_SHARE, 3, own, 1u, (L4_Word_t)RIGHT_READ);
}

static void send_copy(uint32_t k)
{
    sim_send(thread, PHYSMEM_COPY, 5, own, 0u, holes, (500 + k) * LEAF + 3, 1u);
}

static void send_zero(uint32_t k)
{
    sim_send(thread, PHYSMEM_ZERO, 3, holes, (k + 1) * LEAF + 3, 5u);
}

static void send_punch(uint32_t k)
{
    sim_send(thread, PHYSMEM_PUNCH, 3, own, (1 + k) * WINDOW + 3, 5u);
}

static void send_module(uint32_t k)
{
    (void)k;
    sim_send(server, PHYSMEM_MODULE, 1, 0u);
}

static void send_task_new(uint32_t k)
{
    SIM_CHECK(k < SPARE);
    sim_send(server, PHYSMEM_TASK_NEW, 4, (L4_Word_t)NEW + k, 1u, spare[k], 0u);
}

static void send_kernel_memory(uint32_t k)
{
    (void)k;
    sim_kernel_free = 0;
    sim_send(thread, PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)A);
}

static void send_phys_addr(uint32_t k)
{
    (void)k;
    sim_send(server, PHYSMEM_PHYS_ADDR, 2, (L4_Word_t)SIM_DRIVER_TASK, (L4_Word_t)SHARED_PAGE);
}

static enum error result_of(L4_ThreadId_t id)
{
    SIM_CHECK(sim_thread(id)->pulled && sim_thread(id)->message.label == PHYSMEM_REPLY);
    return (enum error)sim_thread(id)->message.mr[1];
}

/* Makes the call until it is not answered at once, or refused. */
static void send_until_it_waits(L4_ThreadId_t id, void (*send)(uint32_t k))
{
    uint32_t k = 0;
    do {
        SIM_CHECK(k < TRIES);
        send(k++);
    } while (sim_thread(id)->pulled && result_of(id) == OK);
}

/* No frame is left, many are being written, and nobody waits. */
static void take_all(void)
{
    fill_memory();
    send_until_it_waits(thread, send_zero);
    SIM_CHECK(!sim_thread(thread)->pulled && frame_counts.free == 0 && sim_requests() > 0);
    SIM_CHECK(sim_call(thread, PHYSMEM_FORGET_RANGE, 2, 0u, 0u) == OK);
    SIM_CHECK(frame_counts.free == 0 && frame_waiters() == 0);
}

static void finish(L4_ThreadId_t id)
{
    for (int i = 0; i < 1000 && !sim_thread(id)->pulled; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
}

static void waits(const char *what, bool by_server, void (*send)(uint32_t k))
{
    start(DISK_PAGES);
    L4_ThreadId_t id = by_server ? server : thread;
    share_driver_page();
    take_all();
    send_until_it_waits(id, send);
    SIM_CHECK(!sim_thread(id)->pulled && memory().parked == 1);
    sim_check();
    finish(id);
    SIM_CHECK(result_of(id) == OK && memory().parked == 0);
    passed(what);
}

/* ---- a part of it could be done ---- */

static void test_parts(void)
{
    start(DISK_PAGES);
    SIM_CHECK(sim_call(thread, PHYSMEM_ZERO, 3, holes, 701u * LEAF - 1, 1u) == OK);
    take_all();
    L4_Word_t first = 701 * LEAF - 10;
    sim_send(thread, PHYSMEM_ZERO, 3, holes, first, 15u);
    SIM_CHECK(result_of(thread) == OK && sim_thread(thread)->message.mr[2] == 10);
    sim_send(thread, PHYSMEM_ZERO, 3, holes, first + 10, 5u);
    SIM_CHECK(!sim_thread(thread)->pulled);
    finish(thread);
    SIM_CHECK(result_of(thread) == OK && sim_thread(thread)->message.mr[2] == 5);
    passed("a call that can do a part of its work says how much, and waits for the rest");
}

/* ---- nothing can come ---- */

static void test_no_disk(void)
{
    start(0);
    fill_memory();
    send_until_it_waits(thread, send_zero);
    SIM_CHECK(result_of(thread) == ERR_NO_MEMORY);
    send_until_it_waits(thread, send_create);
    SIM_CHECK(result_of(thread) == ERR_NO_MEMORY);
    passed("without a disk it is refused at once");
}

static void test_server(void)
{
    start(DISK_PAGES);
    take_all();
    send_until_it_waits(thread, send_kernel_memory); /* which needs whole frames */
    send_until_it_waits(server, send_module);
    SIM_CHECK(!sim_thread(thread)->pulled && !sim_thread(server)->pulled);
    sim_driver_end();
    SIM_CHECK(!sim_thread(thread)->pulled && result_of(server) == ERR_NO_MEMORY);
    /* What was taken last would be missing for the next driver. */
    SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, holes, 0u, 100u * LEAF) == OK);
    SIM_CHECK(!sim_thread(thread)->pulled);
    sim_driver_start();
    finish(thread);
    SIM_CHECK(result_of(thread) == OK);
    passed("while the disk is lost the task server, which has to bring it back, waits for no frame");

    start(DISK_PAGES);
    take_all();
    send_until_it_waits(server, send_module);
    for (int i = 0; i < 300 && !sim_thread(server)->pulled; i++) {
        sim_advance(20);
    }
    SIM_CHECK(result_of(server) == ERR_NO_MEMORY);
    passed("nor does it wait for a driver that hangs");
}

/* ---- it is not wanted any more ---- */

static void test_given_up(void)
{
    start(DISK_PAGES);
    take_all();
    send_until_it_waits(thread, send_create);
    struct task_memory before, after;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == OK);
    memcpy(&before, &sim_reply.mr[2], sizeof before);
    SIM_CHECK(sim_call(thread, PHYSMEM_FORGET_RANGE, 2, 0u, 0u) == OK && memory().parked == 0);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == OK);
    memcpy(&after, &sim_reply.mr[2], sizeof after);
    SIM_CHECK(after.containers == before.containers);
    passed("a thread that sends again has given its call up");

    start(DISK_PAGES);
    take_all();
    send_until_it_waits(thread, send_create);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_FORGET_RANGE, 2, 0u, 0xffffffffu) == OK && sim_reply.mr[2] == 0);
    SIM_CHECK(memory().parked == 1);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK && memory().parked == 0);
    passed("it ends with its task");
}

/* Its pager forwards a fault that it has left for the call. */
static void test_stale_forward(void)
{
    start(DISK_PAGES);
    take_all();
    send_until_it_waits(thread, send_create);
    SIM_CHECK(!sim_thread(thread)->pulled);
    sim_forward(sim_id(A, 1), thread, TASK_REGIONS_BASE, own, 7, false, RIGHT_READ);
    SIM_CHECK(result_of(thread) == ERR_BUSY && !sim_thread(thread)->waits);
    send_create(0);
    finish(thread);
    SIM_CHECK(result_of(thread) == OK && memory().parked == 0);
    passed("a stale forward in its thread's name does not leave it without an answer");
}

/* As many threads of a task wait as it may have records. */
static void test_no_record(void)
{
    enum { MANY = 256 };
    start(DISK_PAGES);
    fill_memory();
    SIM_CHECK(sim_call(thread, PHYSMEM_FORGET_RANGE, 2, 0u, 0u) == OK);
    for (L4_Word_t i = 0; i < MANY; i++) {
        sim_fault(sim_id(A, 100 + i), 600 << PAGE_SHIFT, true);
    }
    SIM_CHECK(memory().parked == MANY);
    send_until_it_waits(thread, send_zero);
    SIM_CHECK(result_of(thread) == ERR_BUSY);
    passed("without memory for its record its caller has to ask again");
}

int main(void)
{
    waits("PHYSMEM_CREATE waits for a frame", false, send_create);
    waits("PHYSMEM_SHARE", false, send_share);
    waits("PHYSMEM_COPY", false, send_copy);
    waits("PHYSMEM_ZERO", false, send_zero);
    waits("PHYSMEM_PUNCH", false, send_punch);
    waits("PHYSMEM_MODULE", true, send_module);
    waits("PHYSMEM_TASK_NEW", true, send_task_new);
    waits("PHYSMEM_KERNEL_MEMORY", false, send_kernel_memory);
    waits("PHYSMEM_PHYS_ADDR", true, send_phys_addr);
    test_parts();
    test_no_disk();
    test_server();
    test_given_up();
    test_stale_forward();
    test_no_record();
    return end_cases();
}
