/* SPDX-License-Identifier: BSD-2-Clause */
/* What `make run` shows: tasks of together four times the machine's memory, one of which is moved
 * out to disk whole and woken again, and all of which come to the results computed beforehand on
 * the host.  On a machine without a swap disk, or with a small one, the tasks are as large as fits
 * (plan.h), and the demo says what a swap disk would add.  Its status is 0 if every result is
 * right, 1 if one is not, and 2 if it could not start. */
#include <stdio.h>
#include <unistd.h>

#include "client/physmem.h"
#include "demo.h"

enum { SECONDS_BEFORE_OUTSWAP = 3, SECONDS_MAX = 100, HOGS_LEFT = 3, OUTSWAP_TRIES = 3 };
enum { STATUS_NOT_STARTED = 2 };
/* The driver may still be looking for its disk. */
enum { SWAP_POLLS = 10, SWAP_POLL_US = 100 * 1000 };

struct child children[PLAN_COUNT];

static struct plan_choice choice;
static bool has_swap;

static unsigned long mib(uint32_t pages)
{
    return (unsigned long)(pages + 128) / 256;
}

/* Returns a size for texts: "16 MiB", or "768 KiB" where MiB would be too coarse.  Four of them
 * live at a time. */
static const char *size_text(uint32_t pages)
{
    static char texts[4][16];
    static unsigned next;
    char *text = texts[next++ % 4];
    if (pages >= 4 * 256 || pages % 256 == 0) {
        snprintf(text, sizeof texts[0], "%lu MiB", mib(pages));
    } else {
        snprintf(text, sizeof texts[0], "%lu KiB", (unsigned long)pages * 4);
    }
    return text;
}

/* Returns the pages of all hogs together, if each has so many. */
static uint32_t hog_pages(uint32_t each)
{
    uint32_t pages = 0;
    for (unsigned i = 0; i < PLAN_HOGS; i++) {
        pages += choice.runs[i] ? each : 0;
    }
    return pages;
}

static unsigned tasks_chosen(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        count += choice.runs[i];
    }
    return count;
}

static bool is_smaller(void)
{
    return choice.size != &plan_sizes[0] || tasks_chosen() < PLAN_COUNT;
}

static bool went_well(const struct child *c)
{
    return c->state == CHILD_LEFT_OUT ||
           (c->state == CHILD_ENDED && c->status.end == TASK_END_EXIT && c->status.status == 0);
}

/* ---- before ---- */

static enum error look_at_machine(struct memory_info *info)
{
    enum error e = physmem_memory_info(info);
    for (unsigned i = 0; e == OK && info->slots_total == 0 && i < SWAP_POLLS; i++) {
        usleep(SWAP_POLL_US);
        e = physmem_memory_info(info);
    }
    has_swap = e == OK && info->slots_total != 0;
    return e;
}

static void introduce(const struct memory_info *info)
{
    printf("\n"
           "Pilotfish: everything above the kernel can be paged out, pagers included.\n");
    if (has_swap) {
        printf("The demo runs on a machine with %lu MiB of memory that can be paged, and %lu MiB of swap "
               "disk.\n",
               mib(info->frames_total), mib(info->slots_total));
    } else {
        printf("The demo runs on a machine with %lu MiB of memory that could be paged, but no swap disk: all "
               "tasks\n"
               "have to fit in memory together.\n",
               mib(info->frames_total));
    }
    static const char *const counts[PLAN_HOGS + 1] = {"none", "one", "two", "three", "four"};
    printf("It starts %u task%s, each with a pager thread of its own (hello has none); %s of them fill, read "
           "and\n"
           "write %s together, in different orders.\n\n",
           tasks_chosen(), tasks_chosen() == 1 ? "" : "s", counts[hog_pages(1)],
           size_text(hog_pages(choice.size->pages)));
}

static void start_all(void)
{
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        struct child *c = &children[i];
        bool hog = i < PLAN_HOGS;
        *c = (struct child){
            .plan = &plan[i],
            .pages = hog ? choice.size->pages : 0,
            .expected = hog ? choice.size->expected[i] : plan[i].expected,
        };
        if (!choice.runs[i]) {
            printf("demo: %s is left out, for want of memory\n", c->plan->name);
            continue;
        }
        enum error e = spawn(c);
        if (e == OK) {
            printf("demo: task %lu is %s\n", (unsigned long)c->task, c->plan->name);
        } else {
            printf("demo: %s could not be started: %s\n", c->plan->name, error_text(e));
        }
    }
}

/* On a fast machine all tasks may have ended already.  Then one is started once more, to be moved
 * out. */
