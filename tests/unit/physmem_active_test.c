// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c servers/segmap/record.c servers/segmap/node.c servers/segmap/pages.c servers/segmap/tree.c servers/segmap/map.c servers/segmap/serve.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The Active Segment Map as a cache of the Segment Map: what is found and what is missed, with few
 * windows and with many (B12); that it holds copies, small ones (B29); how segmap is called (B31),
 * what it answers (B32, B36), and by whom (B40); that nothing else needs to stay (B34). */
#include "contents/away.h"
#include "contents/handle.h"
#include "room/frame.h"
#include "physmem_away_case.h"
#include "tasks/task.h"

static bool is_away(handle_t handle, L4_Word_t page)
{
    return container_entry(container_of(handle), page) == ENTRY_AWAY;
}

static void start_with_windows(uint32_t windows)
{
    windows_stay = windows;
    start();
    windows_stay = WINDOWS;
}

/* What segmap has in hand, if it has. */
static const struct message *call(void)
{
    return sim_thread(*segmap_thread())->pulled ? &sim_thread(*segmap_thread())->message : NULL;
}

/* ---- B12: found, or not ---- */

/* Pages at random, of which some are written: what they hold in the end, and how many windows were
 * missed. */
static uint32_t run(uint32_t windows, L4_Word_t *missed)
{
    enum { STEPS = 600, GOES_ON = 5 };
    static uint32_t generation[PAGES];
    uint32_t sum = 0, expected = 0, found = 0;
    start_with_windows(windows);
    handle_t handle = create_away();
    L4_Word_t before = memory().lookups;
    sim_seed(12);
    for (uint32_t page = 0; page < PAGES; page += EACH) {
        generation[page] = 100 + page;
    }
    for (uint32_t i = 0; i < STEPS; i++) {
        uint32_t page = sim_random(PAGES / EACH) * EACH;
        bool write = sim_random(3) == 0, away = is_away(handle, page);
        expected += away;
        found += !away;
        SIM_CHECK(holds(handle, page, generation[page]));
        if (write) {
            put(handle, page, generation[page] = i);
        }
        if (i % GOES_ON == 0) {
            evict();
            let_pass(30);
        }
    }
    for (uint32_t page = 0; page < PAGES; page += EACH) {
        expected += is_away(handle, page);
        const L4_Word_t *word = touch(handle, page, false);
        SIM_CHECK(word);
        sum = sum * 31 + *word;
    }
    *missed = memory().lookups - before;
    printf("# %u windows stay: %u faults found theirs, %u did not\n", (unsigned)windows,
           (unsigned)(STEPS + PAGES / EACH - *missed), (unsigned)*missed);
    SIM_CHECK(*missed == expected && found > 0);
    return sum;
}

static void test_same_results(void)
{
    enum { ONE = 1, FEW = 8, SOME = 64, MANY = 4096 };
    L4_Word_t missed[4];
    uint32_t sum = run(MANY, &missed[3]);
    SIM_CHECK(missed[3] == 0);
    SIM_CHECK(run(SOME, &missed[2]) == sum && run(FEW, &missed[1]) == sum && run(ONE, &missed[0]) == sum);
    SIM_CHECK(missed[1] > 0 && missed[0] > 0);
    passed("B12: with one window, 8 and 4 096 the same is found, and what is missed is counted");
}

/* No table can be made any more, so there is no place for a window that is to come back.  Others
 * leave for it. */
static void test_full(void)
{
    enum { SPARSE = 12000, PAGE = 20 * EACH };
    start();
    handle_t handle = create_away(), sparse = create((L4_Word_t)SPARSE * EACH);
    L4_Word_t made = 0, before = memory().lookups;
    while (made < SPARSE && sim_call(caller(A), PHYSMEM_PUNCH, 3, sparse, made * EACH, 1u) == OK) {
        made++; /* segmap has STOREs in hand, and does nothing */
    }
    SIM_CHECK(made < SPARSE && sim_reply.mr[1] == ERR_NO_MEMORY && is_away(handle, PAGE));
    fault(0, handle, PAGE, false);
    SIM_CHECK(waits(0));
    let_pass(100);
    SIM_CHECK(is_served(0) && memory().lookups == before + 1 && holds(handle, PAGE, 100 + PAGE));
    SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, sparse, made * EACH, 1u) == OK);
    passed("B12: where the table of windows is full others leave for one that is wanted");
}

