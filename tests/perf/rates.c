/* SPDX-License-Identifier: BSD-2-Clause */
/* bench-rates: how fast pages come in and tasks go out and in, in real time: `rate NAME PAGES
 * MICROSECONDS`.  tools/bench sets it against raw_disk, which does nothing but use the same disk.
 *
 * bench-rates idle   does nothing, for a machine on which raw_disk is measured */
#include <string.h>

#include "child.h"
#include "pager/pager.h"

enum { POLL_US = 200, POLLS_MAX = 150 * 1000, ACCESSES = 8192, PAGES_16M = 4096 };

const char program_name[] = "bench-rates";

static void tell(const char *name, L4_Word_t pages, L4_Word64_t start)
{
    printf("rate %s %lu %lu\n", name, (unsigned long)pages, (unsigned long)(L4_SystemClock() - start));
}

/* MR1 = how many pages to write to. */
static _Noreturn void be_holder(void)
{
    static volatile char *pages;
    for (;;) {
        L4_ThreadId_t from;
        (void)L4_Wait(&from);
        L4_Word_t count = L4_StoreMR(1);
        if (!pages) {
            void *area;
            require(pager_map_anonymous(count * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "pages");
            pages = area;
        }
        for (L4_Word_t i = 0; i < count; i++) {
            pages[i * PAGE_SIZE]++;
        }
        (void)L4_Reply(from, L4_MsgTag(LABEL_ORDER, 0, 0));
    }
}

static void page_in(void)
{
    uint32_t pages = 2 * memory().frames_free, at = 1;
    void *area;
    require(pages > 0 ? OK : ERR_NO_MEMORY, "free frames");
    require(pager_map_anonymous(pages * PAGE_SIZE, RIGHT_READ | RIGHT_WRITE, &area), "memory");
    volatile char *bytes = area;
    for (uint32_t i = 0; i < pages; i++) {
        bytes[i * PAGE_SIZE] = 1;
    }
    for (int round = 0; round < 2; round++) { /* the first one still writes what is new */
        L4_Word_t read = memory().pages_read;
        L4_Word64_t start = L4_SystemClock();
        for (uint32_t i = 0; i < pages; i++) {
            (void)bytes[i * PAGE_SIZE];
        }
        if (round > 0) {
            tell("pagein_sequential", memory().pages_read - read, start);
        }
    }
    L4_Word_t read = memory().pages_read;
    L4_Word64_t start = L4_SystemClock();
    for (uint32_t i = 0; i < ACCESSES; i++) {
        (void)bytes[at % pages * PAGE_SIZE];
        at = at * 1664525u + 1013904223u;
    }
    tell("pagein_random", memory().pages_read - read, start);
    require(pager_unmap(area, pages * PAGE_SIZE), "unmapping");
}

/* `left` frames are not read back: what was never written needs no slot. */
static void wait_until(L4_Word_t task, L4_Word_t state, L4_Word_t frames, L4_Word_t left)
{
    for (int i = 0; i < POLLS_MAX; i++) {
        struct task_memory m = memory_of(task);
        if (m.state == state && (frames == 0 ? m.frames == 0 : m.frames + left >= frames) &&
            memory().frames_transit == 0) {
            return;
        }
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    fail("moving a task", ERR_BUSY);
}

static void move_out_and_in(L4_Word_t pages, const char *out, const char *in)
{
    enum { NEVER_WRITTEN = 8 };
    struct child child = start_child("holder", 0);
    order(&child, pages);
    L4_Word_t frames = memory_of(child.task).frames;
    L4_Word64_t start = L4_SystemClock();
    require(task_outswap(child.task, OUTSWAP_HOLD), "outswap");
    wait_until(child.task, TASK_MEMORY_OUT, 0, 0);
    tell(out, frames, start);
    start = L4_SystemClock();
    require(task_inswap(child.task), "inswap");
    wait_until(child.task, TASK_MEMORY_IN, frames, NEVER_WRITTEN);
    tell(in, frames, start);
    end_child(&child);
}

int main(int argc, char **argv)
{
    child_program = argv[0];
    if (argc > 1 && strcmp(argv[1], "holder") == 0) {
        be_holder();
    }
    if (argc > 1 && strcmp(argv[1], "idle") == 0) {
        L4_Sleep(L4_Never);
    }
    while (memory().slots_total == 0) {
        L4_Sleep(L4_TimePeriod(POLL_US));
    }
    page_in();
    move_out_and_in(PAGES_16M, "outswap_16m", "inswap_16m");
    move_out_and_in(3 * PAGES_16M, "outswap_48m", "inswap_48m");
    return 0;
}
