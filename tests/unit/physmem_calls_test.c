// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* physmem call by call: each one's good and bad words, and the situations that a random run meets
 * too seldom. */
#include <stdio.h>
#include <string.h>

#include "physmem_case.h"
#include "physmem_sim.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"

enum { A = 3, B = 4 }; /* task ids */

static L4_Word_t call_ok(L4_ThreadId_t from, L4_Word_t label, L4_Word_t words, L4_Word_t a, L4_Word_t b,
                         L4_Word_t c, L4_Word_t d, L4_Word_t e)
{
    SIM_CHECK(sim_call(from, label, words, a, b, c, d, e) == OK);
    return sim_reply.mr[2];
}

static void make_task(L4_Word_t id, L4_Word_t pages, L4_Word_t quota)
{
    L4_Word_t handle = call_ok(root, PHYSMEM_CREATE, 2, pages, 0, 0, 0, 0);
    (void)call_ok(root, PHYSMEM_TASK_NEW, 4, id, 1, handle, quota, 0);
}

static uint32_t *at(L4_Word_t id, L4_Word_t address, bool write)
{
    frame_t frame;
    SIM_CHECK(sim_mapping(id, address & ~0xfffu, &frame) & (write ? 2u : 5u));
    sim_touch(frame, write);
    return (uint32_t *)platform_memory(frame << PAGE_SHIFT) + (address & 0xfff) / 4;
}

/* A last-resort fault, until it is served. */
static uint32_t *touch(L4_Word_t id, L4_Word_t address, bool write)
{
    L4_ThreadId_t thread = sim_id(id, 7);
    sim_fault(thread, address, write);
    for (int i = 0; i < 1000 && sim_thread(thread)->waits; i++) {
        sim_disk_drain();
        sim_advance(7);
    }
    SIM_CHECK(sim_thread(thread)->mapped && sim_thread(thread)->map_address == (address & ~0xfffu));
    return at(id, address, write);
}

static void start(uint32_t frames, uint32_t slots)
{
    sim_seed(1);
    sim_faults = (struct sim_faults){0};
    sim_boot(frames);
    sim_disk_attach(slots, true);
}

/* Everything of the task goes to the disk; it stays out. */
static void move_out(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, id, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_advance(30); /* what others use as well is shielded for them until then */
    sim_disk_drain();
    SIM_CHECK(info(id).state == TASK_MEMORY_OUT && info(id).frames == 0 && sim_space_count(id) == 0);
}

static void move_in(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, id) == OK);
    sim_disk_drain();
    SIM_CHECK(info(id).state == TASK_MEMORY_IN);
}

/* ---- boot ---- */

static void test_boot(void)
{
    start(200, 0);
    L4_Word_t image = SIM_ROOT_START;
    SIM_CHECK((touch(1, image, false)[0] & 0xff) == 0x10);
    SIM_CHECK((touch(1, image + 3 * PAGE_SIZE, true)[5] & 0xff) == 0x13);
    SIM_CHECK(touch(1, image + 5 * PAGE_SIZE, true)[5] == 0); /* behind the image: implied zero */
    passed("the root task's image and the pages behind it");

    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == OK);
    L4_Word_t handle = sim_reply.mr[2];
    SIM_CHECK(sim_reply.mr[3] == SIM_MODULE_BYTES && sim_reply.mr[4] == strlen("manifest one two"));
    SIM_CHECK(memcmp(&sim_reply.mr[5], "manifest one two", sim_reply.mr[4]) == 0);
    SIM_CHECK(call_ok(root, PHYSMEM_MAP, 5, handle, 0, 4, 4, TASK_REGIONS_BASE) == 4);
    SIM_CHECK(at(1, TASK_REGIONS_BASE + 3 * PAGE_SIZE, false)[0] == 0x42424242);
    SIM_CHECK(at(1, TASK_REGIONS_BASE + 3 * PAGE_SIZE + 100, false)[0] == 0); /* behind its end */
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 1u) == ERR_NOT_FOUND);
    SIM_CHECK(sim_call(root, PHYSMEM_CLOSE, 1, handle) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_DESTROY, 1, sim_reply.mr[2]) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == ERR_DEAD);
    passed("boot modules");
}

