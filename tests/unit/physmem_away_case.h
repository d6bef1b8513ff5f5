/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests of windows that leave for the Segment Map: physmem, and segmap's own code behind its
 * messages.  The map lies in memory of the test, so that all that is in it can be looked at. */
#pragma once

#include <stdlib.h>

#include "contents/container.h"
#include "contents/handle.h"
#include "physmem_case.h"
#include "protocol/segmap.h"
#include "serve.h"
#include "serving/segment_map.h"
#include "tasks/task.h"

enum {
    A = 3,
    SEGMAP = 5,
    DC_PAGES = 2000,
    FRAMES = 300,
    DISK_PAGES = 8000,
    WINDOWS = 8, /* that stay */
    PAGES = 1024,
    EACH = 16, /* a page of each window */
    MAP_PAGES = (DISK_PAGES - 1) / SEGMAP_SLOTS_PER_PAGE,
    MAP_ADDRESS = 0x40000000,
    FIRST_THREAD = 100, /* of those that fault */
};

static struct segmap segmap;
static void *map_memory;
static uint32_t map_bits[MAP_PAGES / 32 + 1];
static uint32_t map_pages; /* of the map, those that segmap knows of */
static L4_Word_t map_handle;
static uint32_t windows_stay = WINDOWS;

static inline const L4_ThreadId_t *segmap_thread(void)
{
    static L4_ThreadId_t thread;
    thread = sim_id(SEGMAP, 7);
    return &thread;
}

static inline void pull(const uint32_t *words, uint32_t count)
{
    struct message m = {.from = *segmap_thread(), .label = SEGMAP_PULL, .words = count};
    for (uint32_t i = 0; i < count; i++) {
        m.mr[1 + i] = words[i];
    }
    sim_thread(m.from)->pulled = false;
    sim_message(&m);
}

/* segmap does what it is given, until its pull stays parked. */
static inline void work(void)
{
    while (sim_thread(*segmap_thread())->pulled) {
        const struct message *m = &sim_thread(*segmap_thread())->message;
        uint32_t calls[SEGMAP_WORDS_MAX], words[SEGMAP_WORDS_MAX];
        SIM_CHECK(m->label == SEGMAP_CALLS);
        for (uint32_t i = 0; i < m->words; i++) {
            calls[i] = m->mr[1 + i];
        }
        uint32_t count = segmap_step(&segmap, calls, m->words, words);
        pull(words, count);
    }
}

/* Some that move the hand. */
static inline void one_more(uint32_t ticks)
{
    sim_advance(ticks);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, 1u, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_CLOSE, 1, sim_reply.mr[2]) == OK);
    sim_disk_drain();
}

/* So many of them, each so much later. */
static inline void events(int count, uint32_t ticks)
{
    for (int i = 0; i < count; i++) {
        one_more(ticks);
        work();
    }
}

static inline void let_pass(int ticks)
{
    events(ticks, 1);
}

static inline void make_task(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, id, 1u, sim_reply.mr[2], 0u) == OK);
}

static inline void start_segmap(void)
{
    uint32_t words[SEGMAP_WORDS_MAX];
    make_task(SEGMAP);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_SEGMAP, 2, (L4_Word_t)SEGMAP, map_handle) == OK);
    segmap_open(&segmap, map_memory, map_pages, map_bits);
    pull(words, segmap_first_pull(&segmap, words));
    work();
}

/* A machine with a map, of which segmap knows so many pages. */
static inline void start_with(uint32_t pages)
{
    map_pages = pages;
    sim_seed(1);
    sim_boot(FRAMES);
    segment_map_init(windows_stay);
    sim_disk_attach(DISK_PAGES, true);
    make_task(A);
    memset(map_memory, 0, (size_t)MAP_PAGES * NODE_BYTES);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)MAP_PAGES, 0u) == OK);
    map_handle = sim_reply.mr[2];
    start_segmap();
}

static inline void start(void)
{
    start_with(MAP_PAGES);
}

static inline handle_t create(L4_Word_t pages)
{
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, pages, 0u) == OK);
    return sim_reply.mr[2];
}

static inline void wait_a_tick(void)
{
    let_pass(1);
}

static inline L4_Word_t *touch(handle_t handle, L4_Word_t page, bool write)
{
    return touch_page(A, handle, page, write, wait_a_tick);
}

static inline void put(handle_t handle, L4_Word_t page, L4_Word_t value)
{
    L4_Word_t *word = touch(handle, page, true);
    SIM_CHECK(word);
    *word = value;
}

static inline bool holds(handle_t handle, L4_Word_t page, L4_Word_t value)
{
    const L4_Word_t *word = touch(handle, page, false);
    return word && *word == value;
}

static inline void evict(void)
{
    for (int i = 0; i < 20; i++) {
        sim_advance(20); /* shields run out */
    }
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == OK);
    sim_disk_drain();
    sim_disk_drain();
}

static inline void fill(handle_t handle)
{
    for (L4_Word_t page = 0; page < PAGES; page += EACH) {
        put(handle, page, 100 + page);
    }
}

/* A full container whose windows have left, but for a few. */
static inline handle_t create_away(void)
{
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    let_pass(1000);
    return handle;
}

static inline struct container *container_of(handle_t handle)
{
    struct handle *h;
    SIM_CHECK(handle_find(task_find(A), handle, RIGHT_READ, &h) == OK);
    return h->container;
}

/* A thread of its own uses the page, and waits if it has to. */
static inline void fault(L4_Word_t number, handle_t handle, L4_Word_t page, bool write)
{
    sim_forward(sim_id(A, 0), sim_id(A, FIRST_THREAD + number), TASK_REGIONS_BASE + (page << PAGE_SHIFT),
                handle, page, write, 7);
}

static inline bool waits(L4_Word_t number)
{
    return sim_thread(sim_id(A, FIRST_THREAD + number))->waits;
}

static inline bool is_served(L4_Word_t number)
{
    return !waits(number) && sim_thread(sim_id(A, FIRST_THREAD + number))->mapped;
}

static inline void check_contents(handle_t handle)
{
    for (L4_Word_t page = 0; page < PAGES; page += EACH) {
        SIM_CHECK(holds(handle, page, 100 + page));
    }
}

/* A call over a range, which is answered with how much of it was done. */
static inline void call_over(L4_Word_t label, handle_t handle, L4_Word_t first, L4_Word_t count)
{
    L4_ThreadId_t thread = caller(A);
    while (count > 0) {
        sim_send(thread, label, 3, handle, first, count);
        for (int i = 0; i < 200 && sim_thread(thread)->waits; i++) {
            let_pass(1);
        }
        const struct message *m = &sim_thread(thread)->message;
        SIM_CHECK(!sim_thread(thread)->waits && m->mr[1] == OK && m->mr[2] <= count);
        first += m->mr[2];
        count -= m->mr[2];
    }
}

static inline void make_map_memory(void)
{
    map_memory = aligned_alloc(NODE_BYTES, (size_t)MAP_PAGES * NODE_BYTES);
}

static inline int end_map_cases(void)
{
    free(map_memory);
    return end_cases();
}
