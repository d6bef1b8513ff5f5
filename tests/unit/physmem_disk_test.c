// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* A swap disk that comes late, is lost and comes back, or does not come at all. */
#include <stdio.h>
#include <string.h>

#include "contents/page.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"
#include "room/frame.h"

enum { A = 3, PAGES = 600, DISK_PAGES = 2000, FRAMES = 200, LONG = 5000 };

static L4_ThreadId_t thread; /* of task A, whose pager is physmem */

/* A machine that knows nothing of a swap disk yet, with task A. */
static void start(void)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(FRAMES);
    thread = sim_id(A, 7);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, sim_reply.mr[2], 0u) == OK);
}

static void start_with_disk(void)
{
    start();
    sim_disk_attach(DISK_PAGES, true);
}

static void pass_time(uint32_t ticks)
{
    for (uint32_t i = 0; i < ticks; i += 20) {
        sim_advance(20);
    }
}

/* The answer to the fault has come: the page's first word. */
static L4_Word_t *word_at(L4_Word_t page, bool write)
{
    frame_t frame;
    SIM_CHECK(sim_mapping(A, page << PAGE_SHIFT, &frame));
    sim_touch(frame, write);
    return platform_memory(frame << PAGE_SHIFT);
}

/* Writes the page; false: the fault waits. */
static bool try_write(L4_Word_t page)
{
    sim_fault(thread, page << PAGE_SHIFT, true);
    if (!sim_thread(thread)->mapped) {
        return false;
    }
    *word_at(page, true) = page;
    return true;
}

static void serve(void)
{
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    SIM_CHECK(sim_thread(thread)->mapped);
}

static void check_contents(L4_Word_t first, L4_Word_t last)
{
    for (L4_Word_t page = first; page < last; page++) {
        sim_fault(thread, page << PAGE_SHIFT, false);
        serve();
        SIM_CHECK(*word_at(page, false) == page);
    }
}

static L4_Word_t fill_memory(void)
{
    L4_Word_t page = 1;
    while (page < PAGES && try_write(page)) {
        page++;
    }
    SIM_CHECK(page > FRAMES / 2 && page < PAGES);
    return page;
}

static void write_pages(L4_Word_t first, L4_Word_t last)
{
    for (L4_Word_t page = first; page < last; page++) {
        sim_fault(thread, page << PAGE_SHIFT, true);
        serve();
        *word_at(page, true) = page;
    }
}

/* ---- it comes late ---- */

static void test_late(void)
{
    start();
    L4_Word_t page = fill_memory();
    pass_time(LONG);
    SIM_CHECK(sim_thread(thread)->waits && memory().parked == 1 && next_notice() == 0);
    passed("while a swap disk is expected a fault for which there is no room waits");

    sim_disk_insert(DISK_PAGES, true, false);
    sim_driver_start();
    serve();
    *word_at(page, true) = page;
    write_pages(page + 1, PAGES);
    check_contents(1, PAGES);
    passed("the driver gets what it needs though memory is full, and the fault goes on");
}

/* More slots than one table of theirs describes. */
static void test_large(void)
{
    enum { LARGE = 70000 };
    start();
    L4_Word_t page = fill_memory();
    sim_disk_insert(LARGE, true, false);
    sim_driver_start();
    serve();
    *word_at(page, true) = page;
    write_pages(page + 1, PAGES);
    for (int i = 0; i < 10; i++) {
        sim_disk_drain();
        check_contents(1, PAGES);
    }
    SIM_CHECK(memory().slots_total == LARGE - 1);
    passed("a large disk is used in full, though there is room for one table at first");
}

/* What had been set aside for the disk is anybody's now; then no fault is answered any more. */
static void fill_the_rest(L4_Word_t page)
{
    pass_time(LONG);
    while (page < PAGES && !sim_thread(thread)->waits) {
        (void)try_write(++page);
        pass_time(LONG);
    }
    SIM_CHECK(page < PAGES);
}

