// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* No event is long, whatever it is asked for: the frames that one event unmaps or samples stand for
 * its length. */
#include <stdio.h>

#include "calls/dispatch.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"
#include "room/frame.h"
#include "room/slot.h"
#include "serving/event.h"

enum { A = 3, PAGES = 600, HUGE_PAGES = 1 << 20, BOUND = 150, UNMAPPED_LEAST = 8 };
/* The frames of the longest event since the last time are within the bound. */
static void check_bound(void)
{
    SIM_CHECK(sim_unmaps_max >= UNMAPPED_LEAST);
    SIM_CHECK(sim_unmaps_max <= BOUND);
    sim_unmaps_max = 0;
}

static void use(L4_Word_t page, bool write)
{
    L4_ThreadId_t thread = sim_id(A, 7);
    frame_t frame;
    sim_fault(thread, page << PAGE_SHIFT, write);
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    SIM_CHECK(sim_thread(thread)->mapped && sim_mapping(A, page << PAGE_SHIFT, &frame));
    sim_touch(frame, write);
}

static void touch(L4_Word_t page)
{
    use(page, true);
}

/* Each with the same luck: the driver's longest run is drawn, too. */
static void start_with(uint32_t frames, uint32_t slots, L4_Word_t pages)
{
    sim_seed(1);
    sim_boot(frames);
    sim_disk_attach(slots, true);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, pages, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, sim_reply.mr[2], 0u) == OK);
}

static void start(uint32_t frames, uint32_t slots, L4_Word_t touched)
{
    start_with(frames, slots, PAGES);
    for (L4_Word_t page = 1; page < touched; page++) {
        touch(page);
    }
    sim_unmaps_max = 0;
}

static void test_ranges(void)
{
    L4_ThreadId_t a = sim_id(A, 8);
    start(700, 100, 250);
    SIM_CHECK(sim_call(a, PHYSMEM_COPY, 5, (L4_Word_t)HANDLE_DC, 1u, (L4_Word_t)HANDLE_DC, 300u, 249u) == OK);
    SIM_CHECK(sim_reply.mr[2] == 249);
    check_bound();
    passed("a copy is cut");
    for (int turn = 0; turn < 2; turn++) {
        for (L4_Word_t page = 300; page < 549; page++) {
            touch(page);
        }
        sim_unmaps_max = 0;
        L4_Word_t label = turn == 0 ? PHYSMEM_ZERO : PHYSMEM_PUNCH;
        SIM_CHECK(sim_call(a, label, 3, (L4_Word_t)HANDLE_DC, 300u, 249u) == OK && sim_reply.mr[2] == 249);
        check_bound();
    }
    passed("so are holes and zeros");
}

static void test_ends(void)
{
    start(700, 100, 550);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK && sim_reply.mr[4] == 1);
    check_bound();
    passed("a task ends step by step");
}

static void test_outswap(void)
{
    start(700, 2000, 550);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_advance(30);
    sim_disk_drain();
    check_bound();
    passed("it goes out step by step");
}

static void test_replacement(void)
{
    start(400, 2000, 200);
    for (L4_Word_t page = 200; page < PAGES; page++) {
        touch(page);
    }
    check_bound();
    passed("so does what replacement takes");
}

/* Most of the pages are used once: two samples, and the frame is taken away; some are sampled once
 * more. */
static void test_samples(void)
{
    start(400, 2000, PAGES);
    uint32_t evictions = counters.evictions, looked_at = sim_unmaps;
    for (L4_Word_t page = 1; page < PAGES; page++) {
        use(page, false);
    }
    evictions = counters.evictions - evictions;
    looked_at = sim_unmaps - looked_at;
    SIM_CHECK(evictions >= PAGES / 2);
    SIM_CHECK(looked_at <= 4 * evictions);
    passed("a page that goes has not been looked at more than needed");
}