/* Nothing is said of windows: one for eight frames stays.  A small disk has no room for the map. */
static void test_windows_stay(void)
{
    start(200, 5000);
    struct memory_info m = memory();
    SIM_CHECK(m.windows_stay == m.frames_total / 8 && m.map_pages == 0);
    start(200, 500);
    SIM_CHECK(memory().windows_stay == 0);
    passed("windows leave where there is room for the map");
}

/* ---- words that are wrong ---- */

static void test_bad_words(void)
{
    start(200, 500);
    make_task(A, 40, 0);
    make_task(B, 40, 0);
    L4_ThreadId_t a = caller(A), b = caller(B);
    SIM_CHECK(sim_call(a, PHYSMEM_CREATE, 2, 0u, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, PHYSMEM_CREATE, 2, (1u << 20) + 1, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, PHYSMEM_CREATE, 2, 1u, 2u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, PHYSMEM_CREATE, 1, 1u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, 0x17f, 0) == ERR_UNKNOWN);
    SIM_CHECK(sim_call(caller(77), PHYSMEM_CREATE, 2, 1u, 0u) == ERR_NO_TASK);
    L4_Word_t h = call_ok(a, PHYSMEM_CREATE, 2, 1u << 20, 0, 0, 0, 0);
    L4_Word_t small = call_ok(a, PHYSMEM_CREATE, 2, 10, 0, 0, 0, 0);
    SIM_CHECK(sim_call(a, PHYSMEM_ZERO, 3, h, ~0u, 2u) == ERR_RANGE);
    SIM_CHECK(sim_call(a, PHYSMEM_ZERO, 3, h, 1u, 1u << 20) == ERR_RANGE);
    SIM_CHECK(sim_call(a, PHYSMEM_ZERO, 3, h, 1u << 20, 0u) == OK);
    SIM_CHECK(sim_call(a, PHYSMEM_PUNCH, 3, small, 5u, ~0u - 3) == ERR_RANGE);
    SIM_CHECK(sim_call(a, PHYSMEM_COPY, 5, small, 0u, small, 4u, 5u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, PHYSMEM_COPY, 5, small, 0u, small, 5u, 5u) == OK && sim_reply.mr[2] == 5);
    SIM_CHECK(sim_call(a, PHYSMEM_COPY, 5, small, 0u, h, ~0u, 5u) == ERR_RANGE);
    SIM_CHECK(sim_call(b, PHYSMEM_STAT, 2, small, 0u) == ERR_NO_HANDLE);
    SIM_CHECK(sim_call(a, PHYSMEM_SHARE, 3, small, 99u, 4u) == ERR_NO_TASK);
    SIM_CHECK(sim_call(a, PHYSMEM_SHARE, 3, small, (L4_Word_t)B, (L4_Word_t)RIGHT_OWNER) == ERR_ARGUMENT);
    L4_Word_t shared = call_ok(a, PHYSMEM_SHARE, 3, small, B, RIGHT_READ, 0, 0);
    SIM_CHECK(sim_call(b, PHYSMEM_SHARE, 3, shared, (L4_Word_t)A, (L4_Word_t)RIGHT_WRITE) == ERR_RIGHTS);
    SIM_CHECK(sim_call(b, PHYSMEM_ZERO, 3, shared, 0u, 1u) == ERR_RIGHTS);
    SIM_CHECK(sim_call(b, PHYSMEM_PUNCH, 3, shared, 0u, 1u) == ERR_RIGHTS);
    SIM_CHECK(sim_call(b, PHYSMEM_DESTROY, 1, shared) == ERR_RIGHTS);
    SIM_CHECK(sim_call(b, PHYSMEM_MAP, 5, shared, 0u, 1u, 6u, TASK_REGIONS_BASE) == ERR_RIGHTS);
    SIM_CHECK(sim_call(b, PHYSMEM_MAP, 5, shared, 0u, 31u, 4u, TASK_REGIONS_BASE) == ERR_RANGE);
    SIM_CHECK(sim_call(a, PHYSMEM_MAP, 5, h, 0u, 31u, 4u, TASK_REGIONS_BASE) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(b, PHYSMEM_MAP, 5, shared, 0u, 2u, 4u, TASK_REGIONS_END - PAGE_SIZE) == ERR_RANGE);
    SIM_CHECK(sim_call(b, PHYSMEM_MAP, 5, shared, 0u, 2u, 4u, 0u) == ERR_RANGE);
    SIM_CHECK(sim_call(b, PHYSMEM_MAP, 5, shared, 0u, 2u, 4u, 0x1001u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(a, PHYSMEM_DESTROY, 1, small) == OK);
    SIM_CHECK(sim_call(b, PHYSMEM_STAT, 2, shared, 0u) == ERR_DEAD);
    SIM_CHECK(sim_call(b, PHYSMEM_CLOSE, 1, shared) == OK);
    SIM_CHECK(sim_call(b, PHYSMEM_CLOSE, 1, shared) == ERR_NO_HANDLE);
    SIM_CHECK(sim_call(b, PHYSMEM_CLOSE, 1, (L4_Word_t)HANDLE_DC) == ERR_PERMISSION);
    passed("container calls refuse what is wrong");

    for (L4_Word_t label = PHYSMEM_TASK_NEW; label <= PHYSMEM_DEBUG_DAMAGE; label++) {
        SIM_CHECK(sim_call(a, label, 1, (L4_Word_t)B) == ERR_PERMISSION);
    }
    for (L4_Word_t label = SWAP_ATTACH; label <= SWAP_DONE; label++) {
        SIM_CHECK(sim_call(a, label, 0) == ERR_PERMISSION);
    }
    passed("privileged calls are refused to others");
}

static void test_task_calls(void)
{
    start(200, 500);
    make_task(A, 40, 0);
    L4_Word_t h = call_ok(root, PHYSMEM_CREATE, 2, 10, 0, 0, 0, 0);
    L4_Word_t lent = call_ok(root, PHYSMEM_SHARE, 3, h, A, RIGHT_READ, 0, 0);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, h, 0u) == ERR_ALREADY);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 1u, 1u, h, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 64u, 1u, h, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 5u, 99u, h, 0u) == ERR_NO_TASK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 5u, 1u, 999u, 0u) == ERR_NO_HANDLE);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 5u, (L4_Word_t)A, lent, 0u) == ERR_RIGHTS);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, 5u, (L4_Word_t)A, (L4_Word_t)HANDLE_DC, 0u) == ERR_ALREADY);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, 1u) == ERR_SELF);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, 9u) == ERR_NO_TASK);
    passed("designated container: none, too weak, someone else's, one already");

    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, 1u, 0u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)SIM_DRIVER_TASK, 0u) == ERR_WIRED);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, 9u, 0u) == ERR_NO_TASK);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, 4u) == ERR_ARGUMENT);
    move_out(A);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, 0u) == ERR_ALREADY);
    move_in(A);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == ERR_ALREADY);
    passed("outswap refusals are distinct, a second one is refused");

    SIM_CHECK(sim_call(root, PHYSMEM_PHYS_ADDR, 2, (L4_Word_t)A, 3u) == ERR_PERMISSION);
    SIM_CHECK(sim_call(root, PHYSMEM_PHYS_ADDR, 2, (L4_Word_t)SIM_DRIVER_TASK, 99u) == ERR_RANGE);
    L4_Word_t physical = call_ok(root, PHYSMEM_PHYS_ADDR, 2, SIM_DRIVER_TASK, SIM_DRIVER_FIRST, 0, 0, 0);
    touch(SIM_DRIVER_TASK, SIM_DRIVER_FIRST * PAGE_SIZE, true)[0] = 77;
    SIM_CHECK(*(uint32_t *)platform_memory(physical) == 77);
    passed("physical addresses of wired tasks only");
}