static void test_never(void)
{
    start();
    L4_Word_t page = fill_memory();
    SIM_CHECK(sim_call(sim_id(A, 9), PHYSMEM_SET_DRIVER, 1, 0u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_DRIVER, 1, 0u) == OK);
    fill_the_rest(page);
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_NO_ROOM);
    passed("when no disk will come, full means full");

    start();
    page = fill_memory();
    sim_disk_insert(DISK_PAGES, false, false);
    sim_driver_start();
    SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_NONE, 0) == ERR_ALREADY);
    sim_disk_drain();
    sim_disk_drain();
    pass_time(LONG);
    SIM_CHECK(memory().swap_ready == 0 && next_notice() == 0);
    SIM_CHECK(sim_call(sim_id(A, 9), SWAP_NONE, 0) == ERR_PERMISSION);
    SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_NONE, 0) == OK);
    fill_the_rest(page);
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    passed("the same when the driver says that it has none that is ours");
}

/* ---- it is lost ---- */

static void test_lost(void)
{
    start_with_disk();
    write_pages(1, PAGES);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK && sim_requests() > 0);
    struct memory_info before = memory();
    sim_driver_end();
    SIM_CHECK(memory().frames_transit == 0 && memory().frames_wired + 60 > before.frames_wired);
    uint32_t quarantined = frame_counts.quarantined;
    SIM_CHECK(quarantined > 0);
    sim_fault(thread, 5 << PAGE_SHIFT, false);
    pass_time(LONG);
    SIM_CHECK(sim_thread(thread)->waits && next_notice() == NOTICE_OUT && next_notice() == NOTICE_IN);
    SIM_CHECK(next_notice() == 0 && frame_counts.quarantined == quarantined);
    passed("the driver dies with requests under way: its frames are put aside, faults wait");

    sim_driver_start();
    SIM_CHECK(frame_counts.quarantined == 0);
    serve();
    check_contents(1, PAGES);
    passed("it is back: so are the frames, and all contents are right");
}

/* Everybody wants frames, and nothing can go out: the next driver gets what the last one had. */
static void test_lost_when_full(void)
{
    enum { MANY = 5 };
    start_with_disk();
    write_pages(1, PAGES);
    for (int i = 0; i < MANY; i++) {
        sim_driver_end();
        L4_ThreadId_t others[20];
        for (L4_Word_t k = 0; k < 20; k++) { /* each takes a frame, or waits for one */
            others[k] = sim_id(A, 20 + k);
            sim_fault(others[k], (1 + k * 25) << PAGE_SHIFT, true);
        }
        for (L4_Word_t page = 300; page < 500 && !sim_thread(thread)->waits; page++) {
            sim_fault(thread, page << PAGE_SHIFT, true);
        }
        SIM_CHECK(sim_thread(thread)->waits);
        sim_driver_start();
        for (int k = 0; k < 20; k++) {
            for (int n = 0; n < 1000 && sim_thread(others[k])->waits; n++) {
                sim_disk_drain();
                sim_advance(7);
            }
            SIM_CHECK(sim_thread(others[k])->mapped);
        }
        serve();
        sim_disk_drain();
        sim_check();
    }
    check_contents(1, PAGES);
    passed("memory is full while the disk is lost: the next driver has its room all the same");
}

/* What a driver had told a device to read from: its table of frames. */
static void test_device_page(void)
{
    start_with_disk();
    SIM_CHECK(sim_call(root, PHYSMEM_PHYS_ADDR, 2, (L4_Word_t)SIM_DRIVER_TASK, 35u) == OK);
    frame_t table = sim_reply.mr[2] >> PAGE_SHIFT;
    sim_driver_end();
    SIM_CHECK(frame_table[table].kind == FRAME_QUARANTINED);
    sim_driver_start();
    SIM_CHECK(frame_table[table].kind != FRAME_QUARANTINED);
    passed("the frame that a device reads its orders from is nobody's until the device is reset");
}

static void test_outswap_goes_on(void)
{
    start_with_disk();
    write_pages(1, 150);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_step();
    sim_driver_end();
    pass_time(LONG);
    SIM_CHECK(next_notice() == 0);
    sim_driver_start();
    for (int i = 0; i < 100; i++) {
        sim_disk_drain();
        sim_advance(20);
    }
    SIM_CHECK(next_notice() == NOTICE_OUT && sim_thread(sim_id(1, 90))->message.mr[6] == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    check_contents(1, 150);
    passed("an outswap that loses the disk goes on when it is back");
}

/* Another disk than the one on which the pages lie. */
static void test_strange(void)
{
    start_with_disk();
    write_pages(1, PAGES);
    sim_driver_end();
    sim_disk_insert(DISK_PAGES, true, true);
    sim_driver_start();
    sim_fault(thread, 1 << PAGE_SHIFT, false);
    sim_disk_drain();
    sim_disk_drain();
    pass_time(LONG);
    SIM_CHECK(memory().swap_ready == 0 && sim_thread(thread)->waits && next_notice() == 0);
    SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_NONE, 0) == OK);
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_NO_SWAP);
    passed("a strange disk is not taken for the lost one");
}

