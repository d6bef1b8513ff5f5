/* SPDX-License-Identifier: BSD-2-Clause */
/* working_set: row B26.  A container of many windows, of which a few are used again and again, and
 * then others; for a machine on which windows leave (asm=N), with room for those few.  When they
 * are all there nothing is looked up any more, however often pages of them come and go, and segmap
 * itself is moved out meanwhile.  The lines `phase' say what was looked up while a set was used for
 * the first time, and later.  Needs `debug on'.  Status: 0 all was right, 1 not. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../let_something_happen.h"
#include "client/physmem.h"
#include "client/task.h"
#include "l4/syscalls.h"
#include "pager/pager.h"

enum {
    WINDOW = 16,   /* pages */
    WINDOWS = 400, /* each with a page that has been written */
    SET = 20,      /* windows of a working set */
    SHIFT = 200,   /* between the two sets */
    ROUNDS = 40,   /* until a set is there; and then again, without a look-up */
    EVICT_EVERY = 5,
    EVENTS_APART = 300,
    POLL_US = 2000,
    POLLS_MAX = 10 * 1000,
    QUIET_POLLS = 100,
};

static uint32_t *words;
static unsigned wrong;

static struct memory_info memory(void)
{
    struct memory_info m = {0};
    (void)physmem_memory_info(&m);
    return m;
}

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

static void pause(void)
{
    (void)let_something_happen();
    L4_Sleep(L4_TimePeriod(POLL_US));
}

static void wait_until_quiet(void)
{
    L4_Word_t stores = 0;
    int quiet = 0;
    for (int i = 0; quiet < QUIET_POLLS && i < POLLS_MAX; i++) {
        struct memory_info m = memory();
        quiet = m.stores == stores && stores > 0 ? quiet + 1 : 0;
        stores = m.stores;
        pause();
    }
    require(quiet == QUIET_POLLS, "windows leave for ever");
}

/* Of segmap; 0: there is none. */
static L4_Word_t segmap_task(void)
{
    struct task_info info;
    L4_Word_t id = 0;
    while (task_info(id, &info) == OK && strcmp(info.name, "segmap") != 0) {
        id = info.task + 1;
    }
    return task_info(id, &info) == OK ? info.task : 0;
}

static int segmap_state(void)
{
    L4_Word_t task = segmap_task(), out[sizeof(struct task_memory) / sizeof(L4_Word_t)] = {0};
    struct task_memory m;
    require(task_debug(PHYSMEM_TASK_INFO, &task, 1, out, sizeof out / sizeof *out) == OK, "task info");
    memcpy(&m, out, sizeof m);
    return (int)m.state;
}

static void move_segmap_out(void)
{
    L4_Word_t in[2] = {segmap_task(), 0};
    require(task_debug(PHYSMEM_OUTSWAP, in, 2, NULL, 0) == OK, "outswap of segmap");
    for (int i = 0; i < POLLS_MAX && segmap_state() != TASK_MEMORY_OUT; i++) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    require(segmap_state() == TASK_MEMORY_OUT, "segmap is out");
}

/* All pages, and then so much happens that each of their windows could leave. */
static void evict(void)
{
    L4_Word_t in[2] = {L4_Version(L4_Myself()), EVICT_KEEP_DC}, out[1];
    require(task_debug(PHYSMEM_DEBUG_EVICT, in, 2, out, 1) == OK, "eviction");
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
        pause();
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
           (unsigned)(after.pages_read - there.pages_read), segmap_state() == TASK_MEMORY_OUT ? "out" : "in");
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
    evict();
    wait_until_quiet();
    phase("first set", 0);
    phase("shifted set", SHIFT);
    return wrong > 0;
}
