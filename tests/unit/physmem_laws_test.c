// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Laws of physmem (docs/architecture.md) that it could break while every page holds what it should:
 * depth of faults, shields, accessed bits, the working set, overlapping requests, late messages. */
#include <stdio.h>
#include <string.h>

#include "contents/page.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "policy/shield.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"
#include "room/frame.h"
#include "swap/transfer.h"

enum { A = 3, DC_PAGES = 60, DISK_PAGES = 2000 };

static L4_ThreadId_t pager, thread, maker; /* of task A */

static L4_Word_t call_ok(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, L4_Word_t a, L4_Word_t b,
                         L4_Word_t c, L4_Word_t d)
{
    SIM_CHECK(sim_call(from, label, words, a, b, c, d) == OK);
    return sim_reply.mr[2];
}

static struct task_memory task(void)
{
    struct task_memory m;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)A) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m;
}

/* A machine with so many frames, its swap disk, and task A. */
static void start(uint32_t frames)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(frames);
    sim_disk_attach(DISK_PAGES, true);
    pager = sim_id(A, 1);
    thread = sim_id(A, 2);
    maker = caller(A);
    L4_Word_t dc = call_ok(root, PHYSMEM_CREATE, 2, DC_PAGES, 0, 0, 0);
    (void)call_ok(root, PHYSMEM_TASK_NEW, 4, A, 1, dc, 0);
}

static void serve(L4_ThreadId_t who)
{
    for (int i = 0; i < 100 && sim_thread(who)->waits; i++) {
        sim_disk_drain();
        sim_advance(sim_thread(who)->waits); /* for a frame */
    }
    SIM_CHECK(sim_thread(who)->mapped);
    sim_touch((frame_t)sim_thread(who)->map_frame, true);
}

/* The pager touches one of its pages: a last-resort fault. */
static void touch_dc(L4_ThreadId_t who, L4_Word_t page)
{
    sim_fault(who, page * PAGE_SIZE, true);
    serve(who);
}

/* The thread touches a page of the container; its pager forwards the fault. */
static void touch(L4_Word_t handle, L4_Word_t page)
{
    sim_forward(pager, thread, TASK_REGIONS_BASE + page * PAGE_SIZE, handle, page, true, 7);
    serve(thread);
}

/* Everything of A that may go is out afterwards; returns how much that was. */
static L4_Word_t evict(L4_Word_t flags)
{
    L4_Word_t n = call_ok(root, PHYSMEM_DEBUG_EVICT, 2, A, flags, 0, 0);
    sim_disk_drain();
    return n;
}

static void shields_run_out(void)
{
    sim_advance(SHIELD_TICKS + 2);
}

/* ---- law 1 ---- */

static void test_depth(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    touch(h, 0);
    SIM_CHECK(memory().depth_max == 1);
    shields_run_out();
    SIM_CHECK(evict(0) == 1);
    touch(h, 0);
    SIM_CHECK(memory().depth_max == 1);
    passed("an ordinary fault takes one round, from the disk as well");

    touch_dc(pager, 40);
    touch_dc(pager, 41);
    SIM_CHECK(memory().depth_max == 1);
    touch(h, 1);
    SIM_CHECK(memory().depth_max == 2);
    passed("where pages of the pager were missing it takes two");

    for (int i = 0; i < 5; i++) {
        shields_run_out();
        SIM_CHECK(evict(0) > 0);
        touch_dc(pager, 40);
        touch_dc(pager, 41);
        touch(h, 0);
        touch(h, 1);
    }
    SIM_CHECK(memory().depth_max == 2);
    passed("coming back after the shield's time is a fault of its own");
}

/* What no shield keeps: the count goes on, without an end. */
static void test_depth_has_no_bound(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    for (uint32_t round = 1; round <= 9; round++) {
        touch(h, 3);
        SIM_CHECK(memory().depth_max == round);
        frame_table[sim_thread(thread)->map_frame].shield_end = 0;
        SIM_CHECK(evict(0) == 1);
    }
    passed("a page that is taken each time counts each time");

    for (uint32_t round = 1; round <= 12; round++) {
        touch_dc(pager, 40);
        frame_table[sim_thread(pager)->map_frame].shield_end = 0;
        SIM_CHECK(evict(0) == 1);
    }
    touch(h, 4);
    SIM_CHECK(memory().depth_max == 13);
    passed("so does the pager's");
}

