// sources: tests/unit/physmem_sim.c tests/unit/physmem_sim_disk.c tests/unit/physmem_sim_kernel.c lib/base/format.c servers/physmem/*/*.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* Swap units and the Active Segment Map that finds them: the rows B9, B10, B13 and B23.  A unit is
 * a run of pages of a container whose slots follow each other; windows say where they are. */
#include "contents/container.h"
#include "contents/handle.h"
#include "physmem_case.h"
#include "protocol/swap.h"
#include "swap/swap_area.h"
#include "tasks/task.h"

enum { A = 3, DC_PAGES = 200, FRAMES = 400, DISK_PAGES = 8000 };

static void start(void)
{
    uint32_t seed = 0;
    do { /* until there is a driver that takes requests of any length */
        sim_seed(++seed);
        sim_boot(FRAMES);
        sim_disk_attach(DISK_PAGES, true);
    } while (swap_area_run_max() != SWAP_RUN_MAX);
    SIM_CHECK(sim_call(root, PHYSMEM_CREATE, 2, (L4_Word_t)DC_PAGES, 0u) == OK);
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_NEW, 4, (L4_Word_t)A, 1u, sim_reply.mr[2], 0u) == OK);
}

static handle_t create(L4_Word_t pages)
{
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, pages, 0u) == OK);
    return sim_reply.mr[2];
}

static const struct page_home *home_of(handle_t handle)
{
    struct handle *h;
    SIM_CHECK(handle_find(task_find(A), handle, RIGHT_READ, &h) == OK);
    return &h->container->home;
}

static void wait_for_disk(void)
{
    sim_disk_drain();
    sim_advance(7);
}

/* What the page is mapped to: a container may have more pages than a task has addresses. */
static L4_Word_t *touch(handle_t handle, L4_Word_t page, bool write)
{
    L4_ThreadId_t thread = sim_id(A, 7);
    sim_space_clear(A);
    sim_forward(sim_id(A, 0), thread, TASK_REGIONS_BASE, handle, page, write, 7);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        wait_for_disk();
    }
    SIM_CHECK(sim_thread(thread)->mapped);
    sim_touch(sim_thread(thread)->map_frame, write);
    return platform_memory(sim_thread(thread)->map_frame << PAGE_SHIFT);
}

static void put(handle_t handle, L4_Word_t page, L4_Word_t value)
{
    *touch(handle, page, true) = value;
}

static bool holds(handle_t handle, L4_Word_t page, L4_Word_t value)
{
    return *touch(handle, page, false) == value;
}

static void let_shields_run_out(void)
{
    for (int i = 0; i < 20; i++) {
        sim_advance(20);
    }
}

static void evict(void)
{
    let_shields_run_out();
    SIM_CHECK(sim_call(root, PHYSMEM_DEBUG_EVICT, 2, (L4_Word_t)A, 0u) == OK);
    sim_disk_drain();
    sim_disk_drain();
}

/* ---- B9: from pages to windows ---- */

/* At the ends of a container and of groups, side by side, and far from each other. */
static const uint32_t places[] = {0, 1, 5, GROUP_WINDOWS - 1, GROUP_WINDOWS, 1000, WINDOWS_MAX - 1};
enum { PLACES = sizeof places / sizeof *places };

static bool is_place(uint32_t window)
{
    uint32_t i = 0;
    while (i < PLACES && places[i] != window) {
        i++;
    }
    return i < PLACES;
}

/* A window of which the first page is a hole, and nothing more. */
static void make_windows(handle_t handle)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, places[i] * (L4_Word_t)WINDOW_PAGES, 1u) ==
                  OK);
    }
}

