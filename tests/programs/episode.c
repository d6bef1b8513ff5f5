/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when somebody needs a window that is away: the rows B5, B31, B32, B36, B38, B39 and
 * B40, from inside a program, with the real segmap.  For a machine on which windows leave (asm=N),
 * with `debug on'.  Prints KTAP, and lines `helper' with figures. */
#include <setjmp.h>
#include <stdio.h>

#include "away.h"
#include "base/xorshift.h"
#include "ktap/ktap.h"
#include "pager/pager.h"
#include "pilotfish/thread.h"
#include "protocol/segmap.h"

enum {
    WINDOWS = 1200, /* of each the first page is written, the last one a hole, all others zeros */
    HOLE = WINDOW_PAGES - 1,
    BEYOND = 16, /* pages that are mapped behind the container's end */
    PAGE_WORDS = PAGE_SIZE / sizeof(uint32_t),
    THREADS = 8,
    DEPTH_MAX = 2,
};

static volatile uint32_t *words;
static handle_t container;
static unsigned next_window; /* all before it have been used by a case */

static void write_text(const char *text)
{
    (void)fputs(text, stdout);
}

static volatile uint32_t *page_of(unsigned window, unsigned page)
{
    return words + ((size_t)window * WINDOW_PAGES + page) * PAGE_WORDS;
}

/* One that no case has used yet, so that it is away. */
static unsigned fresh(void)
{
    return next_window++;
}

static L4_Word_t own_task(void)
{
    return L4_Version(L4_Myself());
}

static L4_Word_t lookups(void)
{
    return memory().lookups;
}

static void make_windows(void)
{
    void *start;
    ktap_begin("windows leave");
    REQUIRE(physmem_create(WINDOWS * WINDOW_PAGES, 0, &container) == OK);
    REQUIRE(pager_map_container(container, 0, (size_t)(WINDOWS * WINDOW_PAGES + BEYOND) * PAGE_SIZE,
                                RIGHT_READ | RIGHT_WRITE, &start) == OK);
    words = start;
    for (unsigned w = 0; w < WINDOWS; w++) {
        *page_of(w, 0) = w;
        EXPECT_EQ(physmem_punch(container, w * WINDOW_PAGES + HOLE, 1), OK);
    }
    wait_for_swap();
    EXPECT_EQ(evict_task(own_task(), EVICT_KEEP_DC, NULL), OK);
    EXPECT(wait_until_quiet());
    (void)ktap_end();
}

/* segmap's program, its data, and the map, which is the task server's. */
static void throw_segmap_out(void)
{
    L4_Word_t segmap = segmap_task();
    L4_Word_t program = 1, map = 1; /* pages that went */
    for (int i = 0; i < AWAY_POLLS_MAX && program + map + memory_of(segmap).frames > 0; i++) {
        EXPECT_EQ(evict_task(segmap, 0, &program), OK);
        EXPECT_EQ(evict_task(TASK_ID_SYSTEM, EVICT_KEEP_DC, &map), OK);
        wait_for_disk();
    }
    EXPECT_EQ(memory_of(segmap).frames, 0);
    EXPECT_EQ(memory().frames_transit, 0);
}

/* ---- B5: the Swapper is resident, the manager above it is not ---- */

static void test_layers(void)
{
    ktap_begin("B5: nothing of segmap has to stay, and physmem serves without it whose windows are here");
    unsigned here = fresh();
    struct task_memory segmap = memory_of(segmap_task());
    EXPECT_EQ(segmap.wired, 0);
    EXPECT_EQ(segmap.wired_frames, 0);
    EXPECT_EQ(*page_of(here, 0), here);
    throw_segmap_out();
    L4_Word_t faults = memory_of(segmap_task()).faults;
    EXPECT_EQ(evict_task(own_task(), EVICT_KEEP_DC, NULL), OK);
    EXPECT_EQ(*page_of(here, 0), here); /* from the disk */
    EXPECT_EQ(*page_of(here, 1), 0);
    EXPECT_EQ(memory_of(segmap_task()).faults, faults);
    EXPECT_EQ(memory_of(segmap_task()).frames, 0);
    EXPECT_LT(0, memory().frames_image);
    (void)ktap_end();
}

/* ---- B31: SwapIn calls the Helper ---- */

static void test_call(void)
{
    ktap_begin("B31: who finds a window away calls for segmap once, and who finds it does not");
    unsigned w = fresh();
    L4_Word_t before = lookups();
    EXPECT_EQ(*page_of(w, 1), 0);
    EXPECT_EQ(lookups(), before + 1);
    EXPECT_EQ(*page_of(w, 2), 0);
    EXPECT_EQ(*page_of(w, 0), w);
    EXPECT_EQ(lookups(), before + 1);
    (void)ktap_end();
}

static void test_missing(void)
{
    ktap_begin("B31: where there is no segmap the call is kept for the next one");
    unsigned w = fresh();
    L4_Word_t old = segmap_task(), before = lookups();
    EXPECT_EQ(task_debug_kill(old), OK);
    EXPECT_EQ(*page_of(w, 0), w);
    EXPECT_EQ(lookups(), before + 1);
    EXPECT(segmap_task() != 0);
    (void)ktap_end();
}