static void test_what_is_no_round(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    L4_Word_t other = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    for (int i = 0; i < 5; i++) { /* its mapping is gone, the page is not */
        touch(h, 0);
    }
    for (int i = 0; i < 5; i++) {
        touch(h, 0);
        (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, 0, 0, 0);
        sim_disk_drain();
    }
    touch(h, 0);
    for (L4_Word_t i = 0; i < 5; i++) { /* another page in the place of the first */
        touch(other, i);
        touch(h, 1);
        shields_run_out();
        (void)evict(0);
        touch(h, 1);
        SIM_CHECK(sim_call(maker, PHYSMEM_COPY, 5, other, i, h, 1u, 1u) == OK);
        touch(h, 1);
    }
    SIM_CHECK(memory().depth_max == 1);
    passed("what the task itself dropped, an outswap took or a copy replaced is no further round");
}

/* Two pages of one instruction, with everything evicted whenever the disk has been waited for. */
static void test_shields(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    touch(h, 0);
    touch(h, 1);
    shields_run_out();
    SIM_CHECK(evict(0) == 2);
    touch(h, 0);
    SIM_CHECK(evict(0) == 0);
    touch(h, 1);
    SIM_CHECK(evict(0) == 0);
    frame_t frame;
    SIM_CHECK(sim_mapping(A, TASK_REGIONS_BASE, &frame) &&
              sim_mapping(A, TASK_REGIONS_BASE + PAGE_SIZE, &frame));
    shields_run_out();
    SIM_CHECK(evict(0) == 2 && sim_space_count(A) == 0);
    passed("pages just answered stay until their asker has had time, and no longer");

    L4_Word_t big = call_ok(maker, PHYSMEM_CREATE, 2, 40, 0, 0, 0);
    for (L4_Word_t page = 0; page < 40; page++) {
        touch(big, page);
    }
    SIM_CHECK(evict(0) == 40 - 12);
    for (L4_Word_t page = 40 - 12; page < 40; page++) {
        SIM_CHECK(sim_mapping(A, TASK_REGIONS_BASE + page * PAGE_SIZE, &frame));
    }
    passed("twelve of them for a task, the latest");
}

/* Nobody asks for five weeks: the clock goes more than half round meanwhile, and so do the sixteen
 * bits of it that a frame keeps. */
static void test_shields_of_long_ago(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    touch(h, 0);
    sim_advance(0xb000b000u);
    SIM_CHECK(evict(0) == 1);
    passed("a shield that has run out does not come back when the clock goes round");
}

/* ---- replacement ---- */

/* Some pages are used again and again while many more than fit are written. */
static void test_accessed_bits(void)
{
    enum { HOT = 12, COLD = 40, MANY = 1200 };
    start(300);
    L4_Word_t hot = call_ok(maker, PHYSMEM_CREATE, 2, HOT, 0, 0, 0);
    L4_Word_t cold = call_ok(maker, PHYSMEM_CREATE, 2, COLD, 0, 0, 0);
    L4_Word_t many = call_ok(maker, PHYSMEM_CREATE, 2, MANY, 0, 0, 0);
    for (L4_Word_t page = 0; page < COLD; page++) {
        touch(cold, page);
    }
    uint32_t again = 0;
    for (L4_Word_t page = 0; page < MANY; page++) {
        sim_forward(pager, thread, TASK_REGIONS_BASE + 0x1000000 + page * PAGE_SIZE, many, page, true, 7);
        serve(thread);
        sim_advance(7);
        for (L4_Word_t k = 0; k < HOT; k++) { /* they lie where no other page of this test does */
            frame_t frame;
            L4_Word_t at = TASK_REGIONS_BASE + 0x2000000 + k * PAGE_SIZE;
            if (sim_mapping(A, at, &frame)) {
                sim_touch(frame, false);
                continue;
            }
            again++;
            sim_forward(pager, thread, at, hot, k, false, 7);
            serve(thread);
        }
    }
    SIM_CHECK(sim_call(maker, PHYSMEM_STAT, 2, cold, 0u) == OK && sim_reply.mr[4] == 0);
    SIM_CHECK(again < 2 * HOT);
    passed("pages in use stay, others go");
}

/* ---- outswap ---- */

static void test_working_set(void)
{
    enum { PAGES = 50 };
    start(300);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, PAGES, 0, 0, 0);
    for (L4_Word_t page = 0; page < PAGES; page++) {
        touch(h, page);
    }
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, OUTSWAP_HOLD, 0, 0);
    sim_disk_drain();
    SIM_CHECK(task().state == TASK_MEMORY_OUT && task().frames == 0);
    struct memory_info before = memory();
    (void)call_ok(root, PHYSMEM_INSWAP, 1, A, 0, 0, 0);
    sim_disk_drain();
    struct memory_info after = memory();
    SIM_CHECK(task().frames == PAGES && after.faults == before.faults);
    SIM_CHECK(after.reads - before.reads <= PAGES / 4);
    passed("the working set comes back without a fault, in few requests");
}

