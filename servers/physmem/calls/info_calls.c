/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about memory that change nothing, and the request to lend the kernel some. */
#include "calls/dispatch.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/page.h"
#include "ground/counters.h"
#include "protocol/physmem.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/slot.h"
#include "serving/mappings.h"
#include "serving/parking.h"
#include "serving/segment_map.h"
#include "swap/swap_area.h"
#include "tasks/account.h"
#include "tasks/fault_record.h"
#include "tasks/presence.h"
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
    m->frames_image = frame_counts.image;
    m->frames_tables = frame_counts.tables;
    m->frames_wired = frame_counts.image + frame_counts.tables + frame_counts.quarantined;
    uint32_t pages = frame_counts.total - frame_counts.free - m->frames_wired;
    m->frames_transit = page_totals.transit;
    m->frames_wired += page_totals.wired;
    m->frames_resident = pages - page_totals.transit - page_totals.wired;
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
    m.swap_ready = swap_area_ready();
    m.lookups = counters.lookups;
    m.stores = counters.stores;
    m.containers_left = away_totals.left;
    m.map_pages = contract_map_pages_made();
    m.windows_stay = segment_map_windows_stay();
    return_words(c, &m, sizeof m);
    return OK;
}

enum error call_kernel_memory(struct call *c)
{
    L4_Word_t id = c->in->mr[1];
    struct task *t = task_find(id);
    if (c->task->id != TASK_ID_SYSTEM && t != c->task) {
        return ERR_PERMISSION;
    }
    enum error e = id == 0 || t ? mappings_make_room(t) : ERR_NO_TASK;
    c->wants_frame = e == ERR_BUSY;
    return e;
}

static void measure_task(const struct task *t, struct task_memory *m)
{
    *m = (struct task_memory){.state = t->state, .promised = t->promised, .wired = t->wired};
    m->quota = t->own_account ? t->account->quota : 0;
    m->faults = t->faults;
    m->faults_dc = t->faults_dc;
    m->charged = task_charged(t);
    m->containers = (t->record_bytes - t->paid_count * sizeof(struct handle)) / sizeof(struct container);
    m->frames = t->pages.resident;
    m->frames_dc = t->dc ? t->dc->home.counts.resident : 0;
    m->swapped = t->pages.swapped;
    m->wired_frames = t->pages.wired;
    m->shared = t->promised - t->pages.pages;
    m->stub_bytes = sizeof *t + (t->presence ? sizeof *t->presence : 0) +
                    t->record_count * (L4_Word_t)sizeof(struct fault_record) + t->record_bytes +
                    t->table_bytes - t->away_bytes;
}

enum error call_task_info(struct call *c)
{
    L4_Word_t id = c->in->mr[1];
    struct task *t = id == 0 ? c->task : task_find(id);
    struct task_memory m;
    if (!t) {
        return ERR_NO_TASK;
    }
    if (!task_has_made(c->task, t)) {
        return ERR_PERMISSION;
    }
    measure_task(t, &m);
    return_words(c, &m, sizeof m);
    return OK;
}
