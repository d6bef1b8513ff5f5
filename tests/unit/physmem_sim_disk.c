/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap disk and its driver (physmem_sim.h). */
#include <stdlib.h>
#include <string.h>

#include "physmem_sim.h"
#include "protocol/physmem.h"
#include "protocol/swap.h"

uint32_t sim_disk_writes;

enum { PENDING_MAX = 64 };

static uint8_t *disk;
static struct pending {
    L4_Word_t id, op, first, count;
    frame_t frames[SWAP_RUN_MAX];
    uint32_t sums[SWAP_RUN_MAX];              /* of what is to be written, when the request came */
} pending[PENDING_MAX], at_work[PENDING_MAX]; /* at_work: for a driver that has ended */
static uint32_t pending_count, at_work_count, disk_pages;
static bool driver_is_alive;

static L4_ThreadId_t driver_pull(void)
{
    return sim_id(SIM_DRIVER_TASK, 1);
}

static uint32_t sum_of(const uint8_t *page)
{
    uint32_t sum = 0;
    for (int i = 0; i < PAGE_SIZE; i++) {
        sum = sum * 31 + page[i];
    }
    return sum;
}

void sim_disk_request(const struct message *m)
{
    SIM_CHECK(pending_count < PENDING_MAX && m->words == 4 + m->mr[4]);
    struct pending *p = &pending[pending_count++];
    p->id = m->mr[1];
    p->op = m->mr[2];
    p->first = m->mr[3];
    p->count = m->mr[4];
    SIM_CHECK(p->count >= 1 && p->first + p->count <= disk_pages && p->op <= SWAP_WRITE);
    SIM_CHECK(p->op == SWAP_READ || p->first > 0);
    for (uint32_t i = 0; i < p->count; i++) {
        p->frames[i] = m->mr[5 + i] >> PAGE_SHIFT;
        SIM_CHECK(!sim_frame_is_mapped(p->frames[i]));
        if (p->op == SWAP_READ) {
            memset((uint8_t *)platform_memory(0) + p->frames[i] * PAGE_SIZE, 0xa5, PAGE_SIZE);
        } else {
            p->sums[i] = sum_of((uint8_t *)platform_memory(0) + p->frames[i] * PAGE_SIZE);
        }
    }
}

void sim_disk_forget(void)
{
    pending_count = at_work_count = 0;
    driver_is_alive = false;
}

bool sim_driver_is_alive(void)
{
    return driver_is_alive;
}

uint32_t sim_requests(void)
{
    return pending_count;
}

static void move_page(const struct pending *p, uint32_t i)
{
    uint8_t *frame = (uint8_t *)platform_memory(0) + p->frames[i] * PAGE_SIZE,
            *slot = disk + (p->first + i) * PAGE_SIZE;
    SIM_CHECK(!sim_frame_is_mapped(p->frames[i]));
    if (p->op == SWAP_READ) {
        memcpy(frame, slot, PAGE_SIZE);
        frame[77] ^= sim_happens(sim_faults.damage) ? 1 : 0;
    } else {
        SIM_CHECK(sum_of(frame) == p->sums[i]); /* nobody wrote to it meanwhile */
        memcpy(slot, frame, PAGE_SIZE);
        sim_disk_writes++;
    }
}

bool sim_reports_next;

/* By the thread that carries requests out. */
static enum error report(L4_Word_t id, enum error e, uint32_t done)
{
    L4_ThreadId_t worker = sim_id(SIM_DRIVER_TASK, 2);
    if (!sim_reports_next) {
        return sim_call(worker, SWAP_DONE, 3, id, (L4_Word_t)e, done);
    }
    sim_thread(worker)->pulled = false;
    sim_send(worker, SWAP_NEXT, 3, id, (L4_Word_t)e, done);
    const struct sim_thread *t = sim_thread(worker);
    return t->pulled && t->message.label == PHYSMEM_REPLY ? (enum error)t->message.mr[1] : OK;
}