/* ---- faults ---- */

static void check_broken(L4_Word_t address, enum error why)
{
    L4_ThreadId_t thread = sim_id(A, 7);
    make_task(A, 40, 0);
    (void)call_ok(caller(A), PHYSMEM_PUNCH, 3, HANDLE_DC, 5, 1, 0, 0);
    sim_fault(thread, address, false);
    SIM_CHECK(sim_thread(thread)->waits); /* not answered */
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    const struct message *m = &sim_thread(sim_id(1, 90))->message;
    SIM_CHECK(m->mr[3] == A && m->mr[4] == thread.raw && m->mr[5] == address && m->mr[6] == why &&
              m->mr[7] == 0x1234);
    SIM_CHECK(next_notice() == 0);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK);
    sim_space_clear(A);
}

static void test_last_resort(void)
{
    start(200, 500);
    check_broken(5 * PAGE_SIZE, ERR_HOLE);
    check_broken(0, ERR_RANGE);
    check_broken(50 * PAGE_SIZE, ERR_RANGE);
    check_broken(0xc0000000, ERR_RANGE);
    check_broken(~0u, ERR_RANGE);
    make_task(A, 40, 0);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, (L4_Word_t)HANDLE_DC) == OK);
    sim_fault(sim_id(A, 7), 3 * PAGE_SIZE, true);
    SIM_CHECK(next_notice() == NOTICE_BROKEN);
    passed("last-resort faults that cannot be served are reported once and never answered");
}