static void test_find(void)
{
    start();
    handle_t handle = create(CONTAINER_PAGES_MAX), other = create(CONTAINER_PAGES_MAX);
    make_windows(handle);
    const struct page_home *h = home_of(handle);
    for (uint32_t n = 0; n < WINDOWS_MAX; n++) {
        uint32_t first = n * WINDOW_PAGES, last = first + WINDOW_PAGES - 1;
        const struct window *w = window_find(h, first);
        SIM_CHECK((w != NULL) == is_place(n) && window_find(h, last) == w);
        SIM_CHECK(!w || (w->found.number == n && w->found.home == h));
        SIM_CHECK(!window_find(home_of(other), first));
        SIM_CHECK((container_entry((const void *)h, first) == ENTRY_HOLE) == is_place(n));
        SIM_CHECK(container_entry((const void *)h, first + 1) == ENTRY_ZERO);
    }
    SIM_CHECK(h->windows == PLACES && home_of(other)->windows == 0);
    passed("B9: a page finds its own window, and below, above and between windows there is none");
}

static void test_next(void)
{
    start();
    handle_t handle = create(CONTAINER_PAGES_MAX);
    make_windows(handle);
    const struct page_home *h = home_of(handle);
    uint32_t found = 0;
    for (uint32_t page = 0; page < CONTAINER_PAGES_MAX;) {
        uint32_t end = group_end(h, page), next = window_next(h, page);
        SIM_CHECK(next >= page && next <= end);
        if (next < end) {
            SIM_CHECK(next == places[found] * (uint32_t)WINDOW_PAGES);
            found++;
            next = window_end(h, next);
        }
        page = next;
    }
    SIM_CHECK(found == PLACES);
    passed("B9: going from one window to the next finds each of them, the last one too");
}

/* ---- B10: units ---- */

/* So many pages side by side go out, and come in with their task: in how many requests? */
static L4_Word_t requests_for(L4_Word_t pages)
{
    start();
    L4_ThreadId_t thread = sim_id(A, 7);
    for (L4_Word_t page = 1; page <= pages; page++) {
        sim_fault(thread, page << PAGE_SHIFT, true);
        SIM_CHECK(sim_thread(thread)->mapped);
        sim_touch(sim_thread(thread)->map_frame, true);
    }
    let_shields_run_out();
    SIM_CHECK(sim_call(root, PHYSMEM_OUTSWAP, 2, (L4_Word_t)A, (L4_Word_t)OUTSWAP_HOLD) == OK);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(info(A).state == TASK_MEMORY_OUT && info(A).swapped == pages);
    struct memory_info before = memory();
    SIM_CHECK(sim_call(root, PHYSMEM_INSWAP, 1, (L4_Word_t)A) == OK);
    sim_disk_drain();
    sim_disk_drain();
    SIM_CHECK(memory().pages_read - before.pages_read == pages && info(A).frames == pages);
    return memory().reads - before.reads;
}

static void test_units(void)
{
    enum { SMALL = 8, LARGE = 64 };
    SIM_CHECK(requests_for(1) == 1);
    SIM_CHECK(requests_for(SMALL) == 1);
    SIM_CHECK(requests_for(SWAP_RUN_MAX) == 1);
    SIM_CHECK(requests_for(SWAP_RUN_MAX + 1) == 2);
    SIM_CHECK(requests_for(LARGE) == LARGE / SWAP_RUN_MAX);
    passed("B10: units of 1, 8 and 32 pages are one request each, and 64 are two");
}

/* ---- B13: from the place of a page to the place in its file, at the edges of 32 bits too ---- */