static void keep_one_running(void)
{
    struct child *c = &children[0];
    notice_ended();
    for (unsigned i = 0; i < PLAN_COUNT; i++) {
        if (children[i].state == CHILD_RUNS) {
            return;
        }
    }
    if (c->state == CHILD_ENDED && went_well(c) && spawn(c) == OK) {
        printf("demo: all tasks have ended already; task %lu is %s once more, to be moved out\n",
               (unsigned long)c->task, c->plan->name);
    }
}

/* ---- after ---- */

static void print_result(const struct child *c)
{
    if (c->state == CHILD_LEFT_OUT) {
        printf("  --------  %-18s         was left out, for want of memory\n", c->plan->name);
        return;
    }
    printf("  task %3lu  %-18s%7s  ", (unsigned long)c->task, c->plan->name,
           c->pages ? size_text(c->pages) : "");
    if (c->state == CHILD_FAILED) {
        printf("WRONG: was not started\n");
    } else if (c->state == CHILD_RUNS) {
        printf("WRONG: has not ended in time\n");
    } else if (!went_well(c)) {
        printf("WRONG: status %lu\n", (unsigned long)c->status.status);
    } else if (c->expected) {
        printf("result 0x%08lx, as computed on the host\n", (unsigned long)c->expected);
    } else {
        printf("ended well\n");
    }
}

static bool print_outswap(const struct outswap_result *o)
{
    if (!o->child) {
        printf("No task was moved out to disk: on this machine all had ended before.\n");
        return true;
    }
    if (o->error != OK) {
        printf("WRONG: task %lu (%s) could not be moved out and back: %s.\n", (unsigned long)o->child->task,
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

static void print_figures(const struct memory_info *info)
{
    const char *size = size_text(hog_pages(choice.size->pages));
    if (has_swap) {
        printf("%s of pages lived in %lu MiB of memory: %lu faults were served, %lu pages written to the "
               "swap disk and\n"
               "%lu read back; the deepest recursion of one fault was %lu.\n",
               size, mib(info->frames_total), (unsigned long)info->faults, (unsigned long)info->pages_written,
               (unsigned long)info->pages_read, (unsigned long)info->depth_max);
    } else {
        printf("%s of pages lived in %lu MiB of memory: %lu faults were served; the deepest recursion of one "
               "fault was %lu.\n",
               size, mib(info->frames_total), (unsigned long)info->faults, (unsigned long)info->depth_max);
    }
}

/* Says what the machine at hand did not let the demo show. */
static void print_missing(void)
{
    const char *wanted = size_text(PLAN_HOGS * plan_sizes[0].pages);
    if (!has_swap) {
        printf(
            "What a swap disk would add: a task would be moved out of memory whole, its pager included, and "
            "woken again");
        if (is_smaller()) {
            printf(";\nand the tasks would use %s, more than the memory of this machine", wanted);
        }
        printf(".\nTo make one: tools/mkswap (README.md, \"Boot a real machine\").\n");
    } else if (is_smaller()) {
        printf("With more memory or a larger swap disk the tasks would use %s.\n", wanted);
    }
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
    all_well = (!has_swap || print_outswap(o)) && all_well;
    print_figures(&info);
    if (!all_well) {
        printf("Something went WRONG, see above.\n");
        return 1;
    }
    printf(has_swap ? "Every result is right: nothing was lost on the way out and back.\n"
                    : "Every result is right.\n");
    print_missing();
    return 0;
}

int main(void)
{
    struct memory_info info = {0};
    struct outswap_result outswap = {0};
    enum error e = look_at_machine(&info);
    if (e != OK) {
        printf("demo: physmem does not answer: %s\n", error_text(e));
        return STATUS_NOT_STARTED;
    }
    uint32_t room = info.pages_limit > info.pages_promised ? info.pages_limit - info.pages_promised : 0;
    if (!plan_choose(room, &choice)) {
        printf("demo: this machine is too small: %lu KiB are left for tasks, and the smallest needs %u KiB.\n"
               "Give it more memory, or a swap disk.\n",
               (unsigned long)room * 4, (unsigned)PLAN_HELLO_NEEDS * 4);
        return STATUS_NOT_STARTED;
    }
    introduce(&info);
    start_all();
    vmstat_start();
    vmstat_for(SECONDS_BEFORE_OUTSWAP, HOGS_LEFT);
    for (unsigned i = 0; has_swap && !outswap.child && i < OUTSWAP_TRIES; i++) {
        keep_one_running();
        show_outswap(&outswap);
    }
    vmstat_for(SECONDS_MAX, 0);
    return summarise(&outswap);
}