static enum error note_of(L4_ThreadId_t thread)
{
    return (enum error)call_ok(caller(L4_Version(thread)), PHYSMEM_ASK, 1, thread.raw, 0, 0, 0, 0);
}

static void check_note(L4_Word_t address, L4_Word_t handle, L4_Word_t page, bool write, L4_Word_t rights,
                       enum error why)
{
    L4_ThreadId_t thread = sim_id(A, 7);
    sim_forward(sim_id(A, 0), thread, address, handle, page, write, rights);
    SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped);
    SIM_CHECK(note_of(thread) == why && sim_reply.mr[3] == address);
    SIM_CHECK(note_of(thread) == OK);
}

static void test_forwards(void)
{
    start(200, 500);
    make_task(A, 40, 0);
    make_task(B, 40, 0);
    L4_ThreadId_t thread = sim_id(A, 7);
    L4_Word_t h = call_ok(caller(A), PHYSMEM_CREATE, 2, 10, PHYSMEM_CREATE_HOLES, 0, 0, 0);
    (void)call_ok(caller(A), PHYSMEM_ZERO, 3, h, 0, 5, 0, 0);
    check_note(TASK_REGIONS_BASE, h, 7, false, 7, ERR_HOLE);
    check_note(TASK_REGIONS_BASE, h, 10, false, 7, ERR_RANGE);
    check_note(TASK_REGIONS_BASE, h + 9, 1, false, 7, ERR_NO_HANDLE);
    check_note(TASK_REGIONS_BASE, h, 1, true, 5, ERR_RIGHTS);
    check_note(TASK_REGIONS_BASE, h, 1, false, 2, ERR_RIGHTS);
    check_note(0xc0000000, h, 1, false, 7, ERR_RANGE);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_ASK, 1, thread.raw) == ERR_PERMISSION);
    passed("forwards that are wrong leave a note, once");

    uint32_t dropped = memory().dropped;
    sim_send(thread, PHYSMEM_FORWARD, 4, TASK_REGIONS_BASE, h, 1u, 0x75u); /* without flag P */
    SIM_CHECK(!sim_thread(thread)->answered);
    sim_forward(sim_id(B, 0), thread, TASK_REGIONS_BASE, h, 1, false, 7); /* another task's pager */
    SIM_CHECK(!sim_thread(thread)->answered && memory().dropped == dropped + 2);
    passed("forged and orphaned forwards are dropped and counted");

    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE + 123, h, 1, true, 7);
    SIM_CHECK(sim_thread(thread)->mapped && sim_thread(thread)->map_address == TASK_REGIONS_BASE);
    SIM_CHECK(sim_thread(thread)->map_rights == 7);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE + 0x5000, h, 2, false, 5);
    SIM_CHECK(sim_thread(thread)->map_rights == 5 && memory().depth_max == 1);
    (void)touch(A, 3 * PAGE_SIZE, true); /* thread 7 as the pager, with a fault of its own first */
    sim_forward(thread, sim_id(A, 8), TASK_REGIONS_BASE, h, 1, true, 7);
    SIM_CHECK(memory().depth_max == 2);
    passed("rights given are the region's; depth");

    sim_faults.map_memory = 1;
    enum error note = OK;
    for (int i = 0; i < 10 && note == OK; i++) { /* first its other mappings go */
        sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, h, 1, true, 7);
        SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped);
        note = note_of(thread), sim_advance(30); /* shields end */
    }
    sim_faults.map_memory = 0;
    SIM_CHECK(note == ERR_KERNEL_MEMORY && sim_space_count(A) == 0);
    passed("no kernel memory for a mapping, and no other mappings: empty answer and a note");

    L4_Word_t before = memory().frames_wired;
    sim_kernel_free = 3;
    sim_faults.map_memory = 1;
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, h, 1, true, 7);
    sim_faults.map_memory = 0;
    SIM_CHECK(sim_thread(thread)->answered && !sim_thread(thread)->mapped && note_of(thread) == OK);
    SIM_CHECK(memory().frames_lent == sim_kernel_free - 3 && memory().frames_lent > 0);
    SIM_CHECK(memory().frames_wired == before + memory().frames_lent);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, h, 1, true, 7);
    SIM_CHECK(sim_thread(thread)->mapped);
    sim_kernel_free = 1000;
    passed("the kernel out of memory: it is lent some, and the fault happens again");
}

