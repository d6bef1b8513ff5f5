// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c lib/base/format.c servers/physmem/*/*.c servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that wait for windows which are away, and segmap, which is slow, dies, or has no room:
 * the rows B24, B33, B35 and B37. */
#include "contents/away.h"
#include "contents/handle.h"
#include "physmem_away_case.h"
#include "tasks/task.h"

enum { FIRST_THREAD = 100 };

static struct container *container_of(handle_t handle)
{
    struct handle *h;
    SIM_CHECK(handle_find(task_find(A), handle, RIGHT_READ, &h) == OK);
    return h->container;
}

/* The first page at or behind `page` that fill has written and whose window is away. */
static L4_Word_t next_away(handle_t handle, L4_Word_t page)
{
    while (page < PAGES && container_entry(container_of(handle), page) != ENTRY_AWAY) {
        page += EACH;
    }
    SIM_CHECK(page < PAGES);
    return page;
}

/* A full container whose windows have left, but for a few. */
static handle_t create_away(void)
{
    handle_t handle = create(PAGES);
    fill(handle);
    evict();
    let_pass(1000);
    return handle;
}

/* A thread of its own reads the page, and waits. */
static void fault(L4_Word_t number, handle_t handle, L4_Word_t page)
{
    sim_forward(sim_id(A, 0), sim_id(A, FIRST_THREAD + number), TASK_REGIONS_BASE + (page << PAGE_SHIFT),
                handle, page, false, 7);
}

static bool waits(L4_Word_t number)
{
    return sim_thread(sim_id(A, FIRST_THREAD + number))->waits;
}

static bool is_served(L4_Word_t number)
{
    return !waits(number) && sim_thread(sim_id(A, FIRST_THREAD + number))->mapped;
}

static uint32_t open_lookups(void)
{
    return segmap_open_calls(&away_calls, CALL_LOOKUP);
}

/* segmap has calls in hand, and does nothing. */
static bool is_at_work(void)
{
    return sim_thread(*segmap_thread())->pulled;
}

static void wait_without_segmap(void)
{
    one_more(1);
}

/* Pages that need no window back are there though segmap does nothing: one that nobody has touched,
 * and one that is read from the disk. */
static void check_others_go_on(handle_t here)
{
    L4_Word_t read = memory().pages_read;
    const L4_Word_t *old = touch_page(A, here, 0, false, wait_without_segmap);
    SIM_CHECK(old && *old == 77 && memory().pages_read == read + 1);
    SIM_CHECK(touch_page(A, here, 1, true, wait_without_segmap));
}

/* A container with a page on the disk, and its window here: it has just been looked for. */
static handle_t create_here(void)
{
    handle_t here = create(EACH);
    put(here, 0, 77);
    evict();
    return here;
}

/* ---- */

static void test_duplicates(void)
{
    enum { THREADS = 20 };
    start();
    handle_t handle = create_away();
    L4_Word_t page = next_away(handle, 0), before = memory().lookups;
    for (L4_Word_t i = 0; i < THREADS; i++) {
        fault(i, handle, page + i % EACH);
    }
    SIM_CHECK(open_lookups() == 1 && is_at_work());
    SIM_CHECK(sim_thread(*segmap_thread())->message.words == 1 + 3); /* round, and one LOOKUP */
    events(20, 1);
    for (L4_Word_t i = 0; i < THREADS; i++) {
        SIM_CHECK(is_served(i));
    }
    SIM_CHECK(open_lookups() == 0 && memory().lookups == before + 1);
    fault(0, handle, page + 1);
    SIM_CHECK(is_served(0) && open_lookups() == 0);
    passed("B37: many faults at one window make one LOOKUP");
}

static void test_notify_and_forget(void)
{
    enum { THREADS = 3 * CALLS_OF_KIND_MAX };
    start();
    handle_t handle = create_away(), here = create_here();
    L4_Word_t page = 0, pages[THREADS], before = memory().lookups;
    for (L4_Word_t i = 0; i < THREADS; i++, page += EACH) {
        pages[i] = page = next_away(handle, page);
        fault(i, handle, page + 1); /* nobody has touched it: it needs nothing but its window */
        SIM_CHECK(waits(i));
    }
    SIM_CHECK(is_at_work() && open_lookups() == CALLS_OF_KIND_MAX && memory().parked >= THREADS);
    check_others_go_on(here);
    SIM_CHECK(is_at_work() && memory().parked >= THREADS && memory().lookups == before);
    let_pass(100);
    SIM_CHECK(memory().lookups == before + THREADS && memory().parked == 0);
    for (L4_Word_t i = 0; i < THREADS; i++) {
        SIM_CHECK(is_served(i) && holds(handle, pages[i], 100 + pages[i]));
    }
    passed("B35: physmem waits for nobody, and who finds the queue full is not forgotten");
}

/* What segmap has in hand is asked for again, and an answer of the dead one's says nothing. */
static void test_segmap_is_killed(void)
{
    enum { THREADS = 5 };
    start();
    handle_t handle = create_away(), here = create_here();
    L4_Word_t page = 0, pages[THREADS], before = memory().lookups;
    for (L4_Word_t i = 0; i < THREADS; i++, page += EACH) {
        pages[i] = page = next_away(handle, page);
        fault(i, handle, page + 1);
    }
    const struct message *m = &sim_thread(*segmap_thread())->message;
    uint32_t late[SEGMAP_WORDS_MAX], count = segmap_step(&segmap, &m->mr[1], m->words, late);
    SIM_CHECK(count > SEGMAP_PULL_HEAD);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SEGMAP) == OK);
    check_others_go_on(here);
    SIM_CHECK(memory().lookups == before && memory().parked == THREADS);
    make_task(SEGMAP);
    SIM_CHECK(sim_call(root, PHYSMEM_SET_SEGMAP, 2, (L4_Word_t)SEGMAP, map_handle) == OK);
    segmap_open(&segmap, map_memory, map_pages, map_bits);
    pull(late, count);
    SIM_CHECK(memory().lookups == before && memory().parked == THREADS && is_at_work());
    let_pass(20);
    SIM_CHECK(memory().lookups == before + THREADS);
    for (L4_Word_t i = 0; i < THREADS; i++) {
        SIM_CHECK(is_served(i) && holds(handle, pages[i], 100 + pages[i]));
    }
    passed("B35: of a segmap that is killed nothing is lost");
}

int main(void)
{
    make_map_memory();
    test_duplicates();
    test_notify_and_forget();
    test_segmap_is_killed();
    return end_map_cases();
}