/* ---- B29: copies, small ones ---- */

static struct container *map_container(void)
{
    struct handle *h;
    SIM_CHECK(handle_find(task_find(1), map_handle, RIGHT_OWNER, &h) == OK);
    return h->container;
}

/* segmap has used its pages, and has lost them all. */
static void throw_segmap_out(void)
{
    for (int i = 0; i < 20; i++) {
        sim_advance(20);
    }
    for (L4_Word_t task = 1; task <= SEGMAP; task += SEGMAP - 1) {
        SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, task, 0u) == OK);
        sim_disk_drain();
    }
    SIM_CHECK(info(SEGMAP).frames == 0 && map_container()->home.counts.resident == 0);
}

/* One window of each part of the map is hot; no page of the map is there for that. */
static void test_copies(void)
{
    enum { HOT = 5, APART = PAGES / HOT / EACH * EACH };
    start();
    handle_t handle = create_away();
    for (L4_Word_t i = 0; i < HOT; i++) {
        SIM_CHECK(holds(handle, i * APART, 100 + i * APART));
    }
    throw_segmap_out();
    L4_Word_t lookups = memory().lookups, tables = memory().frames_tables;
    for (int round = 0; round < 20; round++) {
        evict();
        for (L4_Word_t i = 0; i < HOT; i++) {
            SIM_CHECK(!is_away(handle, i * APART) && holds(handle, i * APART, 100 + i * APART));
        }
    }
    SIM_CHECK(memory().lookups == lookups && map_container()->home.counts.resident == 0);
    SIM_CHECK(memory().frames_tables <= tables + 1 && sizeof(struct window) <= PAGE_SIZE / 28);
    passed("B29: a window that is used is a copy of its own, and holds no page of the map");
}

/* What was changed here is what comes back, and the map's older record of it does not count. */
static void test_refreshed(void)
{
    enum { TIMES = 6 };
    start();
    handle_t handle = create_away();
    for (L4_Word_t n = 1; n <= TIMES; n++) {
        L4_Word_t lookups = memory().lookups, page = 7 * EACH;
        SIM_CHECK(is_away(handle, page));
        put(handle, page, 5000 + n);
        put(handle, page + n, 6000 + n);
        SIM_CHECK(memory().lookups == lookups + 1);
        evict();
        let_pass(1000);
        SIM_CHECK(is_away(handle, page));
        SIM_CHECK(holds(handle, page, 5000 + n) && holds(handle, page + n, 6000 + n));
        SIM_CHECK(memory().lookups == lookups + 2);
        evict();
        let_pass(1000);
    }
    passed("B29: a window that has changed comes back as it was when it left");
}

/* ---- B31: the call ---- */

static void test_call(void)
{
    start();
    handle_t handle = create_away();
    L4_Word_t page = 20 * EACH;
    SIM_CHECK(!call() && is_away(handle, page));
    fault(0, handle, page + 3, false);
    const struct message *m = call();
    SIM_CHECK(m && m->label == SEGMAP_CALLS && m->words == 4 && m->mr[2] == SEGMAP_LOOKUP &&
              m->mr[3] == container_number(container_of(handle)) && m->mr[4] == page / WINDOW_PAGES);
    work();
    SIM_CHECK(!call() && is_served(0));
    fault(1, handle, page + 4, false);
    SIM_CHECK(!call() && is_served(1));
    passed("B31: a fault that misses tells segmap which window, and one that does not tells nothing");
}