/* Pages that many places name, and each is mapped: an Unmap of one is as long as that of many. */
static void test_shared(void)
{
    enum { SHARED = 20, COPIES = 30, ALL = SHARED * COPIES, MORE = 800, MOST = 2 * BOUND };
    const L4_Word_t first = 1;
    for (int cut = 0; cut < 2; cut++) {
        start_with(400, 2000, first + ALL + MORE);
        for (L4_Word_t page = first; page < first + SHARED; page++) {
            touch(page);
        }
        for (L4_Word_t to = first + SHARED; to < first + ALL; to += SHARED) {
            SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_COPY, 5, (L4_Word_t)HANDLE_DC, first,
                               (L4_Word_t)HANDLE_DC, to, (L4_Word_t)SHARED) == OK);
        }
        for (L4_Word_t page = first; page < first + ALL; page++) {
            use(page, false);
        }
        sim_advance(100);
        sim_unmaps_max = 0;
        for (L4_Word_t page = first + ALL; cut == 0 && page < first + ALL + MORE; page++) {
            touch(page);
        }
        for (int i = 0; cut == 1 && i < 10; i++) {
            SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)A) == OK);
        }
        SIM_CHECK(sim_unmaps_max >= COPIES && sim_unmaps_max <= MOST);
        passed(cut == 0 ? "pages that many have mapped are sampled, and go" : "and they lose mappings");
    }
}

/* No frame tells how long these take: the answer says how far they came. */
static void test_huge(void)
{
    L4_ThreadId_t a = sim_id(A, 8);
    start(700, 100, 2);
    SIM_CHECK(sim_call(a, PHYSMEM_CREATE, 2, (L4_Word_t)HUGE_PAGES, 0u) == OK);
    L4_Word_t huge = sim_reply.mr[2];
    SIM_CHECK(sim_call(a, PHYSMEM_PUNCH, 3, huge, 5u, 1u) == OK);
    SIM_CHECK(sim_call(a, PHYSMEM_STAT, 2, huge, 0u) == OK);
    SIM_CHECK(sim_reply.mr[2] == HUGE_PAGES && sim_reply.mr[6] > 0 && sim_reply.mr[6] < HUGE_PAGES);
    SIM_CHECK(sim_call(a, PHYSMEM_PUNCH, 3, huge, 0u, (L4_Word_t)HUGE_PAGES) == OK);
    SIM_CHECK(sim_reply.mr[2] == HUGE_PAGES);
    SIM_CHECK(sim_call(a, PHYSMEM_STAT, 2, huge, (L4_Word_t)HUGE_PAGES + 1) == ERR_RANGE);
    SIM_CHECK(sim_call(a, PHYSMEM_DESTROY, 1, huge) == OK);
    SIM_CHECK(sim_call(a, PHYSMEM_STAT, 2, huge, 0u) == ERR_NO_HANDLE);
    passed("empty containers of any size");
}

/* Memory and disk are full, and frames are short for good: nobody is unmapped time and again to be
 * written where there is no slot, and a page that comes in costs about one that goes out. */
static void test_full_disk(void)
{
    enum { READ = 100, EACH = 3 };
    L4_Word_t page = 0;
    start_with(2000, 200, 2400);
    while (memory().pages_promised < memory().pages_limit) {
        touch(++page);
    }
    SIM_CHECK(memory().slots_used == memory().slots_total);
    L4_Word_t before = memory().evictions, read = memory().pages_read;
    for (L4_Word_t i = 1; i <= page && memory().pages_read - read < READ; i++) {
        use(i, false);
    }
    SIM_CHECK(memory().pages_read - read == READ && memory().evictions - before < READ * EACH);
    passed("with a full disk a page that comes in sends out a few at most");
}

static void send(L4_ThreadId_t from, L4_Word_t label, L4_Word_t word, L4_Word_t second)
{
    struct message m = {.from = from, .actual = from, .label = label, .words = 1 + (second != 0)}, reply;
    m.mr[1] = word;
    m.mr[2] = second;
    SIM_CHECK(dispatch(&m, &reply));
}

/* As many requests under way as there can be: of pages that were written, none of which has gone
 * out before.  The pages that leave transit stand for an event's length; returns how many they
 * are. */
static uint32_t pages_under_way(void)
{
    start(700, 2000, 450);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    SIM_CHECK(page_totals.transit > 2 * BOUND);
    return page_totals.transit;
}

static void check_rest(uint32_t left)
{
    for (; page_totals.transit > 0; dispatch_tick()) {
        SIM_CHECK(left - page_totals.transit <= BOUND && event_wants_more());
        left = page_totals.transit;
    }
    SIM_CHECK(left <= BOUND);
}

