// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that wait for windows which are away, and segmap, which is slow, dies, or has no room:
 * the rows B24, B33, B35 and B37. */
#include "contents/away.h"
#include "contents/handle.h"
#include "physmem_away_case.h"
#include "tasks/task.h"

/* The first page at or behind `page` that fill has written and whose window is away. */
static L4_Word_t next_away(handle_t handle, L4_Word_t page)
{
    while (page < PAGES && container_entry(container_of(handle), page) != ENTRY_AWAY) {
        page += EACH;
    }
    SIM_CHECK(page < PAGES);
    return page;
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
        fault(i, handle, page + i % EACH, false);
    }
    SIM_CHECK(open_lookups() == 1 && is_at_work());
    SIM_CHECK(sim_thread(*segmap_thread())->message.words == 1 + 3); /* round, and one LOOKUP */
    events(20, 1);
    for (L4_Word_t i = 0; i < THREADS; i++) {
        SIM_CHECK(is_served(i));
    }
    SIM_CHECK(open_lookups() == 0 && memory().lookups == before + 1);
    fault(0, handle, page + 1, false);
    SIM_CHECK(is_served(0) && open_lookups() == 0);
    passed("B37: many faults at one window make one LOOKUP");
}

static void test_notify_and_forget(void)
{
    enum { THREADS = 3 * CALLS_OF_KIND_MAX };
    start();
    handle_t handle = create_away(), here = create_here();
    L4_Word_t page = 0, pages[THREADS], before = memory().lookups;
    /* Nobody has touched the pages: they need nothing but their windows. */
    for (L4_Word_t i = 0; i < THREADS; i++, page += EACH) {
        pages[i] = page = next_away(handle, page);
        fault(i, handle, page + 1, false);
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
        fault(i, handle, page + 1, false);
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

/* ---- what never leaves ---- */

/* Shows `look` each window of the task's that is here; returns how many there are. */
static uint32_t windows_of(L4_Word_t id, void (*look)(const struct window *w))
{
    uint32_t count = 0;
    struct task *t = task_find(id);
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        struct container *c = LIST_ENTRY(i, struct container, of_task);
        for (uint32_t page = 0; page < container_size(c); page = window_end(&c->home, page)) {
            const struct window *w = window_peek(&c->home, page);
            SIM_CHECK(container_entry(c, page) != ENTRY_AWAY);
            if (w) {
                look(w);
                count++;
            }
        }
    }
    return count;
}

static void only_count(const struct window *w)
{
    (void)w;
}

static uint32_t permanent_windows(void)
{
    return windows_of(1, only_count) + windows_of(SEGMAP, only_count);
}

/* A thread of segmap's uses the page. */
static void use_page_of_segmap(L4_Word_t address)
{
    L4_ThreadId_t thread = sim_id(SEGMAP, 8);
    sim_fault(thread, address, true);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        let_pass(1);
    }
    SIM_CHECK(sim_thread(thread)->mapped);
}

static void use_segmap(void)
{
    for (L4_Word_t page = 0; page < MAP_PAGES; page += EACH / 2) {
        use_page_of_segmap(MAP_ADDRESS + (page << PAGE_SHIFT));
        use_page_of_segmap(TASK_IMAGE_BASE + (page << PAGE_SHIFT));
    }
}

static struct container *map_container(void)
{
    struct handle *h;
    SIM_CHECK(handle_find(task_find(1), map_handle, RIGHT_OWNER, &h) == OK);
    return h->container;
}

static void test_permanent(void)
{
    start();
    use_segmap();
    uint32_t count = permanent_windows(), of_map = map_container()->home.windows;
    SIM_CHECK(of_map == (MAP_PAGES + WINDOW_PAGES - 1) / WINDOW_PAGES && count > of_map);
    printf("# permanently active: %u windows, of which %u are the map's\n", (unsigned)count,
           (unsigned)of_map);
    (void)create_away();
    for (int i = 0; i < 20; i++) {
        sim_advance(20); /* shields run out */
    }
    for (L4_Word_t task = 1; task <= SEGMAP; task += SEGMAP - 1) {
        SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, task, 0u) == OK);
        sim_disk_drain();
    }
    SIM_CHECK(info(SEGMAP).frames == 0 && map_container()->home.counts.resident == 0);
    L4_Word_t stores = memory().stores, lookups = memory().lookups;
    for (int round = 0; round < 20; round++) {
        (void)windows_of(1, away_store);
        (void)windows_of(SEGMAP, away_store);
        let_pass(10);
    }
    SIM_CHECK(permanent_windows() == count && memory().stores == stores);
    SIM_CHECK(segmap_open_calls(&away_calls, CALL_STORE) == 0);
    use_segmap();
    SIM_CHECK(permanent_windows() == count && memory().lookups == lookups);
    passed("B33: what segmap and the task server need leaves as pages, and never as windows");
}

/* ---- what is forgotten ---- */

