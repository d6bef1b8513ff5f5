/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-idle COUNT [THREADS [apart]]: so many tasks of a small program, most of the time out of
 * memory.  Each has so many threads, its pager among them; 2 if it is not said.
 *
 * They are started and moved out, one after the other; woken one by one, and moved out again; and
 * woken all together, if not `apart'.  Each time a task wakes it verifies and changes all the
 * memory that it has, and answers.  Ends well if every answer was right.  Lines with a # say what
 * stays for them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xorshift.h"
#include "child.h"
#include "pager/pager.h"

enum { TASKS_MOST = 2000, PAGES = 2, POLL_US = 2000, POLLS_MAX = 60 * 1000, LABEL_ANSWER = 0x711 };

const char program_name[] = "bench-idle";

static struct child children[TASKS_MOST];
static unsigned count, threads = 2;

/* ---- the small program ---- */

enum { PAGE_WORDS = PAGE_SIZE / sizeof(uint32_t) };

struct memory {
    uint32_t *words;
    uint32_t seed; /* of what is there; 0: nothing yet */
};

/* Returns how many words are not what they should be, and makes all of them something else: what
 * follows from the seed. */
static L4_Word_t verify_and_change(struct memory *m, uint32_t seed)
{
    L4_Word_t wrong = 0;
    uint32_t old = m->seed, fresh = m->seed = seed;
    bool written = old != 0;
    for (unsigned i = 0; i < PAGES * PAGE_WORDS; i++) {
        wrong += written && m->words[i] != xorshift(&old);
        m->words[i] = xorshift(&fresh);
    }
    return wrong;
}

static _Noreturn void wait_for_ever(void)
{
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Beside the first one and the pager. */
static void start_threads(L4_Word_t thread_count)
{
    static char stacks[TASK_THREADS_MAX][256] __attribute__((aligned(16)));
    for (L4_Word_t i = 2; i < thread_count; i++) {
        L4_ThreadId_t thread, local;
        require(task_thread_create(PHYSMEM_THREAD, &thread, &local), "thread");
        struct l4_registers r = {.control = L4_EXREGS_START,
                                 .sp = (L4_Word_t)(stacks[i] + sizeof stacks[i]),
                                 .ip = (L4_Word_t)wait_for_ever};
        require(L4_IsNilThread(L4_ExchangeRegisters(thread, &r)) ? ERR_NO_THREAD : OK, "thread");
    }
}

/* Its data, its heap, and a region of its pager. */
static _Noreturn void be_small(void)
{
    static uint32_t data[PAGES * PAGE_WORDS];
    void *region;
    struct memory all[3] = {{.words = data}, {.words = malloc(sizeof data)}};
    require(all[1].words ? OK : ERR_NO_MEMORY, "heap");
    require(pager_map_anonymous(sizeof data, RIGHT_READ | RIGHT_WRITE, &region), "region");
    all[2].words = region;
    for (uint32_t turn = 1;; turn++) {
        L4_ThreadId_t from;
        L4_Word_t wrong = 0;
        (void)L4_Wait(&from);
        L4_Word_t number = L4_StoreMR(1), thread_count = L4_StoreMR(2);
        if (turn == 1) {
            start_threads(thread_count);
        }
        for (unsigned i = 0; i < 3; i++) {
            wrong += verify_and_change(&all[i], turn << 16 | (number * 3 + i));
        }
        L4_LoadMR(1, number);
        L4_LoadMR(2, wrong);
        (void)L4_Send(from, L4_MsgTag(LABEL_ANSWER, 2, 0));
    }
}

/* ---- who starts them ---- */

/* It may have been about to wait for its next order, and have woken at once. */
static void move_out(unsigned i)
{
    for (int tries = 0; tries < POLLS_MAX; tries++) {
        struct task_memory m = {0};
        require(physmem_task_info(children[i].task, &m), "task info");
        if (m.state == TASK_MEMORY_OUT && m.frames == 0) {
            return;
        }
        enum error e = m.state == TASK_MEMORY_IN ? task_outswap(children[i].task, 0) : OK;
        require(e == ERR_BUSY || e == ERR_ALREADY ? OK : e, "moving a task out");
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    fail("moving a task out", ERR_BUSY);
}

static void wake(unsigned i)
{
    L4_LoadMR(1, i);
    L4_LoadMR(2, threads);
    if (L4_IpcFailed(L4_Send(children[i].thread, L4_MsgTag(LABEL_ORDER, 2, 0)))) {
        fail("waking a task", ERR_IPC);
    }
}

/* Of any of them; each one answers once. */
static void take_answer(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    L4_Word_t i = L4_StoreMR(1), wrong = L4_StoreMR(2);
    if (L4_IpcFailed(tag) || L4_Label(tag) != LABEL_ANSWER || i >= count ||
        !L4_IsThreadEqual(from, children[i].thread)) {
        fail("an answer", ERR_IPC);
    }
    if (wrong != 0) {
        printf("%s: task %lu has found %lu wrong words\n", program_name, (unsigned long)i,
               (unsigned long)wrong);
        exit(1);
    }
}

static void wake_one(unsigned i)
{
    wake(i);
    take_answer();
    move_out(i);
}

static void say(const char *what, const struct memory_info *before)
{
    struct memory_info now = memory();
    L4_Word_t tables = now.frames_tables - now.frames_lent - before->frames_tables + before->frames_lent;
    printf("# %s: %lu frames of physmem's tables and %lu lent to the kernel more than before\n", what,
           (unsigned long)tables, (unsigned long)(now.frames_lent - before->frames_lent));
}

/* All of them live, with as many threads as they should have. */
static void count_threads(void)
{
    struct task_info info = {0};
    unsigned seen = 0;
    for (L4_Word_t next = 0; task_info(next, &info) == OK; next = info.task + 1) {
        seen += info.state == TASK_RUNNING && strcmp(info.name, "small") == 0 && info.threads == threads;
    }
    require(seen == count ? OK : ERR_NO_THREAD, "counting threads");
}

static void wake_all(void)
{
    for (unsigned i = 0; i < count; i++) {
        wake(i);
    }
    for (unsigned i = 0; i < count; i++) {
        take_answer();
    }
}

int main(int argc, char **argv)
{
    child_program = argv[0];
    threads = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : threads;
    if (argc > 1 && strcmp(argv[1], "small") == 0) {
        be_small();
    }
    count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    if (count < 1 || count > TASKS_MOST || threads < 2 || threads > TASK_THREADS_MAX) {
        printf("usage: bench-idle COUNT [THREADS [apart]]   (1 .. %d, 2 .. %d)\n", TASKS_MOST,
               TASK_THREADS_MAX);
        return 2;
    }
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    struct memory_info before = memory();
    for (unsigned i = 0; i < count; i++) {
        children[i] = start_child("small", 0);
        wake_one(i);
    }
    say("all are out", &before);
    for (unsigned i = 0; i < count; i++) {
        wake_one(i);
    }
    say("all have been awake, one by one", &before);
    count_threads();
    if (argc <= 3 || strcmp(argv[3], "apart") != 0) {
        wake_all();
        say("all are awake", &before);
    }
    printf("%u tasks are right\n", count);
    return 0;
}