/* No page count, start or sum of both that goes round is taken for a good one. */
static void test_edges_of_calls(void)
{
    enum { PAGES = 100 };
    static const L4_Word_t large[] = {CONTAINER_PAGES_MAX, 1u << 31, ~0u - PAGES, ~0u - 1, ~0u};
    start();
    handle_t handle = create(PAGES), other = create(PAGES);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, 0u, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, (L4_Word_t)CONTAINER_PAGES_MAX + 1, 0u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_CREATE, 2, ~0u, 0u) == ERR_ARGUMENT);
    for (unsigned i = 0; i < sizeof large / sizeof *large; i++) {
        L4_Word_t n = large[i], back = 0u - n; /* n + back is 0 */
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, n, 1u) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, 1u, n) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, n, back) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, n, back + PAGES) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, handle, n, other, 0u, 1u) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, handle, 0u, other, n, back + 1) == ERR_RANGE);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, handle, 0u, other, 0u, n) == ERR_RANGE);
        sim_forward(sim_id(A, 0), sim_id(A, 7), TASK_REGIONS_BASE, handle, n, true, 7);
        SIM_CHECK(sim_thread(sim_id(A, 7))->answered && !sim_thread(sim_id(A, 7))->mapped);
    }
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, (L4_Word_t)PAGES, 1u) == ERR_RANGE);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_ZERO, 3, handle, (L4_Word_t)PAGES, 0u) == OK);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, handle, 10u, handle, 19u, 10u) == ERR_ARGUMENT);
    SIM_CHECK(sim_call(caller(A), PHYSMEM_COPY, 5, handle, 10u, handle, 20u, 10u) == OK);
    SIM_CHECK(home_of(handle)->windows == 0 && home_of(other)->windows == 0);
    passed("B10, B13: units without pages, that overlap, go round or past the end are refused");
}

static uint32_t last_page_of(uint32_t size, uint32_t unit, uint32_t page)
{
    uint64_t end = ((uint64_t)page / unit + 1) * unit;
    return (uint32_t)((end < size ? end : size) - 1);
}

static void test_arithmetic(void)
{
    enum { ROUNDS = 200000, NEAR = 3 * GROUP_PAGES };
    start();
    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t size = 1 + sim_random(CONTAINER_PAGES_MAX);
        size = sim_random(2) ? size : CONTAINER_PAGES_MAX - sim_random(NEAR);
        uint32_t page = sim_random(3) ? sim_random(size) : size - 1;
        struct page_home h = {.size_pages = size, .missing = ENTRY_ZERO};
        SIM_CHECK(window_end(&h, page) - 1 == last_page_of(size, WINDOW_PAGES, page));
        SIM_CHECK(group_end(&h, page) - 1 == last_page_of(size, GROUP_PAGES, page));
        SIM_CHECK(window_blank_end(&h, page, true) == group_end(&h, page));
        SIM_CHECK(window_next(&h, page) == group_end(&h, page) && !window_find(&h, page));
        struct out_page p = {.slot = sim_random(1u << ENTRY_SLOT_BITS) & ((1u << ENTRY_SLOT_BITS) - 1),
                             .twin = sim_random(1u << ENTRY_TWIN_BITS) & ((1u << ENTRY_TWIN_BITS) - 1),
                             .failures = sim_random(4) & 3,
                             .twice = sim_random(2) & 1};
        struct out_page back = entry_out(entry_of_out(p));
        SIM_CHECK(back.slot == p.slot && back.twin == p.twin && back.failures == p.failures &&
                  back.twice == p.twice && entry_slot(entry_of_out(p)) == p.slot);
    }
    passed("B13: ends of windows and groups, and the parts of an entry, are what they are in 64 bits");
}

enum { RUNS = 12, LONGEST = 40 };

struct run {
    uint32_t first, count;
};

/* In different parts of the largest container there is, the last one up to its end. */
static void draw_runs(struct run *runs)
{
    enum { PART = CONTAINER_PAGES_MAX / RUNS };
    for (uint32_t r = 0; r < RUNS; r++) {
        runs[r].count = 1 + sim_random(LONGEST);
        runs[r].first = r * PART + sim_random(PART - LONGEST);
    }
    runs[RUNS - 1].first = CONTAINER_PAGES_MAX - runs[RUNS - 1].count;
}

/* They go out: of every other run first some pages here and there, so that its slots lie apart. */
static void write_runs(handle_t handle, const struct run *runs, uint32_t salt)
{
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t r = 0; r < RUNS; r++) {
            for (uint32_t i = 0; i < runs[r].count; i++) {
                bool apart = r % 2 == 1 && i % 2 == 1;
                if (turn == (apart ? 0 : 1)) {
                    put(handle, runs[r].first + i, runs[r].first + i + salt);
                }
            }
        }
        evict();
    }
}