void sim_disk_step(void)
{
    if (!sim_thread(driver_pull())->waits) {
        sim_send(driver_pull(), SWAP_PULL, 0);
    }
    if (pending_count == 0) {
        return;
    }
    uint32_t k = sim_random(pending_count), done = 0;
    struct pending p = pending[k];
    pending[k] = pending[--pending_count];
    bool fails =
        sim_happens(p.op == SWAP_READ ? sim_faults.read_error : sim_faults.write_error) && p.first > 0;
    uint32_t good = fails ? sim_random(p.count) : p.count;
    for (; done < good; done++) {
        move_page(&p, done);
    }
    SIM_CHECK(report(p.id, fails ? ERR_IO : OK, done) == OK);
    if (sim_happens(50)) { /* a second report of the same end */
        SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 3), SWAP_DONE, 3, p.id, (L4_Word_t)OK, done) ==
                  ERR_ARGUMENT);
    }
}

void sim_disk_drain(void)
{
    do {
        sim_disk_step();
    } while (pending_count > 0);
}

uint32_t sim_disk_damage(uint32_t word, uint32_t most)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i < disk_pages; i++) {
        uint32_t *first = (uint32_t *)(disk + i * PAGE_SIZE);
        if (*first == word) {
            *first ^= count++ < most ? 1 : 0;
        }
    }
    return count;
}

static void sign_disk(bool strange)
{
    struct swap_header h = {.page_size = PAGE_SIZE, .pages = disk_pages, .uuid = {1, 2, strange ? 4 : 3}};
    memcpy(h.signature, SWAP_SIGNATURE, sizeof h.signature);
    h.checksum = 0x811c9dc5;
    for (size_t i = 0; i < 40; i++) {
        h.checksum = (h.checksum ^ ((uint8_t *)&h)[i]) * 0x01000193;
    }
    memcpy(disk, &h, sizeof h);
}

/* The driver's designated container comes from task 1, like every task's. */
static void make_driver(void)
{
    L4_ThreadId_t root = TASK_SERVER_THREAD;
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)SIM_DRIVER_FIRST + SIM_DRIVER_PAGES,
                       (L4_Word_t)PHYSMEM_CREATE_HOLES) == OK);
    L4_Word_t handle = sim_reply.mr[2];
    SIM_CHECK(sim_call(root, PHYSMEM_ZERO, 3, handle, (L4_Word_t)SIM_DRIVER_FIRST,
                       (L4_Word_t)SIM_DRIVER_PAGES) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)SIM_DRIVER_TASK, 1u, handle, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_WIRE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_DRIVER, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
}

void sim_disk_insert(uint32_t pages, bool sign, bool strange)
{
    free(disk);
    disk = pages > 0 ? calloc(pages, PAGE_SIZE) : NULL;
    disk_pages = pages;
    pending_count = at_work_count = 0;
    if (sign) {
        sign_disk(strange);
    }
}

/* Garbage, so that whoever has the frame already sees it. */
static void device_writes(void)
{
    for (uint32_t i = 0; i < at_work_count; i++) {
        for (uint32_t k = 0; at_work[i].op == SWAP_READ && k < at_work[i].count; k++) {
            SIM_CHECK(!sim_frame_is_mapped(at_work[i].frames[k]));
            memset((uint8_t *)platform_memory(0) + at_work[i].frames[k] * PAGE_SIZE, 0xdb, PAGE_SIZE);
        }
    }
    at_work_count = 0;
}

void sim_driver_start(void)
{
    make_driver();
    driver_is_alive = true;
    device_writes();
    SIM_CHECK(
        sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_ATTACH, 2, disk_pages, 1 + sim_random(SWAP_RUN_MAX)) == OK);
}

void sim_driver_end(void)
{
    SIM_CHECK(at_work_count + pending_count <= PENDING_MAX);
    memcpy(at_work + at_work_count, pending, pending_count * sizeof *pending);
    at_work_count += pending_count;
    pending_count = 0;
    driver_is_alive = false;
    SIM_CHECK(sim_call(TASK_SERVER_THREAD, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SIM_DRIVER_TASK) == OK);
    sim_space_clear(SIM_DRIVER_TASK);
    sim_thread(driver_pull())->waits = false;
}

void sim_disk_attach(uint32_t pages, bool sign)
{
    sim_disk_insert(pages, sign && pages > 0, false);
    if (pages == 0) {
        SIM_CHECK(sim_call(TASK_SERVER_THREAD, PHYSMEM_SET_DRIVER, 1, 0u) == OK);
        return;
    }
    sim_driver_start();
    sim_disk_drain();
    sim_disk_drain();
    if (!sign) {
        SIM_CHECK(sim_call(sim_id(SIM_DRIVER_TASK, 2), SWAP_NONE, 0) == OK);
    }
}