/* A driver that waited for a frame would wait for itself. */
static void test_driver_is_complete(void)
{
    struct task_memory m;
    start_with_disk();
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    SIM_CHECK(m.wired_frames == SIM_DRIVER_PAGES); /* all pages of its container */
    passed("a driver that is wired has all its pages, whether it has touched them or not");
}

/* Pages of the restart set stay, for the task server alone. */
static void test_keep(void)
{
    start_with_disk();
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, 20u, 0u) == OK);
    L4_Word_t h = sim_reply.mr[2];
    SIM_CHECK(sim_call(sim_id(A, 9), PHYSMEM_KEEP, 3, (L4_Word_t)HANDLE_DC, 0u, 1u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(root, PHYSMEM_KEEP, 3, h, 19u, 2u) == ERR_RANGE);
    SIM_CHECK(sim_call(root, PHYSMEM_KEEP, 3, h, 1u, 0xffffffffu) == ERR_RANGE);
    SIM_CHECK(sim_call(root, PHYSMEM_KEEP, 3, 999u, 0u, 1u) == ERR_NO_HANDLE);
    SIM_CHECK(sim_call(root, PHYSMEM_KEEP, 3, (L4_Word_t)HANDLE_DC, 0u, 600u) == OK);
    L4_Word_t wired = memory().frames_wired;
    write_pages(1, PAGES);
    frame_t frame = SIM_ROOT_START >> PAGE_SHIFT;
    for (frame_t f = frame; f < frame + SIM_ROOT_PAGES; f++) {
        SIM_CHECK(frame_table[f].kind == FRAME_PAGE && frame_table[f].wired);
    }
    SIM_CHECK(memory().frames_wired < wired + 20);
    passed("what the task server keeps stays under pressure");
}

/* ---- it fails ---- */

static void move_out(void)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(next_notice() == NOTICE_OUT);
}

/* The next `times` requests fail at their first page. */
static void fail_requests(uint32_t times)
{
    sim_faults.read_error = 1;
    for (uint32_t i = 0; i < times && (sim_requests() > 0 || !sim_thread(sim_id(SIM_DRIVER_TASK, 1))->waits);
         i++) {
        sim_disk_step();
    }
    sim_faults.read_error = 0;
}

static void test_read_again(void)
{
    start_with_disk();
    write_pages(1, 2);
    move_out();
    sim_advance(100);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    L4_Word_t slots = memory().slots_total;
    fail_requests(5); /* nobody waits for the page: it is not lost, however often */
    sim_fault(thread, 1 << PAGE_SHIFT, false);
    fail_requests(2);
    SIM_CHECK(sim_thread(thread)->waits && memory().io_errors >= 2);
    serve();
    SIM_CHECK(*word_at(1, false) == 1 && memory().slots_total == slots);
    passed("a read that fails is tried again");
}

static void test_retire(void)
{
    start_with_disk();
    write_pages(1, 2);
    move_out();
    L4_Word_t slots = memory().slots_total, used = memory().slots_used;
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    sim_fault(thread, 1 << PAGE_SHIFT, false);
    fail_requests(10);
    SIM_CHECK(next_notice() == NOTICE_IN && next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_IO && memory().io_errors == 3);
    SIM_CHECK(memory().slots_total == slots - 1 && memory().slots_used == used - 1);
    passed("a page that cannot be read is lost at the third try, and its slot is used no more");
}