/* The task server hears of it; whoever waits does so until there is one. */
static void test_missing(void)
{
    start();
    handle_t handle = create_away();
    while (next_notice() != 0) {
    }
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_DELETE, 1, (L4_Word_t)SEGMAP) == OK);
    fault(0, handle, 20 * EACH, false);
    SIM_CHECK(next_notice() == NOTICE_SEGMAP);
    fault(1, handle, 21 * EACH, false);
    SIM_CHECK(next_notice() == 0); /* it has been said */
    SIM_CHECK(waits(0) && waits(1));
    start_segmap();
    let_pass(20);
    SIM_CHECK(is_served(0) && is_served(1));
    passed("B31: without a segmap the task server is asked for one, once, and nobody is forgotten");
}

/* ---- B32: what cannot be read ---- */

/* A page of the map cannot be made out. */
static void test_damaged(void)
{
    enum { PAGE = 20 * EACH, OTHER = 30 * EACH };
    start();
    handle_t handle = create_away();
    fault(0, handle, PAGE, false);
    fault(1, handle, PAGE + 1, true);
    SIM_CHECK(call());
    pull((uint32_t[]){call()->mr[1], 1, SEGMAP_DAMAGED}, 3);
    for (L4_Word_t i = 0; i < 2; i++) {
        SIM_CHECK(!waits(i) && !is_served(i));
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ASK, 1, sim_id(A, FIRST_THREAD + i).raw) == OK &&
                  sim_reply.mr[2] == ERR_IO);
    }
    SIM_CHECK(is_away(handle, PAGE) && holds(handle, OTHER, 100 + OTHER));
    SIM_CHECK(holds(handle, PAGE, 100 + PAGE)); /* it can be read again */
    passed("B32: where the map cannot be read its faulters have an error, and segmap goes on");
}

/* segmap's thread uses the map's page; gives what it is mapped to. */
static uint32_t *use_page_of_map(L4_Word_t page)
{
    L4_ThreadId_t thread = sim_id(SEGMAP, 8);
    sim_fault(thread, MAP_ADDRESS + (page << PAGE_SHIFT), true);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        let_pass(1);
    }
    SIM_CHECK(sim_thread(thread)->mapped);
    sim_touch(sim_thread(thread)->map_frame, true);
    return platform_memory(sim_thread(thread)->map_frame << PAGE_SHIFT);
}

/* The disk loses a page of the map: segmap gets one that is no node, and goes on. */
static void test_lost(void)
{
    enum { LOST = 7, MARK = 0x7a57e };
    start();
    use_page_of_map(LOST)[0] = MARK;
    use_page_of_map(LOST + 1)[0] = MARK + 1;
    throw_segmap_out();
    SIM_CHECK(sim_disk_damage(MARK, 1) == 1);
    const uint32_t *words = use_page_of_map(LOST);
    for (uint32_t i = 0; i < PAGE_SIZE / sizeof *words; i++) {
        SIM_CHECK(words[i] == UINT32_MAX);
    }
    SIM_CHECK(use_page_of_map(LOST + 1)[0] == MARK + 1);
    sim_check();
    throw_segmap_out();
    SIM_CHECK(use_page_of_map(LOST)[1] == UINT32_MAX && next_notice() != NOTICE_BROKEN);
    passed("B32: a page of the map that the disk has lost is none, and segmap is not ended for it");
}

/* ---- B36: between the window's coming and its use ---- */

/* As if the hand had come by, and a STORE had been done. */
static void let_leave(handle_t handle, L4_Word_t page)
{
    struct window_record r = {
        .key = {.container = container_number(container_of(handle)), .window = page / WINDOW_PAGES}};
    SIM_CHECK(away_record(r.key, &r) && map_store(&segmap.map, &r) == MAP_OK);
    away_stored(r.key, r.version);
    SIM_CHECK(is_away(handle, page));
}