/* Ten threads on one page: one read, ten wakes; one of them is killed meanwhile. */
static void test_joined_faults(void)
{
    start(200, 500);
    make_task(A, 40, 0);
    touch(A, 9 * PAGE_SIZE, true)[3] = 99;
    move_out(A);
    (void)call_ok(root, PHYSMEM_INSWAP, 1, A, 0, 0, 0, 0); /* its pages are READING now */
    uint32_t reads = memory().reads;
    for (L4_Word_t i = 0; i < 10; i++) {
        sim_fault(sim_id(A, 10 + i), 9 * PAGE_SIZE + i, false);
        SIM_CHECK(sim_thread(sim_id(A, 10 + i))->waits);
    }
    SIM_CHECK(memory().parked == 10 && memory().reads == reads);
    (void)call_ok(root, PHYSMEM_FORGET_THREAD, 1, sim_id(A, 13).raw, 0, 0, 0, 0);
    (void)call_ok(caller(A), PHYSMEM_FORGET_RANGE, 2, 9 * PAGE_SIZE + 5, 9 * PAGE_SIZE + 6, 0, 0, 0);
    SIM_CHECK(sim_reply.mr[2] == 1 && sim_thread(sim_id(A, 15))->answered &&
              !sim_thread(sim_id(A, 15))->mapped);
    sim_disk_drain();
    for (L4_Word_t i = 0; i < 10; i++) {
        SIM_CHECK(sim_thread(sim_id(A, 10 + i))->mapped == (i != 3 && i != 5));
    }
    SIM_CHECK(at(A, 9 * PAGE_SIZE, false)[3] == 99 && memory().parked == 0);
    passed("ten faults on one page: one read, all woken");
}

/* ---- copies ---- */

