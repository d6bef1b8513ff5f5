// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that physmem lends to the kernel, and takes back. */
#include <stdio.h>
#include <string.h>

#include "l4/kernel_memory.h"
#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"

enum { A = 3, PAGES = 500 };
/* A last-resort fault of A's, until it is served; the page's first word. */
static uint32_t *touch(L4_Word_t page, bool write)
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
    return platform_memory(frame << PAGE_SHIFT);
}

static void use_pages(L4_Word_t first, L4_Word_t last)
{
    for (L4_Word_t page = first; page < last; page++) {
        *touch(page, true) = page;
    }
}

/* The kernel asks in the name of a thread whose space it cannot restore. */
static void test_kernel_asks(void)
{
    sim_kernel_free = 2;
    SIM_CHECK(sim_call(sim_id(A, 9), L4_LABEL_STOPPED | STOPPED_NO_MEMORY, 2, 0xbf000000u, 0u) == OK);
    SIM_CHECK(sim_kernel_free >= 8);
    passed("a thread whose space cannot be restored has the kernel lent some");
}

/* A message of a thread's own that looks like a fault, with a closed receive window: neither does
 * the kernel lack memory, nor is it lent some. */
static void test_closed_window(void)
{
    L4_ThreadId_t notices = sim_id(1, 2), thread = sim_id(A, 9);
    L4_Word_t lent = memory().frames_lent;
    sim_kernel_free = 3;
    sim_thread(thread)->closed = true;
    sim_fault(thread, 5 << PAGE_SHIFT, false);
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    sim_send(notices, PHYSMEM_NOTICE_PULL, 0);
    const struct message *m = &sim_thread(notices)->message;
    SIM_CHECK(m->mr[2] == NOTICE_BROKEN && m->mr[3] == A && m->mr[6] == ERR_NOT_ACCEPTED);
    SIM_CHECK(memory().frames_lent <= lent && sim_kernel_free <= 3);
    passed("a thread that accepts no page is called so, and the kernel is lent nothing");
}

/* A call whose reply maps a page has the kernel lent some if it might not do, and only then. */
static void test_reply(void)
{
    L4_Word_t lent = memory().frames_lent;
    for (uint32_t free = 3; free >= 2; free--) {
        sim_kernel_free = free;
        SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_MAP, 5, (L4_Word_t)HANDLE_DC, 1u, 1u, (L4_Word_t)RIGHT_READ,
                           0x10000000u) == OK);
        SIM_CHECK(sim_reply.typed_words == 2 && (memory().frames_lent > lent) == (free < 3));
    }
    passed("what a reply may need is there before it is sent");
}

int main(void)
{
    sim_seed(1);
    sim_boot(200);
    sim_disk_attach(500, true);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, sim_reply.mr[2], 0u) == OK);

    sim_kernel_free = 1000;
    SIM_CHECK(sim_call(root, PHYSMEM_KERNEL_MEMORY, 1, 0u) == ERR_KERNEL_MEMORY);
    sim_kernel_free = 3;
    SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_KERNEL_MEMORY, 1, 0u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)TASK_ID_SYSTEM) == ERR_PERMISSION);
    SIM_CHECK(sim_call(root, PHYSMEM_KERNEL_MEMORY, 1, 0u) == OK);
    uint32_t lent = memory().frames_lent;
    SIM_CHECK(sim_kernel_free >= 8 && sim_kernel_free == 3 + lent);
    passed("the kernel is lent frames when it has hardly any, for the task server");

    SIM_CHECK(sim_call(sim_id(A, 8), PHYSMEM_KERNEL_MEMORY, 1, (L4_Word_t)A) != ERR_PERMISSION);
    passed("a task asks for itself, and for nobody else");

    test_reply();
    lent = memory().frames_lent;
    use_pages(1, 250);
    SIM_CHECK(memory().frames_lent == lent && memory().evictions > 0);
    sim_kernel_free = 500;
    use_pages(250, 400);
    SIM_CHECK(memory().frames_lent <= lent / 2 && sim_kernel_free == 500 - (lent - memory().frames_lent));
    for (L4_Word_t page = 1; page < 400; page++) {
        SIM_CHECK(*touch(page, false) == page);
    }
    passed("it keeps a reserve and gives the rest back when frames are short");
    test_kernel_asks();
    test_closed_window();
    return end_cases();
}
