/* SPDX-License-Identifier: BSD-2-Clause */
#include "dispatch.h"

#include "contract.h"
#include "fault.h"
#include "frame.h"
#include "kernel_memory.h"
#include "page.h"
#include "protocol/physmem.h"
#include "slot.h"
#include "swap.h"
#include "task.h"

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
    m.faults = fault_counts.taken;
    m.pages_read = swap_counts.pages_read;
    m.pages_written = swap_counts.pages_written;
    m.reads = swap_counts.reads;
    m.writes = swap_counts.writes;
    m.zero_fills = swap_counts.zero_fills;
    m.copies = swap_counts.copies;
    m.depth_max = fault_counts.depth_max;
    m.parked = fault_counts.parked;
    m.dropped = fault_counts.dropped;
    m.evictions = swap_counts.evictions;
    m.io_errors = swap_counts.io_errors;
    m.frames_lent = kernel_memory_lent();
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
