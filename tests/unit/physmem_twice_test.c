// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of boot modules are kept twice on the swap disk: program text that many tasks share. */
#include "contents/page.h"
#include "physmem_case.h"
#include "protocol/swap.h"
#include "room/frame.h"

enum { A = 3, B = 4, PAGES = 600, TEXT = 10, TEXT_PAGES = 3, DISK_PAGES = 2000, FRAMES = 200, LONG = 300 };

static L4_Word_t word_of(L4_Word_t page)
{
    return 0x7e570000 + page;
}

/* The module's pages stand in the task's memory from TEXT on. */
static void start_task(L4_Word_t task, L4_Word_t module)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)PAGES, 0u) == OK);
    L4_Word_t memory = sim_reply.mr[2];
    SIM_CHECK(sim_call(root, PHYSMEM_COPY, 5, module, 0u, memory, (L4_Word_t)TEXT, (L4_Word_t)TEXT_PAGES) ==
              OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, task, 1u, memory, 0u) == OK);
}

static void start(uint32_t disk_pages)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(FRAMES);
    for (L4_Word_t i = 0; i < TEXT_PAGES; i++) {
        *(L4_Word_t *)platform_memory(SIM_MODULE_START + i * PAGE_SIZE) = word_of(i);
    }
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == OK);
    L4_Word_t module = sim_reply.mr[2];
    start_task(A, module);
    start_task(B, module);
    sim_disk_attach(disk_pages, true);
}

/* False: the task is ended instead. */
static bool touch(L4_Word_t task, L4_Word_t page, bool write, L4_Word_t **word)
{
    frame_t frame;
    L4_ThreadId_t thread = sim_id(task, 7);
    sim_fault(thread, page << PAGE_SHIFT, write);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    if (!sim_mapping(task, page << PAGE_SHIFT, &frame)) {
        return false;
    }
    sim_touch(frame, write);
    *word = platform_memory(frame << PAGE_SHIFT);
    return true;
}

static bool reads(L4_Word_t task, L4_Word_t page, L4_Word_t value)
{
    L4_Word_t *word;
    return touch(task, page, false, &word) && *word == value;
}

static void write_page(L4_Word_t task, L4_Word_t page, L4_Word_t value)
{
    L4_Word_t *word;
    SIM_CHECK(touch(task, page, true, &word));
    *word = value;
}

/* All pages of the task that may go do. */
static void evict(L4_Word_t task)
{
    for (int i = 0; i < LONG; i += 20) {
        sim_advance(20); /* shields run out */
    }
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, task, 0u) == OK);
}

static void evict_text(void)
{
    evict(1);
    sim_disk_drain();
    sim_disk_drain();
}

static void test_first_copy(void)
{
    start(DISK_PAGES);
    evict_text();
    for (L4_Word_t i = 0; i < TEXT_PAGES; i++) {
        SIM_CHECK(sim_disk_damage(word_of(i), 0) == 2);
    }
    SIM_CHECK(sim_disk_damage(word_of(1), 1) == 2);
    L4_Word_t slots = memory().slots_total, twins = page_totals.twins;
    SIM_CHECK(reads(A, TEXT + 1, word_of(1)) && reads(B, TEXT + 1, word_of(1)));
    SIM_CHECK(memory().io_errors == 3 && memory().slots_total == slots - 1 && next_notice() == 0);
    passed("a page of a boot module whose first copy is damaged is read from the second");

    evict_text();
    SIM_CHECK(page_totals.twins == twins);
    SIM_CHECK(reads(B, TEXT + 1, word_of(1)) && next_notice() == 0);
    passed("then it is written twice again");
}

static void test_cannot_be_read(void)
{
    start(DISK_PAGES);
    evict_text();
    sim_fault(sim_id(A, 7), TEXT << PAGE_SHIFT, false);
    sim_faults.read_error = 1;
    for (int i = 0; i < 3; i++) {
        sim_disk_step();
    }
    sim_faults.read_error = 0;
    SIM_CHECK(reads(A, TEXT, word_of(0)) && memory().io_errors == 3 && next_notice() == 0);
    passed("the same where the disk cannot read the first copy");
}

static void test_both_copies(void)
{
    start(DISK_PAGES);
    evict_text();
    SIM_CHECK(sim_disk_damage(word_of(1), 2) == 2);
    SIM_CHECK(!reads(A, TEXT + 1, word_of(1)) && next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_CHECKSUM);
    SIM_CHECK(reads(A, TEXT, word_of(0)));
    passed("where both are damaged the page is lost");
}

static void test_written(void)
{
    start(DISK_PAGES);
    write_page(A, TEXT, 77);
    evict(A);
    sim_disk_drain();
    evict_text();
    SIM_CHECK(sim_disk_damage(77, 0) == 1 && sim_disk_damage(word_of(0), 0) == 2);
    SIM_CHECK(reads(A, TEXT, 77) && reads(B, TEXT, word_of(0)));
    passed("a page that a task has written to is kept once");
}

static void test_driver_dies(void)
{
    start(DISK_PAGES);
    evict(1);
    SIM_CHECK(sim_requests() > 0);
    sim_driver_end();
    sim_check();
    sim_driver_start();
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(reads(A, TEXT, word_of(0)));
    evict_text();
    SIM_CHECK(page_totals.twins >= TEXT_PAGES && reads(A, TEXT, word_of(0)));
    passed("a driver that dies meanwhile loses neither page nor slot");
}

/* The module ends while its pages are written; who shares them has them still, once. */
static void test_module_ends(void)
{
    start(DISK_PAGES);
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == OK);
    L4_Word_t module = sim_reply.mr[2];
    evict(1);
    SIM_CHECK(sim_requests() > 0);
    SIM_CHECK(sim_call(root, PHYSMEM_DESTROY, 1, module) == OK);
    sim_check();
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(page_totals.twins == 0 && reads(A, TEXT, word_of(0)));
    passed("pages of a module that has ended are kept once");
}

/* Second copies are the first to go: as many pages can be made as if there were none. */
static void test_full_disk(void)
{
    enum { SLOTS = 20 };
    start(1 + SLOTS);
    evict_text();
    SIM_CHECK(page_totals.twins >= TEXT_PAGES);
    L4_Word_t page = TEXT + TEXT_PAGES, *word;
    while (touch(A, page, true, &word)) {
        *word = page++;
    }
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_NO_ROOM);
    SIM_CHECK(page_totals.twins == 0 && memory().pages_promised == memory().pages_limit);
    for (L4_Word_t i = TEXT + TEXT_PAGES; i < page; i++) {
        SIM_CHECK(reads(A, i, i));
    }
    SIM_CHECK(reads(B, TEXT, word_of(0)));
    passed("nobody is refused anything for want of a slot for a second copy");
}

int main(void)
{
    test_first_copy();
    test_cannot_be_read();
    test_both_copies();
    test_written();
    test_driver_dies();
    test_module_ends();
    test_full_disk();
    return end_cases();
}