static void test_distance(void)
{
    enum { ROUNDS = 8, READ = 24 };
    struct run runs[RUNS];
    for (uint32_t seed = 1; seed <= ROUNDS; seed++) {
        start();
        sim_seed(seed);
        handle_t handle = create(CONTAINER_PAGES_MAX);
        draw_runs(runs);
        write_runs(handle, runs, seed);
        for (uint32_t n = 0; n < READ; n++) {
            const struct run *r = &runs[n < RUNS ? n : sim_random(RUNS)];
            for (uint32_t i = sim_random(r->count); i < r->count; i++) {
                SIM_CHECK(holds(handle, r->first + i, r->first + i + seed));
            }
            SIM_CHECK(r == &runs[RUNS - 1] || holds(handle, r->first + r->count, 0));
        }
        sim_check();
        SIM_CHECK(sim_call(caller(A), PHYSMEM_CLOSE, 1, handle) == OK);
    }
    passed("B13: of units at random each page is the one at its distance, up to the last one there is");
}

/* ---- B23: a search is short ---- */

/* How many windows of one container can be in one chain, whichever their owner takes. */
static uint32_t longest_chain(uint32_t heads, const struct page_home *home)
{
    static uint32_t count[1 << 16];
    struct found *none[1];
    struct finder f;
    uint32_t longest = 0;
    finder_init(&f, none, heads);
    memset(count, 0, heads * sizeof *count);
    for (uint32_t n = 0; n < WINDOWS_MAX; n++) {
        uint32_t chain = (uint32_t)(finder_chain(&f, home, n) - none);
        SIM_CHECK(chain < heads);
        count[chain]++;
        longest = count[chain] > longest ? count[chain] : longest;
    }
    return longest;
}

static void test_chains(void)
{
    enum { HOMES = 20, APART = 112 /* bytes */ };
    for (uint32_t heads = 64; heads <= 1 << 16; heads *= 4) {
        uint32_t longest = 0;
        for (uint32_t i = 0; i < HOMES; i++) {
            uint32_t n = longest_chain(heads, (const void *)(uintptr_t)(0x100000 + i * APART));
            longest = n > longest ? n : longest;
        }
        printf("# %u heads: at most %u windows of a container in a chain\n", (unsigned)heads,
               (unsigned)longest);
        SIM_CHECK(longest <= WINDOWS_MAX / heads + 2);
    }
    passed("B23: no choice of windows makes a chain much longer than the others");
}

/* A window each of many containers, in a real table. */
static void test_spread(void)
{
    enum { CONTAINERS = 1500, FAIR = 8 };
    start();
    for (L4_Word_t i = 0; i < CONTAINERS; i++) {
        handle_t handle = create(2 * WINDOW_PAGES);
        SIM_CHECK(sim_call(caller(A), PHYSMEM_PUNCH, 3, handle, (L4_Word_t)WINDOW_PAGES, 1u) == OK);
    }
    uint32_t longest = 0, heads = finder_heads(&window_finder);
    for (uint32_t i = 0; i < heads; i++) {
        uint32_t length = 0;
        for (const struct found *w = window_finder.heads[i]; w; w = w->next) {
            length++;
        }
        longest = length > longest ? length : longest;
    }
    printf("# %u windows of as many containers in %u chains: at most %u in one\n", (unsigned)window_count(),
           (unsigned)heads, (unsigned)longest);
    SIM_CHECK(window_count() >= CONTAINERS && longest <= FAIR * (window_count() / heads + 1));
    passed("B23: nor do many containers");
}

int main(void)
{
    test_find();
    test_next();
    test_units();
    test_edges_of_calls();
    test_arithmetic();
    test_distance();
    test_chains();
    test_spread();
    return end_cases();
}
