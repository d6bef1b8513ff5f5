/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <unistd.h>

#include "client/physmem.h"
#include "demo.h"

enum { POLL_US = 200000, POLLS_MAX = 150, SECONDS_OUT = 3, SECONDS_TO_RETURN = 2 };

/* The living child with most pages in memory. */
static const struct child *choose(struct task_memory *memory)
{
    const struct child *best = NULL;
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        const struct child *c = &children[i];
        struct task_memory m;
        if (c->state == CHILD_RUNS && physmem_task_info(c->task, &m) == OK &&
            (!best || m.frames > memory->frames)) {
            best = c;
            *memory = m;
        }
    }
    return best;
}

static void print_frames(const struct child *c, const struct task_memory *m)
{
    static const char *const states[] = {"in memory", "going out", "out"};
    printf(
        "demo: task %lu (%s): %5lu frames, of these %3lu of its pager and program; %5lu pages on swap; %s\n",
        (unsigned long)c->task, c->plan->name, (unsigned long)m->frames, (unsigned long)m->frames_dc,
        (unsigned long)m->swapped, m->state < 3 ? states[m->state] : "?");
}

static enum error wait_until_out(const struct child *c, struct task_memory *m)
{
    for (unsigned i = 0; i < POLLS_MAX; i++) {
        enum error e = physmem_task_info(c->task, m);
        if (e != OK) {
            return e;
        }
        print_frames(c, m);
        if (m->state == TASK_MEMORY_OUT && m->frames == 0) {
            return OK;
        }
        usleep(POLL_US);
    }
    return ERR_BUSY;
}

void show_outswap(struct outswap_result *result)
{
    struct task_memory m = {0};
    const struct child *c = choose(&m);
    *result = (struct outswap_result){.child = c, .frames_before = m.frames, .frames_dc_before = m.frames_dc};
    if (!c) {
        return;
    }
    printf("demo: now task %lu (%s) is moved out whole, its pager included, while it is running.\n",
           (unsigned long)c->task, c->plan->name);
    print_frames(c, &m);
    result->error = task_outswap(c->task, OUTSWAP_HOLD);
    if (result->error == OK) {
        result->error = wait_until_out(c, &m);
    }
    result->frames_out = m.frames;
    if (result->error != OK) {
        printf("demo: that did not work: %s\n", error_text(result->error));
        (void)task_inswap(c->task);
        return;
    }
    printf("demo: task %lu holds no frame of memory now.  The others go on:\n", (unsigned long)c->task);
    (void)vmstat_for(SECONDS_OUT);
    result->error = task_inswap(c->task);
    printf("demo: task %lu (%s) is woken.\n", (unsigned long)c->task, c->plan->name);
    (void)vmstat_for(SECONDS_TO_RETURN);
    if (physmem_task_info(c->task, &m) == OK) {
        print_frames(c, &m);
        result->frames_after = m.frames;
    }
}