static void test_copies(void)
{
    start(300, 2000);
    make_task(A, 40, 0);
    L4_ThreadId_t a = caller(A), thread = sim_id(A, 7);
    L4_Word_t h[101];
    h[0] = call_ok(a, PHYSMEM_CREATE, 2, 4, 0, 0, 0, 0);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, h[0], 0, true, 7);
    *at(A, TASK_REGIONS_BASE, true) = 1234;
    for (int i = 1; i <= 100; i++) {
        h[i] = call_ok(a, PHYSMEM_CREATE, 2, 4, 0, 0, 0, 0);
        SIM_CHECK(call_ok(a, PHYSMEM_COPY, 5, h[i - 1], 0, h[i], 0, 4) == 4);
    }
    SIM_CHECK(info(A).frames == 1 && memory().copies == 0);
    frame_t frame;
    SIM_CHECK(!(sim_mapping(A, TASK_REGIONS_BASE, &frame) & 2));
    for (int i = 0; i < 100; i += 2) {
        SIM_CHECK(sim_call(a, PHYSMEM_DESTROY, 1, h[i]) == OK);
    }
    uint32_t written = sim_disk_writes;
    move_out(A);
    SIM_CHECK(sim_disk_writes == written + 1); /* the shared page goes to the disk once */
    move_in(A);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, h[99], 0, true, 7);
    SIM_CHECK(*at(A, TASK_REGIONS_BASE, true) == 1234 && memory().copies == 1);
    *at(A, TASK_REGIONS_BASE, true) = 5;
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE + 0x1000, h[97], 0, false, 7);
    SIM_CHECK(*at(A, TASK_REGIONS_BASE + 0x1000, false) == 1234);
    for (int i = 1; i <= 99; i += 2) {
        SIM_CHECK(sim_call(a, PHYSMEM_CLOSE, 1, h[i]) == OK);
    }
    SIM_CHECK(sim_call(a, PHYSMEM_CLOSE, 1, h[100]) == OK);
    SIM_CHECK(info(A).promised == 0 && info(A).containers == 1);
    passed("a chain of a hundred copies; the shared page is written once");
}

/* ---- the disk ---- */

static void test_unsigned_disk(void)
{
    sim_boot(200);
    sim_disk_attach(500, false);
    SIM_CHECK(memory().slots_total == 0);
    make_task(A, 400, 0);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, 0u) == ERR_NO_SWAP);
    L4_ThreadId_t thread = sim_id(A, 7);
    L4_Word_t page = 1;
    for (; page < 400; page++) {
        sim_fault(thread, page * PAGE_SIZE, true);
        if (!sim_thread(thread)->mapped) {
            break;
        }
        *at(A, page * PAGE_SIZE, true) = page;
    }
    SIM_CHECK(page > 100 && page < 400 && next_notice() == NOTICE_BROKEN);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_NO_ROOM && memory().frames_free >= 16);
    SIM_CHECK(sim_disk_writes == 0 || memory().writes == 0);
    passed("a disk without the signature is never written; without swap the frames are the limit");
}

static void test_damage(void)
{
    start(200, 500);
    make_task(A, 40, 0);
    L4_ThreadId_t thread = sim_id(A, 7);
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_DAMAGE, 2, (L4_Word_t)A, 9u) == ERR_NOT_FOUND);
    touch(A, 9 * PAGE_SIZE, true)[3] = 99;
    touch(A, 10 * PAGE_SIZE, true)[3] = 100;
    move_out(A);
    (void)call_ok(root, PHYSMEM_DEBUG_DAMAGE, 2, A, 9, 0, 0, 0);
    move_in(A);
    SIM_CHECK(memory().io_errors == 1);
    sim_forward(sim_id(A, 0), thread, 9 * PAGE_SIZE, HANDLE_DC, 9, false, 7);
    sim_disk_drain(); /* it is read again */
    SIM_CHECK(!sim_thread(thread)->mapped && note_of(thread) == ERR_CHECKSUM);
    SIM_CHECK(touch(A, 10 * PAGE_SIZE, false)[3] == 100);
    (void)call_ok(caller(A), PHYSMEM_ZERO, 3, HANDLE_DC, 9, 1, 0, 0);
    SIM_CHECK(touch(A, 9 * PAGE_SIZE, false)[3] == 0);
    passed("a damaged page is an error for who wants it, and can be replaced");
}

