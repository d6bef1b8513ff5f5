// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of pages, and what that costs: windows, blanks and shared records. */
#include "contents/container.h"
#include "physmem_case.h"
#include "room/frame.h"
#include "tasks/task.h"

enum { A = 3, B = 4, DC_PAGES = 2000, FRAMES = 300, DISK_PAGES = 8000, TEXT = 10, TEXT_PAGES = 3 };

static void make_task(L4_Word_t id)
{
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, id, 1u, sim_reply.mr[2], 0u) == OK);
}

static void start(uint32_t frames)
{
    sim_seed(1);
    sim_boot(frames);
    sim_disk_attach(DISK_PAGES, true);
    make_task(A);
    make_task(B);
}

static handle_t create(L4_Word_t task, L4_Word_t pages, L4_Word_t flags)
{
    SIM_CHECK(sim_call(caller(task), PHYSMEM_CREATE, 2, pages, flags) == OK);
    return sim_reply.mr[2];
}

static void wait_for_disk(void)
{
    sim_disk_drain();
    sim_advance(7);
}

static L4_Word_t *touch(L4_Word_t task, handle_t handle, L4_Word_t page, bool write)
{
    return touch_page(task, handle, page, write, wait_for_disk);
}

static void put(L4_Word_t task, handle_t handle, L4_Word_t page, L4_Word_t value)
{
    L4_Word_t *word = touch(task, handle, page, true);
    SIM_CHECK(word);
    *word = value;
}

static bool holds(L4_Word_t task, handle_t handle, L4_Word_t page, L4_Word_t value)
{
    const L4_Word_t *word = touch(task, handle, page, false);
    return word && *word == value;
}

static void evict(L4_Word_t task)
{
    for (int i = 0; i < 20; i++) {
        sim_advance(20); /* shields run out */
    }
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, task, 0u) == OK);
    sim_disk_drain();
    sim_disk_drain();
}

static L4_Word_t tables(void)
{
    return memory().frames_tables;
}

/* ---- what windows cost ---- */

static void test_small_containers(void)
{
    enum { MANY = 60 };
    start(FRAMES);
    L4_Word_t before = tables(), charged = info(A).charged;
    for (L4_Word_t i = 0; i < MANY; i++) {
        put(A, create(A, 1, 0), 0, i);
    }
    SIM_CHECK(tables() - before <= MANY / 8 && info(A).charged - charged <= MANY + MANY / 8);
    passed("a container of one page costs no frame");
}

static void test_cold_pages(void)
{
    enum { PAGES = 4000, BYTES_A_PAGE = 11 };
    start(FRAMES);
    handle_t handle = create(A, PAGES, 0);
    L4_Word_t before = tables();
    for (L4_Word_t i = 0; i < PAGES; i++) {
        put(A, handle, i, i);
    }
    SIM_CHECK(tables() - before <= PAGES * BYTES_A_PAGE / PAGE_SIZE + 2);
    for (L4_Word_t i = 0; i < PAGES; i += 37) {
        SIM_CHECK(holds(A, handle, i, i));
    }
    passed("a page on swap costs a sixteenth of its window");
}

/* Of many containers with a window each most go, and here and there one stays. */
static void test_gather(void)
{
    enum { MANY = 600, KEPT = 30, EACH = MANY / KEPT, EVENTS = 4000 };
    static handle_t handles[MANY];
    start(FRAMES);
    for (L4_Word_t i = 0; i < MANY; i++) {
        handles[i] = create(A, 2, 0);
        put(A, handles[i], 0, i);
    }
    L4_Word_t before = tables();
    for (L4_Word_t i = 0; i < MANY; i++) {
        if (i % EACH != 0) {
            SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, handles[i]) == OK);
        }
    }
    for (int i = 0; i < EVENTS; i++) {
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handles[0], 1u, 1u) == OK);
    }
    SIM_CHECK(tables() <= before - 3 * MANY * sizeof(struct window) / 4 / PAGE_SIZE);
    for (L4_Word_t i = 0; i < MANY; i += EACH) {
        SIM_CHECK(holds(A, handles[i], 0, i));
    }
    sim_check();
    passed("windows that are left where many have gone move together");
}

static void test_windows_go(void)
{
    enum { PAGES = 3000, EACH = 50 };
    start(FRAMES);
    handle_t handle = create(A, PAGES, 0);
    L4_Word_t before = tables(), bytes = info(A).stub_bytes;
    for (L4_Word_t i = 0; i < PAGES; i += EACH) {
        put(A, handle, i, i);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, i + 3, 1u) == OK);
    }
    SIM_CHECK(tables() > before && info(A).stub_bytes > bytes);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, 0u, (L4_Word_t)PAGES) == OK);
    /* Other windows, which have been moved meanwhile, may lie in two frames instead of one. */
    SIM_CHECK(tables() <= before + 1 && info(A).stub_bytes == bytes);
    SIM_CHECK(holds(A, handle, 3, 0) && holds(A, handle, EACH, 0));
    passed("a window that says the same of all its pages goes");
}