static void test_wired_frames(void)
{
    start(200);
    touch_dc(pager, 40);
    SIM_CHECK(task().wired_frames == 0);
    page_set_wired(sim_thread(pager)->map_frame, true);
    SIM_CHECK(task().wired_frames == 1 && task().wired == 0);
    page_set_wired(sim_thread(pager)->map_frame, false);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    struct task_memory driver;
    memcpy(&driver, &sim_reply.mr[2], sizeof driver);
    SIM_CHECK(driver.wired == 1 && driver.wired_frames == driver.frames);
    passed("wired frames are counted frame by frame");
}

/* ---- requests and parked faults ---- */

static void test_overlap(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, DC_PAGES, 0, 0, 0);
    for (L4_Word_t page = 0; page < 40; page++) {
        touch(h, page);
    }
    shields_run_out();
    (void)evict(0);
    uint32_t before = memory().overlaps;
    for (L4_Word_t i = 0; i < 8; i++) { /* while nothing is reported as done */
        sim_forward(pager, sim_id(A, 10 + i), TASK_REGIONS_BASE + 5 * i * PAGE_SIZE, h, 5 * i, false, 7);
        sim_send(sim_id(SIM_DRIVER_TASK, 1), SWAP_PULL, 0);
    }
    SIM_CHECK(sim_requests() == 8 && memory().overlaps - before == 7);
    sim_disk_drain();
    passed("the driver gets requests while it has others");
}

/* A fault waits for its page behind many writes that nobody waits for. */
static void test_reads_first(void)
{
    L4_ThreadId_t puller = sim_id(SIM_DRIVER_TASK, 1);
    start(300);
    L4_Word_t out = call_ok(maker, PHYSMEM_CREATE, 2, 1, 0, 0, 0);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 3 * SWAP_RUN_MAX, 0, 0, 0);
    touch(out, 0);
    shields_run_out();
    SIM_CHECK(evict(0) == 1);
    for (L4_Word_t page = 0; page < 3 * SWAP_RUN_MAX; touch(h, page++)) {
    }
    shields_run_out();
    (void)call_ok(root, PHYSMEM_DEBUG_EVICT, 2, A, 0, 0, 0);
    SIM_CHECK(sim_thread(puller)->message.mr[2] == SWAP_WRITE && sim_requests() == 1);
    sim_forward(pager, thread, TASK_REGIONS_BASE, out, 0, false, 7);
    sim_send(puller, SWAP_PULL, 0);
    SIM_CHECK(sim_thread(puller)->message.mr[2] == SWAP_READ);
    serve(thread);
    passed("a fault's read does not wait behind writes");
}

static enum error done(L4_Word_t request)
{
    return sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_DONE, 3, request, (L4_Word_t)OK, 1u);
}

/* The end of a request that has been reported already.  So many others follow that one of them has
 * its place. */
static void test_late_report(void)
{
    L4_ThreadId_t puller = sim_id(SIM_DRIVER_TASK, 1);
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0), late = 0;
    touch(h, 0);
    for (int i = 0; i <= REQUESTS_MAX; i++) {
        shields_run_out();
        SIM_CHECK(evict(0) == 1);
        sim_forward(pager, thread, TASK_REGIONS_BASE, h, 0, true, 7);
        sim_send(puller, SWAP_PULL, 0);
        SIM_CHECK(sim_requests() == 1);
        late = i == 0 ? sim_thread(puller)->message.mr[1] : late;
        SIM_CHECK(i == 0 || done(late) == ERR_ARGUMENT);
        SIM_CHECK(sim_thread(thread)->waits);
        serve(thread);
    }
    passed("a late report ends no other request");
}