static void test_swap_full(void)
{
    start(300, 21); /* 20 slots */
    make_task(A, 60, 0);
    for (L4_Word_t page = 1; page < 50; page++) {
        *touch(A, page * PAGE_SIZE, true) = page;
    }
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    SIM_CHECK(info(A).state == TASK_MEMORY_IN && next_notice() == NOTICE_OUT);
    SIM_CHECK(sim_thread(sim_id(1, 90))->message.mr[6] == ERR_NO_ROOM);
    for (L4_Word_t page = 1; page < 50; page++) {
        SIM_CHECK(*touch(A, page * PAGE_SIZE, false) == page);
    }
    passed("swap full half-way: rolled back");
}

static void test_quota(void)
{
    start(200, 500);
    make_task(A, 60, 0);
    L4_Word_t quota = info(A).charged + 1 + 10; /* its table, and ten pages */
    (void)call_ok(root, PHYSMEM_TASK_DELETE, 1, A, 0, 0, 0, 0);
    make_task(A, 60, quota);
    L4_ThreadId_t thread = sim_id(A, 7);
    for (L4_Word_t page = 1; page <= 10; page++) {
        (void)touch(A, page * PAGE_SIZE, true);
    }
    sim_forward(sim_id(A, 0), thread, 20 * PAGE_SIZE, HANDLE_DC, 20, true, 7);
    SIM_CHECK(note_of(thread) == ERR_QUOTA);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, 1u, 1u, 1u, 30u, 5u) == ERR_QUOTA && sim_reply.mr[2] == 0);
    (void)call_ok(caller(A), PHYSMEM_ZERO, 3, HANDLE_DC, 1, 3, 0, 0);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, 1u, 4u, 1u, 30u, 5u) == ERR_QUOTA && sim_reply.mr[2] == 3);
    SIM_CHECK(info(A).promised == 10 && info(A).quota == quota && info(A).charged == quota);
    passed("quota");
}

/* ---- outswap ---- */

static void test_outswap_wakes(void)
{
    start(200, 500);
    make_task(A, 60, 0);
    for (L4_Word_t page = 1; page < 50; page++) {
        *touch(A, page * PAGE_SIZE, true) = page;
    }
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, OUTSWAP_HOLD, 0, 0, 0);
    SIM_CHECK(info(A).state == TASK_MEMORY_GOING_OUT && sim_space_count(A) == 0);
    sim_fault(sim_id(A, 7), 5 * PAGE_SIZE, false);
    sim_disk_drain();
    sim_advance(1000);
    SIM_CHECK(sim_thread(sim_id(A, 7))->waits && info(A).state == TASK_MEMORY_OUT && info(A).swapped == 49);
    SIM_CHECK(next_notice() == NOTICE_OUT && next_notice() == 0);
    SIM_CHECK(L4_Version(sim_stripped) == A);
    move_in(A);
    SIM_CHECK(sim_thread(sim_id(A, 7))->mapped && info(A).frames == 49);
    SIM_CHECK(next_notice() == NOTICE_IN);
    passed("held: faults wait for INSWAP, which brings the working set");

    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, 0, 0, 0, 0);
    sim_disk_drain();
    SIM_CHECK(info(A).state == TASK_MEMORY_OUT);
    SIM_CHECK(*touch(A, 8 * PAGE_SIZE, false) == 8 && info(A).state == TASK_MEMORY_IN);
    sim_disk_drain();
    SIM_CHECK(info(A).frames == 49);
    passed("not held: the first fault wakes it");

    sim_stripped = L4_nilthread;
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, OUTSWAP_DC_ONLY, 0, 0, 0);
    sim_disk_drain();
    SIM_CHECK(info(A).state == TASK_MEMORY_IN && info(A).frames_dc == 0);
    SIM_CHECK(L4_IsNilThread(sim_stripped));
    passed("the pager alone");

    for (L4_Word_t page = 1; page < 50; page++) {
        *touch(A, page * PAGE_SIZE, true) = page;
    }
    (void)call_ok(root, PHYSMEM_OUTSWAP, 2, A, 0, 0, 0, 0);
    uint32_t used = memory().slots_used;
    SIM_CHECK(sim_requests() > 0 && used > 0);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)A) == OK && sim_reply.mr[4] == 1);
    sim_disk_drain();
    SIM_CHECK(memory().slots_used == 0 && memory().frames_transit == 0);
    passed("deleted on its way out");
}