/* Blanks of both kinds in all places of groups, windows and containers. */
static void test_blanks(void)
{
    enum { PAGES = 5000, TIMES = 3000, MOST = 400 };
    static bool hole[PAGES];
    for (int kind = 0; kind < 2; kind++) {
        start(FRAMES);
        handle_t handle = create(A, PAGES, kind == 0 ? 0 : (L4_Word_t)PHYSMEM_CREATE_HOLES);
        memset(hole, kind, sizeof hole);
        for (int i = 0; i < TIMES; i++) {
            bool punch = sim_random(2) == 0;
            uint32_t unit = sim_random(3) == 0 ? WINDOW_PAGES : 1;
            uint32_t first = sim_random(PAGES / unit) * unit, count = 1 + sim_random(MOST);
            count = first + count > PAGES || sim_random(20) == 0 ? PAGES - first : count;
            SIM_CHECK(sim_call(caller(A), punch ? PHYSMEM_PUNCH : PHYSMEM_ZERO, 3, handle, first, count) ==
                      OK);
            memset(hole + first, punch, count);
            uint32_t look = sim_random(2) ? first : sim_random(PAGES);
            SIM_CHECK((touch(A, handle, look, false) == NULL) == hole[look]);
        }
        sim_check();
        SIM_CHECK(sim_call(caller(A), PHYSMEM_CLOSE, 1, handle) == OK);
    }
    passed("holes and implied zeros are where they were made");
}

/* ---- shared pages ---- */

static void test_shared_on_swap(void)
{
    start(FRAMES);
    handle_t from = create(A, 40, 0), to = create(A, 40, 0);
    for (L4_Word_t i = 0; i < 40; i++) {
        put(A, from, i, 1000 + i);
    }
    evict(A);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, from, 0u, to, 0u, 40u) == OK);
    L4_Word_t read = memory().pages_read;
    for (L4_Word_t i = 0; i < 40; i++) {
        SIM_CHECK(holds(A, from, i, 1000 + i) && holds(A, to, i, 1000 + i));
    }
    SIM_CHECK(memory().pages_read - read == 40);
    passed("a page that two places share is read once, wherever it was when it was copied");

    put(A, from, 3, 7);
    evict(A);
    SIM_CHECK(holds(A, from, 3, 7) && holds(A, to, 3, 1003));
    passed("a copy that has been broken goes its own way");
}

/* Source and copy lie differently in their windows. */
static void test_copied_elsewhere(void)
{
    enum { FROM = 5, TO = 12, COUNT = 30 };
    start(FRAMES);
    handle_t from = create(A, 40, 0), to = create(A, 60, 0);
    for (L4_Word_t i = 0; i < 40; i++) {
        put(A, from, i, 1000 + i);
    }
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, from, (L4_Word_t)FROM, to, (L4_Word_t)TO,
                       (L4_Word_t)COUNT) == OK);
    for (L4_Word_t i = 0; i < 60; i++) {
        SIM_CHECK(holds(A, to, i, i >= TO && i < TO + COUNT ? 1000 + FROM + i - TO : 0));
    }
    passed("pages are copied to where they are wanted, and nowhere else");
}

/* The last place that names a shared page has it for itself: in memory, and on swap. */
static void test_alone(void)
{
    for (int out = 0; out < 2; out++) {
        start(FRAMES);
        handle_t from = create(A, 4, 0), to = create(A, 4, 0);
        put(A, from, 0, 5);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, from, 0u, to, 0u, 1u) == OK);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, from) == OK);
        if (out) {
            evict(A);
        }
        L4_Word_t copies = memory().copies;
        put(A, to, 0, 6);
        SIM_CHECK(memory().copies == copies);
        SIM_CHECK(!frame_table[sim_thread(sim_id(A, 7))->map_frame].shared && info(A).shared == 0);
        evict(A);
        SIM_CHECK(holds(A, to, 0, 6));
    }
    passed("who is left alone with a shared page needs no copy, and no record");
}

/* ---- text ---- */

static void test_text(void)
{
    start(FRAMES);
    SIM_CHECK(sim_call(root, PHYSMEM_MODULE, 1, 0u) == OK);
    L4_Word_t module = sim_reply.mr[2];
    SIM_CHECK(sim_call(root, PHYSMEM_SHARE, 3, module, (L4_Word_t)A, (L4_Word_t)RIGHT_READ) == OK);
    L4_Word_t at_a = sim_reply.mr[2];
    SIM_CHECK(sim_call(root, PHYSMEM_SHARE, 3, module, (L4_Word_t)B, (L4_Word_t)RIGHT_READ) == OK);
    L4_Word_t at_b = sim_reply.mr[2];
    handle_t a = create(A, TEXT_PAGES, 0), b = create(B, TEXT_PAGES, 0);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, at_a, 0u, a, 0u, (L4_Word_t)TEXT_PAGES) == OK);
    SIM_CHECK(sim_call(caller(B), PHYSMEM_COPY, 5, at_b, 0u, b, 0u, (L4_Word_t)TEXT_PAGES) == OK);
    evict(1);
    L4_Word_t had = info(A).frames;
    SIM_CHECK(touch(A, a, 0, false) && touch(B, b, 0, false) && info(A).frames == had);
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(info(A).state == TASK_MEMORY_OUT);
    L4_Word_t read = memory().pages_read;
    SIM_CHECK(touch(B, b, 0, false) && memory().pages_read == read);
    passed("text that others use stays when the task that has brought it in goes out");
}

int main(void)
{
    test_small_containers();
    test_cold_pages();
    test_gather();
    test_windows_go();
    test_blanks();
    test_shared_on_swap();
    test_copied_elsewhere();
    test_alone();
    test_text();
    return end_cases();
}