static void test_gone_again(void)
{
    enum { PAGE = 20 * EACH, TIMES = 3 };
    start();
    handle_t handle = create_away(), other = create(PAGES);
    L4_Word_t lookups = memory().lookups, thread = 1;
    fault(0, handle, PAGE, false);
    while (frame_waiters() == 0) { /* the disk does nothing */
        fault(thread, other, thread, true);
        thread++;
    }
    for (int i = 0; i < TIMES; i++) {
        SIM_CHECK(call() || i > 0);
        work();
        SIM_CHECK(!is_away(handle, PAGE) && waits(0)); /* for a frame */
        let_leave(handle, PAGE);
        fault(thread, handle, PAGE + 1, false); /* who comes now brings it back */
        thread++;
    }
    let_pass(50);
    SIM_CHECK(is_served(0) && is_served(thread - 1) && memory().lookups == lookups + 1 + TIMES);
    SIM_CHECK(holds(handle, PAGE, 100 + PAGE));
    passed("B36: a window that leaves before it could be used is asked for again, and once each time");
}

/* ---- B40: several who pull ---- */

/* Another thread of segmap's pulls while one has calls in hand: they are the other's from then on,
 * and what the first one brings is late. */
static void test_two_pull(void)
{
    enum { PAGE = 20 * EACH };
    start();
    handle_t handle = create_away();
    L4_Word_t before = memory().lookups;
    fault(0, handle, PAGE, false);
    struct message first = *call();
    uint32_t late[SEGMAP_WORDS_MAX], count = segmap_step(&segmap, &first.mr[1], first.words, late);
    struct message m = {.from = sim_id(SEGMAP, 9), .label = SEGMAP_PULL, .words = SEGMAP_PULL_HEAD};
    sim_message(&m);
    SIM_CHECK(sim_thread(m.from)->pulled && sim_thread(m.from)->message.mr[2] == SEGMAP_LOOKUP);
    SIM_CHECK(sim_thread(m.from)->message.mr[1] != first.mr[1]);
    pull(late, count);
    SIM_CHECK(memory().lookups == before && waits(0));
    work();
    let_pass(5);
    SIM_CHECK(is_served(0) && memory().lookups == before + 1 && holds(handle, PAGE, 100 + PAGE));
    passed("B40: of several who pull one has the calls, and each window comes once");
}

/* ---- B34: what stays ---- */

static uint32_t windows_of(const struct task *t)
{
    uint32_t count = 0;
    for (struct list *i = t->containers.next; i != &t->containers; i = i->next) {
        count += LIST_ENTRY(i, struct container, of_task)->home.windows;
    }
    return count;
}

static void test_remnants(void)
{
    enum { OTHER = 4, USED = 10 };
    start_with_windows(1);
    handle_t handle = create_away();
    make_task(OTHER);
    for (L4_Word_t i = 1; i <= USED; i++) {
        sim_fault(sim_id(OTHER, 7), i * EACH << PAGE_SHIFT, true);
        SIM_CHECK(sim_thread(sim_id(OTHER, 7))->mapped);
    }
    throw_segmap_out();
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)OTHER, 0u) == OK);
    let_pass(200);
    uint32_t permanent = windows_of(task_find(1)) + windows_of(task_find(SEGMAP)),
             wired = windows_of(task_find(SIM_DRIVER_TASK));
    printf("# windows at rest: %u of the task server and segmap, %u of the swap driver, %u of others\n",
           (unsigned)permanent, (unsigned)wired, (unsigned)(window_count() - permanent - wired));
    SIM_CHECK(container_of(handle)->home.away > 0 && windows_of(task_find(A)) <= 1);
    SIM_CHECK(window_count() - permanent - wired <= 1);
    for (L4_Word_t page = 0; page < PAGES; page += EACH) {
        SIM_CHECK(holds(handle, page, 100 + page));
    }
    passed("B34: at rest nothing stays but what brings others back");
}

int main(void)
{
    make_map_memory();
    test_copies();
    test_refreshed();
    test_same_results();
    test_full();
    test_call();
    test_missing();
    test_damaged();
    test_lost();
    test_gone_again();
    test_two_pull();
    test_remnants();
    return end_map_cases();
}