static void test_hold(void)
{
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    touch(h, 0);
    shields_run_out();
    SIM_CHECK(evict(EVICT_KEEP_DC) == 1);
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_HOLD, 1, PHYSMEM_HOLD_MAX + 1u) == ERR_ARGUMENT);
    SIM_CHECK(call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 100, 0, 0, 0) == 0);
    sim_forward(pager, thread, TASK_REGIONS_BASE, h, 0, true, 7);
    sim_disk_step();
    SIM_CHECK(sim_requests() == 0 && sim_thread(thread)->waits && memory().parked == 1);

    SIM_CHECK(
        call_ok(maker, PHYSMEM_FORGET_RANGE, 2, TASK_REGIONS_BASE + PAGE_SIZE, TASK_REGIONS_END, 0, 0) == 0);
    SIM_CHECK(
        call_ok(maker, PHYSMEM_FORGET_RANGE, 2, TASK_REGIONS_BASE, TASK_REGIONS_BASE + PAGE_SIZE, 0, 0) == 1);
    SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped && memory().parked == 0);
    passed("a fault in a range that is forgotten is answered at once, without the page");

    sim_forward(pager, thread, TASK_REGIONS_BASE, h, 0, true, 7);
    SIM_CHECK(memory().parked == 1);
    SIM_CHECK(sim_call(thread, PHYSMEM_TASK_INFO, 1, 0u) == OK);
    SIM_CHECK(memory().parked == 0);
    uint32_t dropped = memory().dropped;
    SIM_CHECK(call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 0, 0, 0, 0) == 1);
    sim_disk_drain();
    SIM_CHECK(sim_space_count(A) == 0 && memory().dropped == dropped);
    passed("a thread that sends something else waits for its page no more");

    shields_run_out();
    (void)evict(0);
    (void)call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 50, 0, 0, 0);
    sim_forward(pager, thread, TASK_REGIONS_BASE, h, 0, true, 7);
    sim_advance(20);
    SIM_CHECK(sim_requests() == 0);
    sim_advance(40);
    SIM_CHECK(sim_requests() == 1 && call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 0, 0, 0, 0) == 0);
    serve(thread);
    passed("a hold ends by itself");

    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, 99u, 0u) == ERR_NO_TASK);
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 2u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(maker, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(maker, PHYSMEM_DEBUG_HOLD, 1, 1u) == ERR_PERMISSION);
    passed("the calls for tests are the task server's, and refuse what is wrong");
}

/* Reads have piled up until no more are taken: a page can still be written, which may be what they
 * wait for. */
static void test_kept_places(void)
{
    enum { PAGES = 40, ASKERS = 30 };
    start(300);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, PAGES, 0, 0, 0);
    for (L4_Word_t page = 0; page < PAGES; page++) {
        touch(h, page);
    }
    shields_run_out();
    (void)evict(0);
    touch_dc(pager, 40);
    shields_run_out();
    (void)call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 1000, 0, 0, 0);
    uint32_t reads = memory().reads;
    /* Backwards, so that each needs a request of its own. */
    for (L4_Word_t i = 0; i < ASKERS; i++) {
        L4_Word_t page = ASKERS - 1 - i;
        sim_forward(pager, sim_id(A, 10 + i), TASK_REGIONS_BASE + page * PAGE_SIZE, h, page, false, 7);
    }
    SIM_CHECK(memory().reads - reads < ASKERS && memory().reads - reads > ASKERS / 2);
    SIM_CHECK(memory().parked == ASKERS);
    uint32_t writes = memory().writes;
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == OK);
    SIM_CHECK(memory().writes == writes + 1);
    (void)call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 0, 0, 0, 0);
    sim_disk_drain();
    SIM_CHECK(memory().parked == 0);
    passed("reads leave places for writes");
}

/* A fault waits for a frame, and none will come for now: calls that need a table get one all the
 * same, at once. */
static void test_kept_frames(void)
{
    enum { PAGES = 1000, CALLS = 60 }; /* more than fit in the tables that there are */
    start(200);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, PAGES, 0, 0, 0);
    (void)call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 1000, 0, 0, 0);
    for (L4_Word_t page = 0; page < PAGES && !sim_thread(thread)->waits; page++) {
        sim_forward(pager, thread, TASK_REGIONS_BASE + page * PAGE_SIZE, h, page, true, 7);
        if (sim_thread(thread)->mapped) {
            sim_touch((frame_t)sim_thread(thread)->map_frame, true);
        }
    }
    SIM_CHECK(sim_thread(thread)->waits && memory().parked == 1);
    uint32_t tables = frame_counts.tables;
    for (int i = 0; i < CALLS; i++) {
        L4_Word_t holes = call_ok(maker, PHYSMEM_CREATE, 2, 10, PHYSMEM_CREATE_HOLES, 0, 0);
        SIM_CHECK(sim_call(maker, PHYSMEM_ZERO, 3, holes, 0u, 5u) == OK);
    }
    SIM_CHECK(frame_counts.tables > tables && sim_thread(thread)->waits);
    (void)call_ok(root, PHYSMEM_DEBUG_HOLD, 1, 0, 0, 0, 0);
    serve(thread);
    passed("faults leave frames for tables");
}

/* ---- what goes wrong ---- */

