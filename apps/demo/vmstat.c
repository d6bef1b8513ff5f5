/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines about the machine's memory, a second apart, with the counters' changes since the last
 * one. */
#include <stdio.h>
#include <unistd.h>

#include "client/physmem.h"
#include "demo.h"
#include "l4/syscalls.h"

enum { LINES_PER_HEAD = 20, POLLS_PER_SECOND = 10 };

static struct memory_info last;
static L4_Word64_t started;
static unsigned lines;

void vmstat_start(void)
{
    started = L4_SystemClock();
    (void)physmem_memory_info(&last);
}

static unsigned long kib(L4_Word_t pages)
{
    return (unsigned long)pages * (PAGE_SIZE / 1024);
}

static void vmstat_line(void)
{
    struct memory_info now;
    if (physmem_memory_info(&now) != OK) {
        return;
    }
    if (lines++ % LINES_PER_HEAD == 0) {
        printf("vmstat: seconds  free KiB  resident KiB  swapped KiB   faults  pages read  written  "
               "recursion\n");
    }
    printf("vmstat: %7lu %9lu %13lu %12lu %8lu %11lu %8lu %10lu\n",
           (unsigned long)((L4_SystemClock() - started) / 1000000), kib(now.frames_free),
           kib(now.frames_resident), kib(now.slots_used), (unsigned long)(now.faults - last.faults),
           (unsigned long)(now.pages_read - last.pages_read),
           (unsigned long)(now.pages_written - last.pages_written), (unsigned long)now.depth_max);
    last = now;
}

/* A child that has ended waits for our TASK_WAIT, which then returns at once. */
void notice_ended(void)
{
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        struct child *c = &children[i];
        struct task_info info;
        if (c->state == CHILD_RUNS && task_info(c->task, &info) == OK && info.task == c->task &&
            info.state == TASK_ENDED && task_wait(c->task, &c->status) == OK) {
            c->state = CHILD_ENDED;
        }
    }
}

static unsigned running(bool hogs_only)
{
    unsigned n = 0;
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        n += children[i].state == CHILD_RUNS && (!hogs_only || children[i].plan->kind == PLAN_HOG);
    }
    return n;
}

void vmstat_for(unsigned seconds, unsigned hogs)
{
    for (unsigned i = 1; i <= seconds * POLLS_PER_SECOND; i++) {
        usleep(1000000 / POLLS_PER_SECOND);
        notice_ended();
        if (i % POLLS_PER_SECOND == 0) {
            vmstat_line();
        }
        if (running(true) <= hogs && (hogs > 0 || running(false) == 0)) {
            break;
        }
    }
}