/* ---- B32: a second round ---- */

static void test_second_round(void)
{
    enum { OF_MAP = 2 /* what tells its root, and a leaf */, OF_PROGRAM = 2 /* text, stack */ };
    ktap_begin("B32: segmap faults in its turn, once, and nobody a third time");
    unsigned w = fresh();
    throw_segmap_out();
    struct memory_info before = memory();
    L4_Word_t faults = memory_of(segmap_task()).faults, map = memory_of(TASK_ID_SYSTEM).frames;
    EXPECT_EQ(*page_of(w, 0), w);
    struct memory_info after = memory();
    faults = memory_of(segmap_task()).faults - faults;
    map = memory_of(TASK_ID_SYSTEM).frames - map;
    ktap_diagnostic("one LOOKUP: %lu faults of segmap's, %lu pages of the map and %lu in all read, "
                    "rounds: %lu at most",
                    (unsigned long)faults, (unsigned long)map,
                    (unsigned long)(after.pages_read - before.pages_read), (unsigned long)after.depth_max);
    EXPECT_EQ(after.lookups, before.lookups + 1);
    EXPECT_LE(OF_MAP, map);
    EXPECT_LE(OF_MAP + OF_PROGRAM, faults);
    EXPECT_LE(OF_MAP + OF_PROGRAM + 1, after.pages_read - before.pages_read);
    EXPECT_LE(after.depth_max, DEPTH_MAX);
    (void)ktap_end();
}

/* ---- B36: the episode is completed by others than the faulter ---- */

static void test_completion(void)
{
    ktap_begin("B36: the thread that faulted asks once, and is answered with the page");
    struct pager_stats before, after;
    unsigned w = fresh();
    throw_segmap_out();
    pager_get_stats(&before);
    EXPECT_EQ(*page_of(w, 0), w);
    pager_get_stats(&after);
    EXPECT_EQ(after.forwards - before.forwards, 1);
    EXPECT_EQ(after.asks, before.asks);
    (void)ktap_end();
}

/* ---- B38: FindSwapUnit, and addresses in no unit ---- */

static jmp_buf out;
static volatile enum error told;

static void on_fault(void *address, void *ip, unsigned access, enum error error)
{
    (void)address;
    (void)ip;
    (void)access;
    told = error;
    longjmp(out, 1);
}

/* The error that the page's first word is an exception with; OK: it is none. */
static enum error touch(volatile uint32_t *word)
{
    told = OK;
    pager_set_fault_handler(on_fault);
    if (setjmp(out) == 0) {
        (void)*word;
    }
    pager_set_fault_handler(NULL);
    return told;
}

static void test_no_unit(void)
{
    ktap_begin("B38: a hole of a window that is away, and what lies in no window, are the faulter's errors");
    unsigned w = fresh();
    L4_Word_t segmap = segmap_task(), before = lookups();
    EXPECT_EQ(touch(page_of(w, HOLE)), ERR_HOLE);
    EXPECT_EQ(lookups(), before + 1);
    EXPECT_EQ(touch(page_of(w, HOLE)), ERR_HOLE);
    EXPECT_EQ(touch(page_of(WINDOWS, 0)), ERR_RANGE);
    EXPECT_EQ(touch(page_of(WINDOWS, BEYOND - 1)), ERR_RANGE);
    EXPECT_EQ(lookups(), before + 1); /* nobody is asked for what cannot be */
    EXPECT_EQ(touch(page_of(w, 0)), OK);
    w = fresh();
    EXPECT_EQ(*page_of(w, 0), w);
    EXPECT_EQ(segmap_task(), segmap);
    (void)ktap_end();
}

/* ---- B39: others go on ---- */

static volatile bool may_read;

static void read_page(void *argument)
{
    unsigned w = (unsigned)argument;
    while (!may_read) {
        L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
    }
    if (*page_of(w, 0) != w) {
        printf("# window %u holds %u, wrong\n", w, (unsigned)*page_of(w, 0));
    }
}

static L4_Word_t hold(L4_Word_t ticks)
{
    L4_Word_t held = 0;
    EXPECT_EQ(task_debug(PHYSMEM_DEBUG_HOLD, &ticks, 1, &held, 1), OK);
    return held;
}