/* Text that two tasks share stays, and is not counted against either. */
static void test_shared_text(void)
{
    start(200, 500);
    L4_Word_t text = call_ok(root, PHYSMEM_CREATE, 2, 4, 0, 0, 0, 0);
    sim_forward(root, sim_id(1, 9), TASK_REGIONS_BASE, text, 0, true, 7);
    *at(1, TASK_REGIONS_BASE, true) = 4711;
    for (L4_Word_t id = A; id <= B; id++) {
        L4_Word_t dc = call_ok(root, PHYSMEM_CREATE, 2, 40, 0, 0, 0, 0);
        (void)call_ok(root, PHYSMEM_COPY, 5, text, 0, dc, 10, 1);
        (void)call_ok(root, PHYSMEM_TASK_NEW, 4, id, 1, dc, 0, 0);
        SIM_CHECK(*touch(id, 10 * PAGE_SIZE, false) == 4711);
        (void)touch(id, 11 * PAGE_SIZE, true);
    }
    SIM_CHECK(info(A).frames == 1 && info(A).shared == 1);
    sim_advance(30); /* no shield keeps it */
    move_out(A);
    uint32_t reads = memory().reads;
    SIM_CHECK(*touch(B, 10 * PAGE_SIZE, false) == 4711 && memory().reads == reads);
    move_in(A);
    SIM_CHECK(*touch(A, 10 * PAGE_SIZE, false) == 4711);
    move_out(A); /* while it is shielded for both */
    SIM_CHECK(info(A).shared == 1 && *touch(B, 10 * PAGE_SIZE, false) == 4711);
    passed("shared text");
}

/* ---- the driver ---- */

static void test_driver(void)
{
    L4_ThreadId_t driver = sim_id(SIM_DRIVER_TASK, 2);
    start(200, 500);
    uint32_t dropped = memory().dropped;
    SIM_CHECK(sim_call(driver, SWAP_ATTACH, 2, 500u, 8u) == ERR_ALREADY);
    SIM_CHECK(sim_call(driver, SWAP_DONE, 3, 0x12345u, 0u, 1u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(driver, SWAP_DONE, 3, 0u, 0u, 1u) == ERR_ARGUMENT && memory().dropped == dropped + 2);
    passed("ends of unknown requests are counted and ignored");

    make_task(A, 60, 0);
    for (L4_Word_t page = 1; page < 20; page++) {
        *touch(A, page * PAGE_SIZE, true) = page;
    }
    move_out(A);
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK && sim_requests() == 1);
    uint32_t total = memory().frames_total, wired = memory().frames_wired;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    struct memory_info m = memory();
    SIM_CHECK(m.frames_transit == 0 && m.frames_wired + 45 > wired && m.frames_total == total &&
              m.slots_total > 0);
    sim_fault(sim_id(A, 7), 5 * PAGE_SIZE, false);
    SIM_CHECK(next_notice() == NOTICE_OUT && next_notice() == NOTICE_IN && next_notice() == 0);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_DRIVER, 1, 0u) == OK);
    SIM_CHECK(sim_thread(sim_id(A, 7))->waits && next_notice() == NOTICE_BROKEN);
    passed("the driver dies for good: its frames are put aside, who needs the disk gets an error");
}

int main(void)
{
    test_boot();
    test_windows_stay();
    test_bad_words();
    test_task_calls();
    test_last_resort();
    test_forwards();
    test_joined_faults();
    test_copies();
    test_unsigned_disk();
    test_damage();
    test_swap_full();
    test_quota();
    test_outswap_wakes();
    test_shared_text();
    test_driver();
    return end_cases();
}
