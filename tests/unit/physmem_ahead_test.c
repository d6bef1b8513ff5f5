// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Several pages in one request: what goes on behind them is asked for while they are used, a bad
 * one of them fails alone (B16), and none is copied (B17). */
#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/swap.h"

enum { A = 3, PAGES = 100, DISK_PAGES = 2000, WRITTEN = 60 };

static L4_ThreadId_t thread; /* of task A, whose pager is physmem */

/* The page's first word, if the fault is answered in its event. */
static L4_Word_t *touch(L4_Word_t page, bool write)
{
    frame_t frame;
    sim_fault(thread, page << PAGE_SHIFT, write);
    if (!sim_thread(thread)->mapped || !sim_mapping(A, page << PAGE_SHIFT, &frame)) {
        return NULL;
    }
    sim_touch(frame, write);
    return platform_memory(frame << PAGE_SHIFT);
}

/* Task A, whose pages 1 .. WRITTEN - 1 are out, side by side, and hold their numbers. */
static void start(uint32_t frames)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(frames);
    sim_disk_attach(DISK_PAGES, true);
    thread = sim_id(A, 7);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, sim_reply.mr[2], 0u) == OK);
    for (L4_Word_t page = 1; page < WRITTEN; page++) {
        *touch(page, true) = page;
    }
    sim_advance(100); /* no shield keeps them */
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == OK);
    sim_disk_drain();
    sim_space_clear(A);
}

/* A page that is out: the answer comes when it has been read. */
static void fetch(L4_Word_t page)
{
    SIM_CHECK(!touch(page, false));
    sim_disk_drain();
    SIM_CHECK(sim_thread(thread)->mapped && *touch(page, false) == page);
}

static void test_ahead(void)
{
    start(300);
    L4_Word_t read = memory().pages_read, reads = memory().reads;
    fetch(1);
    SIM_CHECK(memory().pages_read == read + 1);
    fetch(2); /* 2 and 3; and as soon as they are there, 4 to 7 */
    SIM_CHECK(memory().pages_read == read + 7 && memory().reads == reads + 3);
    SIM_CHECK(*touch(3, false) == 3 && memory().reads == reads + 3);
    SIM_CHECK(*touch(4, false) == 4 && memory().reads == reads + 4);
    SIM_CHECK(*touch(5, false) == 5 && *touch(4, false) == 4 && memory().reads == reads + 4);
    SIM_CHECK(!touch(8, false) && memory().reads == reads + 5); /* while that is on its way */
    sim_disk_drain();
    for (L4_Word_t page = 8; page < WRITTEN; page++) {
        L4_Word_t *word = touch(page, false);
        SIM_CHECK(word && *word == page);
        sim_disk_drain();
    }
    SIM_CHECK(memory().pages_read == read + WRITTEN - 1);
    passed("what comes next is asked for before the last page of what came is used");
}

/* Pages that are used here and there are read alone. */
static void test_scattered(void)
{
    start(300);
    L4_Word_t read = memory().pages_read;
    for (L4_Word_t page = 2; page < WRITTEN; page += 4) {
        fetch(page);
    }
    SIM_CHECK(memory().pages_read == read + (WRITTEN - 2 + 3) / 4);
    passed("nothing is read ahead for pages here and there");
}

static void test_bad_page(void)
{
    start(300);
    fetch(1);
    SIM_CHECK(sim_disk_damage(5, DISK_PAGES) == 1);
    fetch(2);
    L4_Word_t reads = memory().reads;
    SIM_CHECK(touch(6, false) && *touch(6, false) == 6 && *touch(7, false) == 7);
    SIM_CHECK(memory().reads == reads);
    SIM_CHECK(!touch(5, false));
    sim_disk_drain();
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_CHECKSUM);
    passed("a bad page fails alone: those that were read with it have arrived");
}

/* The frames that the driver is told of are those that the task gets. */
static void test_not_copied(void)
{
    const L4_ThreadId_t driver = sim_id(SIM_DRIVER_TASK, 1);
    start(300);
    L4_Word_t copies = memory().copies;
    for (L4_Word_t page = 1; page < WRITTEN; page += 7) {
        SIM_CHECK(!touch(page, false));
        const struct message *m = &sim_thread(driver)->message;
        SIM_CHECK(m->label == SWAP_REQUEST && m->mr[2] == SWAP_READ && m->mr[4] == 1);
        frame_t f = m->mr[5] >> PAGE_SHIFT;
        sim_disk_drain();
        SIM_CHECK(sim_thread(thread)->mapped && sim_thread(thread)->map_frame == f);
    }
    SIM_CHECK(memory().copies == copies);
    passed("pages are read into the frames in which they are used");
}

int main(void)
{
    test_ahead();
    test_scattered();
    test_bad_page();
    test_not_copied();
    return end_cases();
}