/* Of segmap's answers every other one gets lost, and it does these calls again.  Returns how many
 * messages there were while a FORGET was open. */
static uint32_t work_twice(void)
{
    uint32_t words[SEGMAP_WORDS_MAX], forgets = 0;
    for (int i = 0, lost = 1; i < 400; i++) {
        one_more(1);
        if (is_at_work()) {
            const struct message *m = &sim_thread(*segmap_thread())->message;
            SIM_CHECK(m->label == SEGMAP_CALLS);
            forgets += segmap_open_calls(&away_calls, CALL_FORGET) > 0;
            uint32_t count = segmap_step(&segmap, &m->mr[1], m->words, words);
            pull(words, lost ? segmap_first_pull(&segmap, words) : count);
            lost = !lost;
        }
    }
    return forgets;
}

static void test_forget(void)
{
    start();
    L4_Word_t slots = memory().slots_used;
    handle_t other = create_away();
    uint32_t records = segmap.map.state->records;
    handle_t handle = create_away();
    check_contents(handle); /* brings its windows back: their records are out of date */
    SIM_CHECK(segmap.map.state->records > records + PAGES / EACH / 2);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, handle) == OK);
    SIM_CHECK(work_twice() > 0 && memory().containers_left == 0);
    SIM_CHECK(segmap.map.state->records <= records);
    handle_t next = create_away(); /* which may have its number */
    check_contents(other);
    check_contents(next);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, other) == OK);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_DESTROY, 1, next) == OK);
    SIM_CHECK(work_twice() > 0);
    SIM_CHECK(segmap.map.state->records == 0 && memory().slots_used == slots);
    passed("what is out of date is forgotten, however often, and nothing else is");
}

/* ---- no room ---- */

enum { SPARSE = 5000 /* windows, each of which says little */ };

/* Returns how many pages were promised to it. */
static L4_Word_t use_up_all_promises(handle_t handle)
{
    L4_Word_t page = 0, *word;
    while ((word = touch(handle, page, true)) != NULL) {
        *word = 100 + page++;
    }
    SIM_CHECK(memory().pages_promised == memory().pages_limit);
    return page;
}

/* Makes windows until that is refused; returns how many it has made. */
static L4_Word_t make_windows(handle_t sparse)
{
    L4_Word_t made = 0;
    while (made < SPARSE && sim_call(caller(A), PHYSMEM_PUNCH, 3, sparse, made * EACH, 1u) == OK) {
        made++;
    }
    return made;
}

/* Those of the pages below `end` whose windows are here, or away, hold what was written.  Returns
 * how many there are. */
static uint32_t check_pages(handle_t handle, L4_Word_t end, bool away)
{
    enum { SOME = 37 };
    uint32_t count = 0;
    for (L4_Word_t page = 0; page < end; page += SOME) {
        if ((container_entry(container_of(handle), page) == ENTRY_AWAY) == away) {
            SIM_CHECK(holds(handle, page, 100 + page));
            count++;
        }
    }
    return count;
}

/* The promise that the map has room (test_room of physmem_away_test.c) is broken here: segmap knows
 * of a part of the map only. */
static void test_full(void)
{
    enum { MAP_FEW = MAP_PAGES_MIN + 2, GIVEN_BACK = 400 };
    start_with(MAP_FEW);
    handle_t handle = create(DISK_PAGES + FRAMES), sparse = create((L4_Word_t)SPARSE * EACH);
    L4_Word_t pages = use_up_all_promises(handle);
    let_pass(2000);
    uint32_t records = segmap.map.state->records, away = container_of(handle)->home.away;
    SIM_CHECK(records == away && away > 100 && window_count() > away);
    L4_Word_t made = make_windows(sparse);
    SIM_CHECK(made < SPARSE && sim_reply.mr[1] == ERR_NO_MEMORY);
    fault(0, handle, 0, false);
    let_pass(2000);
    SIM_CHECK(waits(0) && segmap.map.state->records == records);
    SIM_CHECK(check_pages(handle, pages, false) > 100 && container_of(handle)->home.away == away);
    call_over(PHYSMEM_PUNCH, handle, pages - GIVEN_BACK, GIVEN_BACK);
    let_pass(20);
    SIM_CHECK(is_served(0));
    SIM_CHECK(check_pages(handle, pages - GIVEN_BACK, true) > 30);
    (void)check_pages(handle, pages - GIVEN_BACK, false);
    for (L4_Word_t i = 0; i < made; i++) {
        SIM_CHECK(!touch(sparse, i * EACH, false));
    }
    SIM_CHECK(make_windows(sparse) > made);
    passed("B24: where the map is full new windows are refused, and all others are kept");
}

int main(void)
{
    make_map_memory();
    test_duplicates();
    test_notify_and_forget();
    test_segmap_is_killed();
    test_permanent();
    test_forget();
    test_full();
    return end_map_cases();
}