/* A driver that never ends a request. */
static void test_deadline(void)
{
    L4_ThreadId_t driver = sim_id(SIM_DRIVER_TASK, 1);
    start_with_disk();
    write_pages(1, 20);
    move_out();
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    sim_fault(thread, 1 << PAGE_SHIFT, false);
    SIM_CHECK(sim_thread(thread)->waits && sim_requests() > 0 && next_notice() == NOTICE_IN);
    sim_send(driver, SWAP_PULL, 0);
    while (sim_thread(driver)->pulled) { /* until there is no other request */
        sim_send(driver, SWAP_PULL, 0);
    }
    pass_time(SWAP_DEADLINE_MS - 100);
    sim_send(sim_id(1, 90), PHYSMEM_NOTICE_PULL, 0);
    SIM_CHECK(!sim_thread(driver)->pulled);
    pass_time(200);
    sim_send(sim_id(1, 90), PHYSMEM_NOTICE_PULL, 0);
    SIM_CHECK(sim_thread(driver)->pulled && sim_thread(driver)->message.label == SWAP_RESET);
    SIM_CHECK(!sim_thread(sim_id(1, 90))->pulled);
    pass_time(SWAP_GRACE_MS);
    sim_send(sim_id(1, 90), PHYSMEM_NOTICE_PULL, 0);
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[3] == SIM_DRIVER_TASK);
    sim_driver_end();
    sim_driver_start();
    serve();
    check_contents(1, 20);
    passed("a request has a deadline: the driver is asked to reset its disk, then reported");
}

static struct task_memory task_of_a(void)
{
    struct task_memory m;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m;
}

/* Pages that were in memory, and never written, are clean without a slot: they go out for nothing,
 * and come back as zeros when they are used.  So a task that is back has fewer frames than before,
 * by these; of those with a slot none is missing. */
static void test_inswap_is_complete(void)
{
    enum { WRITTEN = 90, READ = 9 };
    start_with_disk();
    write_pages(1, 1 + WRITTEN);
    for (L4_Word_t page = 1 + WRITTEN; page <= WRITTEN + READ; page++) {
        sim_fault(thread, page << PAGE_SHIFT, false);
        serve();
        SIM_CHECK(*word_at(page, false) == 0);
    }
    SIM_CHECK(task_of_a().frames == WRITTEN + READ);
    move_out();
    SIM_CHECK(task_of_a().frames == 0 && task_of_a().swapped == WRITTEN);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK && next_notice() == NOTICE_IN);
    for (int i = 0; i < 10; i++) {
        sim_disk_drain();
        sim_advance(20);
    }
    SIM_CHECK(task_of_a().frames == WRITTEN && task_of_a().swapped == 0);
    check_contents(1, 1 + WRITTEN);
    passed("every page with a slot is back after an inswap");
}

/* A driver that reports and asks for more in one message. */
static void test_next(void)
{
    L4_ThreadId_t worker = sim_id(SIM_DRIVER_TASK, 2), puller = sim_id(SIM_DRIVER_TASK, 1);
    start_with_disk();
    write_pages(1, 60);
    pass_time(40);
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == OK);
    sim_disk_drain();
    sim_reports_next = true;
    sim_thread(puller)->pulled = false;
    sim_fault(thread, 1 << PAGE_SHIFT, false);
    SIM_CHECK(sim_thread(puller)->pulled && sim_requests() == 1);
    sim_fault(sim_id(A, 8), 31 << PAGE_SHIFT, false); /* nobody pulls */
    SIM_CHECK(sim_requests() == 1);
    sim_send(puller, SWAP_PULL, 0);
    SIM_CHECK(sim_requests() == 2);
    sim_disk_step(); /* the other one is under way: this one is not to wait here */
    SIM_CHECK(!sim_thread(worker)->waits && sim_requests() == 1);
    sim_disk_drain();
    SIM_CHECK(sim_thread(worker)->waits && sim_thread(puller)->waits);
    sim_fault(thread, 50 << PAGE_SHIFT, false);
    SIM_CHECK(sim_thread(worker)->message.label == SWAP_REQUEST && sim_thread(puller)->waits);
    sim_send(worker, SWAP_NEXT, 3, 0u, (L4_Word_t)OK, 1u); /* no request of its */
    SIM_CHECK(sim_thread(worker)->message.mr[1] == ERR_ARGUMENT && sim_requests() == 1);
    serve();
    sim_reports_next = false;
    check_contents(1, 60);
    passed("an idle driver gets its next request for its report");
}

int main(void)
{
    test_next();
    test_inswap_is_complete();
    test_deadline();
    test_read_again();
    test_retire();
    test_driver_is_complete();
    test_keep();
    test_late();
    test_large();
    test_never();
    test_lost();
    test_lost_when_full();
    test_device_page();
    test_outswap_goes_on();
    test_strange();
    return end_cases();
}