static void test_driver_dies(void)
{
    uint32_t left = pages_under_way();
    send(root, PHYSMEM_TASK_DELETE, SIM_DRIVER_TASK, 0);
    check_rest(left);
    passed("the swap driver's end");
}

static void new_task(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, id, 1u, sim_reply.mr[2], 0u) == OK);
}

static void attach(L4_Word_t driver)
{
    send(root, PHYSMEM_SET_DRIVER, driver, 0);
    send(sim_id(driver, 2), SWAP_ATTACH, 2000, 1);
}

/* Before all requests of a driver have ended another one has attached its disk, and then a third
 * one. */
static void test_drivers_follow(void)
{
    enum { NEXT = 4, LAST = 5 };
    L4_ThreadId_t puller = sim_id(LAST, 1);
    uint32_t left = pages_under_way();
    for (L4_Word_t driver = NEXT; driver <= LAST; driver++) {
        new_task(driver);
    }
    attach(NEXT);
    SIM_CHECK(left - page_totals.transit <= 2 * BOUND && page_totals.transit > 0);
    left = page_totals.transit;
    attach(LAST);
    check_rest(left);
    sim_send(puller, SWAP_PULL, 0);
    SIM_CHECK(sim_thread(puller)->message.label == SWAP_REQUEST && sim_thread(puller)->message.mr[3] == 0);
    SIM_CHECK(frame_counts.quarantined == 0);
    passed("swap drivers that follow at once");
}

/* The task comes in with slots for all of its pages, and goes out again while slots are short;
 * returns how many events it takes to find the first slot. */
static uint32_t events_to_find_slots(void)
{
    struct message m = {.from = root, .actual = root, .label = PHYSMEM_OUTSWAP, .words = 2}, reply;
    m.mr[1] = A;
    m.mr[2] = OUTSWAP_HOLD;
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    sim_disk_drain();
    sim_advance(30);
    uint32_t spare = page_totals.spare, events = 1;
    SIM_CHECK(spare > UNMAPPED_LEAST);
    (void)dispatch(&m, &reply);
    for (; page_totals.spare == spare; events++) {
        SIM_CHECK(event_wants_more() && page_totals.transit == 0);
        dispatch_tick();
    }
    sim_disk_drain();
    sim_advance(30);
    sim_disk_drain();
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == ERR_ALREADY);
    return events;
}

/* Another task has the frames that are given to pages first, so that A's lie side by side; the
 * second time they are those that have just been looked at. */
static void test_slots_are_short(void)
{
    enum { USED = 60, DISK = 64, LOOKED_AT_BOUND = 700, B = 4, LOW = 0x100 };
    start(700, DISK, 0);
    new_task(B);
    for (L4_Word_t page = 1; frame_first_free(true) != FRAME_NONE; page++) {
        SIM_CHECK(page < LOW);
        sim_fault(sim_id(B, 7), page << PAGE_SHIFT, true);
    }
    for (L4_Word_t page = 1; page < USED; page++) {
        touch(page);
    }
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    (void)events_to_find_slots();
    SIM_CHECK(events_to_find_slots() > (frame_table_count - USED) / LOOKED_AT_BOUND);
    passed("a search for slots that pages in memory have as well");
}

/* A page of each run has a search of its own, in which no other run is long enough. */
static void test_scattered_slots(void)
{
    enum { DISK = 5000, SEARCHES = 20 };
    slot_t first;
    uint32_t n, searches = 0;
    start(700, DISK, 2);
    while (slot_alloc_run(SWAP_RUN_MAX, &first) > 0) {
    }
    for (slot_t s = 1; s < DISK; s += 2) {
        slot_free(s);
    }
    for (budget_start(); budget_left(); searches++) {
        n = slot_alloc_run(SWAP_RUN_MAX, &first);
        SIM_CHECK(n == 1 && first % 2 == 1);
    }
    SIM_CHECK(searches <= SEARCHES);
    for (slot_t s = 1; s < DISK; s++) {
        if (slot_is_used(s)) {
            slot_free(s);
        }
    }
    passed("searches for slots that lie scattered");
}

int main(void)
{
    sim_seed(1);
    test_ranges();
    test_ends();
    test_outswap();
    test_replacement();
    test_samples();
    test_shared();
    test_huge();
    test_full_disk();
    test_driver_dies();
    test_drivers_follow();
    test_slots_are_short();
    test_scattered_slots();
    return end_cases();
}
