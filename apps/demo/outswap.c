/* SPDX-License-Identifier: BSD-2-Clause */
/* The child with most pages in memory is moved out, stays out for some seconds while the others go
 * on, and comes back. */
#include <stdio.h>
#include <unistd.h>

#include "client/physmem.h"
#include "demo.h"

enum { POLL_US = 20000, POLLS_MAX = 1500, POLLS_BACK = 40, SECONDS_OUT = 3, LINES_MAX = 8 };

/* Returns the living child with most pages in memory, or NULL. */
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

/* Prints a line when the frames have changed much since the last one. */
static void print_changes(const struct child *c, const struct task_memory *m, L4_Word_t *shown,
                          unsigned *lines)
{
    L4_Word_t change = m->frames > *shown ? m->frames - *shown : *shown - m->frames;
    if (*lines < LINES_MAX && change > 50) {
        print_frames(c, m);
        *shown = m->frames;
        ++*lines;
    }
}

static enum error wait_until_out(const struct child *c, struct task_memory *m)
{
    L4_Word_t shown = m->frames;
    unsigned lines = 0;
    for (unsigned i = 0; i < POLLS_MAX; i++) {
        enum error e = physmem_task_info(c->task, m);
        if (e != OK) {
            return e;
        }
        if (m->state == TASK_MEMORY_OUT && m->frames == 0) {
            print_frames(c, m);
            return OK;
        }
        print_changes(c, m, &shown, &lines);
        usleep(POLL_US);
    }
    return ERR_BUSY;
}

/* Watches its pages come back.  Returns how many frames it had at most. */
static L4_Word_t watch_return(const struct child *c)
{
    struct task_memory m;
    L4_Word_t shown = 0, most = 0;
    unsigned lines = 0;
    for (unsigned i = 0; i < POLLS_BACK && physmem_task_info(c->task, &m) == OK; i++) {
        most = m.frames > most ? m.frames : most;
        print_changes(c, &m, &shown, &lines);
        usleep(POLL_US);
    }
    return most;
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
    if (result->error == ERR_NO_TASK) {
        printf("demo: it has just ended\n");
        result->child = NULL;
        return;
    }
    if (result->error != OK) {
        printf("demo: that did not work: %s\n", error_text(result->error));
        (void)task_inswap(c->task);
        return;
    }
    printf("demo: task %lu holds no frame of memory now.  The others go on:\n", (unsigned long)c->task);
    vmstat_for(SECONDS_OUT, 0);
    printf("demo: task %lu (%s) is woken.\n", (unsigned long)c->task, c->plan->name);
    result->error = task_inswap(c->task);
    result->frames_after = watch_return(c);
}