/* A task whose pages are all out, and on their way in. */
static L4_Word_t on_the_way_in(L4_Word_t pages)
{
    start(300);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, pages, 0, 0, 0);
    for (L4_Word_t page = 0; page < pages; page++) {
        touch(h, page);
    }
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, OUTSWAP_HOLD, 0, 0);
    sim_disk_drain();
    (void)call_ok(root, PHYSMEM_INSWAP, 1, A, 0, 0, 0);
    return h;
}

static void test_read_error(void)
{
    enum { PAGES = 40 };
    L4_Word_t h = on_the_way_in(PAGES), bad = 0;
    while (memory().io_errors == 0 && sim_requests() > 0) {
        sim_faults.read_error = 1; /* the next request breaks off somewhere */
        sim_disk_step();
        sim_faults.read_error = 0;
    }
    sim_disk_drain();
    for (L4_Word_t page = 0; page < PAGES; page++) {
        sim_forward(pager, thread, TASK_REGIONS_BASE + page * PAGE_SIZE, h, page, false, 7);
        sim_disk_drain();
        bad += !sim_thread(thread)->mapped;
    }
    SIM_CHECK(bad == 0 && memory().io_errors == 1);
    passed("a page whose read breaks off is read again, and so are those behind it");
}

static void test_write_error(void)
{
    start(300);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 10, 0, 0, 0);
    for (L4_Word_t page = 0; page < 10; page++) {
        touch(h, page);
    }
    L4_Word_t slots = memory().slots_total;
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, OUTSWAP_HOLD, 0, 0);
    sim_faults.write_error = 1;
    sim_disk_step();
    sim_faults.write_error = 0;
    SIM_CHECK(memory().io_errors == 1 && memory().slots_total == slots - 1);
    sim_disk_drain();
    SIM_CHECK(task().state == TASK_MEMORY_OUT && memory().slots_total == slots - 1);
    passed("a slot that could not be written is not used again");
}

/* The driver ends while its device may still write: nobody gets those frames meanwhile. */
static void test_driver_death(void)
{
    (void)on_the_way_in(40);
    SIM_CHECK(sim_requests() == 1);
    struct memory_info before = memory();
    L4_Word_t reading = 0, kept = 0;
    for (frame_t f = 0; f < frame_table_count; f++) {
        reading += frame_table[f].kind == FRAME_PAGE && page_in_transit(f);
    }
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    for (frame_t f = 0; f < frame_table_count; f++) {
        kept += frame_table[f].kind == FRAME_QUARANTINED;
    }
    SIM_CHECK(before.frames_transit == reading && kept > 0 && kept <= reading);
    SIM_CHECK(memory().frames_transit == 0);
    passed("frames that a dead driver's device may write to are used by nobody");
}

/* Every frame holds a page that cannot go, for the driver is gone for good; a page that needs a
 * frame, but no promise. */
static void test_hopeless(void)
{
    enum { ZEROS = 60 };
    start(200);
    L4_Word_t zeros = call_ok(maker, PHYSMEM_CREATE, 2, ZEROS, 0, 0, 0);
    L4_Word_t h = call_ok(maker, PHYSMEM_CREATE, 2, 400, 0, 0, 0);
    for (L4_Word_t page = 0; page < ZEROS; page++) {
        sim_forward(pager, thread, TASK_REGIONS_BASE + page * PAGE_SIZE, zeros, page, false, 7);
        SIM_CHECK(sim_thread(thread)->mapped);
    }
    shields_run_out();
    SIM_CHECK(evict(0) == ZEROS);
    for (L4_Word_t page = 0; page < 300; page++) {
        touch(h, page);
    }
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_DRIVER, 1, 0u) == OK);
    L4_Word_t page = 0;
    while (page < ZEROS && !sim_thread(thread)->waits) {
        sim_forward(pager, thread, TASK_REGIONS_BASE + page * PAGE_SIZE, zeros, page, false, 7);
        page++;
    }
    SIM_CHECK(sim_thread(thread)->waits && memory().parked == 1);
    sim_advance(50);
    SIM_CHECK(sim_thread(thread)->waits);
    sim_advance(60);
    sim_advance(60);
    SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped);
    SIM_CHECK(call_ok(maker, PHYSMEM_ASK, 1, thread.raw, 0, 0, 0) == ERR_NO_ROOM);
    passed("a fault for which no frame will ever be free is refused");
}

int main(void)
{
    test_depth();
    test_depth_has_no_bound();
    test_what_is_no_round();
    test_shields();
    test_shields_of_long_ago();
    test_accessed_bits();
    test_working_set();
    test_wired_frames();
    test_overlap();
    test_reads_first();
    test_late_report();
    test_hold();
    test_kept_places();
    test_kept_frames();
    test_read_error();
    test_write_error();
    test_driver_death();
    test_hopeless();
    return end_cases();
}