/* segmap cannot get on: its pages are on a disk that does nothing. */
static void test_others(void)
{
    enum { FRESH_PAGES = 200, HOLD_TICKS = 20 * 1000 };
    ktap_begin("B39: while segmap waits for the disk, faults that need no window are served");
    void *address;
    struct thread *waits;
    unsigned w = fresh(), here = fresh();
    EXPECT_EQ(*page_of(here, 0), here);
    REQUIRE(pager_map_anonymous(FRESH_PAGES * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &address) == OK);
    REQUIRE(thread_start(read_page, (void *)w, 2, &waits) == OK);
    throw_segmap_out();
    L4_Word_t before = lookups();
    (void)hold(HOLD_TICKS);
    may_read = true;
    for (int i = 0; i < AWAY_POLLS_MAX && memory().parked < 2; i++) { /* it, and segmap */
        L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
    }
    EXPECT_LE(2, memory().parked);
    for (unsigned i = 0; i < FRESH_PAGES; i++) {
        ((volatile uint32_t *)address)[i * PAGE_WORDS] = i;
    }
    EXPECT_EQ(*page_of(here, 1), 0);
    EXPECT_LE(2, memory().parked);
    EXPECT_EQ(lookups(), before);
    EXPECT_EQ(hold(0), 1); /* the disk has done nothing until now */
    EXPECT_EQ(thread_join(waits), OK);
    EXPECT_EQ(lookups(), before + 1);
    (void)pager_unmap(address, FRESH_PAGES * PAGE_SIZE);
    (void)ktap_end();
}

/* ---- B40: would several Helpers be faster? ---- */

enum { EACH = 400 }; /* windows that are brought back */

static volatile unsigned taken;
static unsigned order[EACH];

/* Of one of them a page that needs no disk, or one that does. */
static void bring_back(void *argument)
{
    unsigned page = (unsigned)argument, i;
    while ((i = __sync_fetch_and_add(&taken, 1)) < EACH) {
        uint32_t right = page == 0 ? order[i] : 0;
        if (*page_of(order[i], page) != right) {
            printf("# window %u, page %u: wrong\n", order[i], page);
        }
    }
}

static void shuffle(void)
{
    uint32_t state = 40;
    for (unsigned i = 0; i < EACH; i++) {
        unsigned k = xorshift(&state) % (i + 1);
        order[i] = order[k];
        order[k] = fresh();
    }
}

static void all_at_once(unsigned threads, unsigned page)
{
    struct thread *t[THREADS];
    for (unsigned i = 1; i < threads; i++) {
        REQUIRE(thread_start(bring_back, (void *)page, 2, &t[i]) == OK);
    }
    bring_back((void *)page);
    for (unsigned i = 1; i < threads; i++) {
        EXPECT_EQ(thread_join(t[i]), OK);
    }
}

struct measured {
    unsigned long lookups, faults /* of segmap's */, us;
};

static struct measured measure(const char *what, unsigned threads, unsigned page)
{
    L4_Word_t before = lookups(), faults = memory_of(segmap_task()).faults;
    L4_Word64_t start = L4_SystemClock();
    taken = 0;
    all_at_once(threads, page);
    struct measured m = {.us = (unsigned long)(L4_SystemClock() - start)};
    m.lookups = lookups() - before;
    m.faults = memory_of(segmap_task()).faults - faults;
    printf("# helper: %s, %u at once: %u windows in %lu us, %lu LOOKUPs, %lu faults of segmap's\n", what,
           threads, (unsigned)EACH, m.us, m.lookups, m.faults);
    return m;
}

/* What segmap has to wait for itself is read once for all windows whose records lie there. */
static void measure_away(const char *what, unsigned threads, unsigned page)
{
    shuffle();
    throw_segmap_out();
    struct measured m = measure(what, threads, page);
    EXPECT_LE(EACH, m.lookups);
    EXPECT_LE(m.faults, EACH / 8);
}

static void test_one_is_enough(void)
{
    ktap_begin("B40: one segmap faults seldom, whoever asks and however many");
    measure_away("away, zeros", 1, 1);
    measure_away("away, pages on the disk", THREADS, 0);
    EXPECT_EQ(evict_task(own_task(), EVICT_KEEP_DC, NULL), OK);
    (void)measure("here, pages on the disk", THREADS, 0);
    (void)ktap_end();
}

static unsigned same;

static void use_same(void *argument)
{
    unsigned i = (unsigned)argument;
    if (*page_of(same, i) != (i == 0 ? same : 0)) {
        printf("# window %u, page %u: wrong\n", same, i);
    }
}

static void test_same_unit(void)
{
    ktap_begin("B40: of many who want a window at once one brings it, and all go on");
    struct thread *t[THREADS];
    same = fresh();
    throw_segmap_out();
    L4_Word_t before = lookups();
    for (unsigned i = 0; i < THREADS; i++) {
        REQUIRE(thread_start(use_same, (void *)i, 2, &t[i]) == OK);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        EXPECT_EQ(thread_join(t[i]), OK);
    }
    EXPECT_EQ(lookups(), before + 1);
    (void)ktap_end();
}

static void test_state(void)
{
    L4_Word_t found[2] = {1, 0};
    ktap_begin("the depth of faults was two at most, and the whole-state check finds nothing");
    EXPECT_LE(memory().depth_max, DEPTH_MAX);
    EXPECT_EQ(task_debug(PHYSMEM_CHECK, NULL, 0, found, 2), OK);
    EXPECT_EQ(found[0], 0);
    (void)ktap_end();
}

int main(void)
{
    ktap_start(write_text, 11);
    make_windows();
    test_layers();
    test_call();
    test_missing();
    test_second_round();
    test_completion();
    test_no_unit();
    test_others();
    test_one_is_enough();
    test_same_unit();
    test_state();
    return ktap_finish();
}
