/* SPDX-License-Identifier: BSD-2-Clause */
/* working_set: row B26.  A container of many windows, of which a few are used again and again, and
 * then others; for a machine on which windows leave (asm=N), with room for those few.  When they
 * are all there nothing is looked up any more, however often pages of them come and go, and segmap
 * itself is moved out meanwhile.  The lines `phase' say what was looked up while a set was used for
 * the first time, and later.  Needs `debug on'.  Status: 0 all was right, 1 not. */
#include <stdint.h>
#include <stdio.h>

#include "away.h"
#include "pager/pager.h"

enum {
    WINDOW = 16,   /* pages */
    WINDOWS = 400, /* each with a page that has been written */
    SET = 20,      /* windows of a working set */
    SHIFT = 200,   /* between the two sets */
    ROUNDS = 40,   /* until a set is there; and then again, without a look-up */
    EVICT_EVERY = 5,
    EVENTS_APART = 300,
};

static uint32_t *words;
static unsigned wrong;

static void require(int good, const char *what)
{
    if (!good) {
        printf("wrong: %s\n", what);
        wrong++;
    }
}

static uint32_t *page_of(unsigned window)
{
    return words + (size_t)window * WINDOW * (PAGE_SIZE / sizeof *words);
}

static int segmap_is_out(void)
{
    return memory_of(segmap_task()).state == TASK_MEMORY_OUT;
}

static void move_segmap_out(void)
{
    L4_Word_t in[2] = {segmap_task(), 0};
    require(task_debug(PHYSMEM_OUTSWAP, in, 2, NULL, 0) == OK, "outswap of segmap");
    for (int i = 0; i < AWAY_POLLS_MAX && !segmap_is_out(); i++) {
        L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
    }
    require(segmap_is_out(), "segmap is out");
}

/* All pages, and then so much happens that each of their windows could leave. */
static void evict(void)
{
    require(evict_task(L4_Version(L4_Myself()), EVICT_KEEP_DC, NULL) == OK, "eviction");
    for (int i = 0; i < EVENTS_APART; i++) {
        (void)let_something_happen();
    }
}

/* Uses the set, whose pages have to be read from the disk again and again. */
static void use(unsigned first, int rounds)
{
    for (int round = 0; round < rounds; round++) {
        if (round % EVICT_EVERY == 0) {
            evict();
        }
        for (unsigned w = first; w < first + SET; w++) {
            require(*page_of(w) == w, "contents");
        }
        away_pause();
    }
}

static void phase(const char *name, unsigned first)
{
    struct memory_info before = memory();
    use(first, ROUNDS);
    struct memory_info there = memory();
    move_segmap_out();
    use(first, ROUNDS);
    struct memory_info after = memory();
    printf("phase %s: %u lookups, then %u and %u pages read, segmap is %s\n", name,
           (unsigned)(there.lookups - before.lookups), (unsigned)(after.lookups - there.lookups),
           (unsigned)(after.pages_read - there.pages_read), segmap_is_out() ? "out" : "in");
}

int main(void)
{
    handle_t handle;
    void *address;
    if (physmem_create(WINDOWS * WINDOW, 0, &handle) != OK ||
        pager_map_container(handle, 0, (size_t)WINDOWS * WINDOW * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE,
                            &address) != OK) {
        return 1;
    }
    words = address;
    for (unsigned w = 0; w < WINDOWS; w++) {
        *page_of(w) = w;
    }
    wait_for_swap();
    evict();
    require(wait_until_quiet(), "windows leave for ever");
    phase("first set", 0);
    phase("shifted set", SHIFT);
    return wrong > 0;
}
