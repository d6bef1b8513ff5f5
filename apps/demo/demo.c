/* SPDX-License-Identifier: BSD-2-Clause */
/* What `make run` shows: tasks of together four times the machine's memory, one of which is moved out to
 * disk whole and woken again, and all of which come to the results computed beforehand on the host. */
#include <stdio.h>

#include "client/physmem.h"
#include "demo.h"

enum { SECONDS_BEFORE_OUTSWAP = 3, SECONDS_MAX = 100, HOGS_LEFT = 3 };

struct child children[PLAN_COUNT];

static unsigned long mib(uint32_t pages)
{
    return (unsigned long)(pages + 128) / 256;
}

static uint32_t pages_wanted(void)
{
    uint32_t pages = 0;
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        pages += plan[i].pages;
    }
    return pages;
}

static void introduce(const struct memory_info *info)
{
    printf("\n"
           "Pilotfish: everything above the kernel can be paged out, pagers included.\n"
           "The demo runs on a machine with %lu MiB of memory that can be paged, and %lu MiB of swap disk.\n"
           "It starts %d tasks, each with a pager thread of its own (hello has none); four of them fill, "
           "read and\n"
           "write %lu MiB together, in different orders.\n\n",
           mib(info->frames_total), mib(info->slots_total), (int)PLAN_COUNT, mib(pages_wanted()));
}

static void start_all(void)
{
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        struct child *c = &children[i];
        c->plan = &plan[i];
        enum error e = spawn(c->plan, &c->task);
        c->state = e == OK ? CHILD_RUNS : CHILD_FAILED;
        if (e == OK) {
            printf("demo: task %lu is %s\n", (unsigned long)c->task, c->plan->name);
        } else {
            printf("demo: %s could not be started: %s\n", c->plan->name, error_text(e));
        }
    }
}

static bool went_well(const struct child *c)
{
    return c->state == CHILD_ENDED && c->status.end == TASK_END_EXIT && c->status.status == 0;
}

static void print_result(const struct child *c)
{
    printf("  task %3lu  %-18s", (unsigned long)c->task, c->plan->name);
    if (c->plan->pages) {
        printf("%3lu MiB  ", mib(c->plan->pages));
    } else {
        printf("         ");
    }
    if (c->state == CHILD_FAILED) {
        printf("was not started\n");
    } else if (c->state == CHILD_RUNS) {
        printf("has not ended in time\n");
    } else if (!went_well(c)) {
        printf("WRONG: status %lu\n", (unsigned long)c->status.status);
    } else if (c->plan->expected) {
        printf("result 0x%08lx, as computed on the host\n", (unsigned long)c->plan->expected);
    } else {
        printf("ended well\n");
    }
}

static bool print_outswap(const struct outswap_result *o)
{
    if (!o->child) {
        printf("No task was left to be moved out: all had ended.\n");
        return false;
    }
    if (o->error != OK) {
        printf("Task %lu (%s) could not be moved out and back: %s.\n", (unsigned long)o->child->task,
               o->child->plan->name, error_text(o->error));
        return false;
    }
    printf("Task %lu (%s) was moved out to disk as a whole: %lu frames of memory before, %lu of them with "
           "its pager and\n"
           "program; %lu while it was out; %lu in the first second after it was woken.\n",
           (unsigned long)o->child->task, o->child->plan->name, (unsigned long)o->frames_before,
           (unsigned long)o->frames_dc_before, (unsigned long)o->frames_out, (unsigned long)o->frames_after);
    return true;
}

static int summarise(const struct outswap_result *o)
{
    struct memory_info info = {0};
    bool all_well = true;
    (void)physmem_memory_info(&info);
    printf("\nSummary\n");
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        print_result(&children[i]);
        all_well = all_well && went_well(&children[i]);
    }
    all_well = print_outswap(o) && all_well;
    printf("%lu MiB of pages lived in %lu MiB of memory: %lu faults were served, %lu pages written to the "
           "swap disk and\n"
           "%lu read back; the deepest recursion of one fault was %lu.\n",
           mib(pages_wanted()), mib(info.frames_total), (unsigned long)info.faults,
           (unsigned long)info.pages_written, (unsigned long)info.pages_read, (unsigned long)info.depth_max);
    printf(all_well ? "Every result is right: nothing was lost on the way out and back.\n"
                    : "Something went WRONG, see above.\n");
    return all_well ? 0 : 1;
}

int main(void)
{
    struct memory_info info = {0};
    struct outswap_result outswap;
    enum error e = physmem_memory_info(&info);
    if (e != OK) {
        printf("demo: physmem does not answer: %s\n", error_text(e));
        return 2;
    }
    introduce(&info);
    start_all();
    vmstat_start();
    vmstat_for(SECONDS_BEFORE_OUTSWAP, HOGS_LEFT);
    show_outswap(&outswap);
    vmstat_for(SECONDS_MAX, 0);
    return summarise(&outswap);
}
