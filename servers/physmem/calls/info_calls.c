/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about memory that change nothing, and the request to lend the kernel some. */
#include "calls/dispatch.h"

#include "contents/page.h"
#include "contents/task_pages.h"
#include "ground/counters.h"
#include "protocol/physmem.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/slot.h"
#include "serving/parking.h"
#include "tasks/task.h"

static void return_words(struct call *c, const void *words, uint32_t bytes)
{
    const L4_Word_t *word = words;
    for (uint32_t i = 0; i < bytes / sizeof *word; i++) {
        call_result(c, word[i]);
    }
}

static void measure_frames(struct memory_info *m)
{
    m->frames_total = frame_counts.total;
    m->frames_free = frame_counts.free;
    m->frames_wired = frame_counts.image + frame_counts.tables + frame_counts.quarantined;
    for (frame_t f = 0; f < frame_table_count; f++) {
        const struct frame *frame = &frame_table[f];
        if (frame->kind != FRAME_PAGE) {
            continue;
        }
        m->frames_transit += page_in_transit(frame->page);
        m->frames_wired += !page_in_transit(frame->page) && frame->page->wired;
        m->frames_resident += !page_in_transit(frame->page) && !frame->page->wired;
    }
}

enum error call_memory_info(struct call *c)
{
    struct memory_info m = {0};
    measure_frames(&m);
    m.slots_total = slot_counts.total - slot_counts.bad;
    m.slots_used = slot_counts.used;
    m.pages_promised = contract_promised();
    m.pages_limit = contract_limit();
    m.faults = counters.faults;
    m.pages_read = counters.pages_read;
    m.pages_written = counters.pages_written;
    m.reads = counters.reads;
    m.writes = counters.writes;
    m.zero_fills = counters.zero_fills;
    m.copies = counters.copies;
    m.depth_max = counters.depth_max;
    m.parked = parking_count();
    m.dropped = counters.dropped;
    m.evictions = counters.evictions;
    m.io_errors = counters.io_errors;
    m.frames_lent = kernel_memory_lent();
    m.overlaps = counters.overlaps;
    return_words(c, &m, sizeof m);
    return OK;
}

enum error call_kernel_memory(struct call *c)
{
    (void)c;
    return kernel_memory_relieve();
}

enum error call_task_info(struct call *c)
{
    L4_Word_t id = c->in->mr[1];
    struct task *t = id == 0 ? c->task : task_find(id);
    struct task_memory m;
    if (!t) {
        return ERR_NO_TASK;
    }
    task_measure(t, &m);
    return_words(c, &m, sizeof m);
    return OK;
}
