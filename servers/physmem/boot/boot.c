/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/boot.h"

#include "boot/boot_records.h"
#include "boot/memory_map.h"
#include "calls/dispatch.h"
#include "contents/arrivals.h"
#include "contents/container.h"
#include "contents/fill.h"
#include "contents/handle.h"
#include "contents/kept.h"
#include "contents/module.h"
#include "contents/page.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/log.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "policy/policy_clock.h"
#include "policy/replacement.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/set_aside.h"
#include "room/slab.h"
#include "room/slot.h"
#include "serving/admission.h"
#include "serving/ending.h"
#include "serving/event.h"
#include "serving/outswap.h"
#include "serving/parking.h"
#include "serving/segment_map.h"
#include "serving/turn.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/swap_out.h"
#include "swap/transfer.h"
#include "tasks/fault_record.h"
#include "tasks/notice.h"
#include "tasks/recency.h"
#include "tasks/task.h"

/* Behind the root task's image it has so many free pages, and up to the end of a group of windows
 * (contents/window.h). */
enum { ROOT_FREE_PAGES = 3072, ROOT_PAGES_UNIT = 1024 };

enum { FRAMES_BELOW_1M = 256 };

/* While there is no more than a window for so many frames, all stay. */
enum { FRAMES_PER_WINDOW = 8 };

static const struct kip *kip;

_Noreturn static void too_small(const char *what)
{
    log_line("the machine has too little memory, or its boot modules are too large: no room for %s", what);
    platform_halt();
}

/* ---- the frame table ---- */

static struct range root_range(void)
{
    return frames_touched(kip->root.low, kip->root.high);
}

static bool is_wired_at_boot(frame_t f)
{
    return f == 0 || in_range(f, frames_touched(kip->sigma0.low, kip->sigma0.high)) ||
           in_range(f, boot_records_frames());
}

static bool is_plain(frame_t f)
{
    return frame_is_conventional(kip, f) && !is_wired_at_boot(f) && !in_range(f, root_range()) &&
           !frame_is_boot_module(f);
}

/* The first place above 1 MiB with that many plain frames in a row. */
static struct range find_place(uint32_t count, frame_t top)
{
    struct range place = {FRAMES_BELOW_1M, FRAMES_BELOW_1M};
    while (place.end < top && place.end - place.start < count) {
        place.end++;
        if (!is_plain(place.end - 1)) {
            place.start = place.end;
        }
    }
    if (place.end - place.start < count) {
        too_small("the table of its frames");
    }
    return place;
}

static enum frame_kind boot_kind(frame_t f, struct range table)
{
    if (!frame_is_conventional(kip, f) || f == 0) {
        return FRAME_ABSENT;
    }
    if (in_range(f, table) || is_wired_at_boot(f)) {
        return FRAME_IMAGE;
    }
    return in_range(f, root_range()) || frame_is_boot_module(f) ? FRAME_PAGE : FRAME_FREE;
}

static void make_frame_table(void)
{
    frame_t top = memory_map_end(kip);
    uint32_t heads = window_heads(top) * (uint32_t)sizeof(struct found *);
    uint32_t bytes = top * (uint32_t)sizeof(struct frame) + heads;
    struct range table = find_place((bytes + PAGE_SIZE - 1) / PAGE_SIZE, top);
    struct frame *entries = frame_memory(table.start);
    memset(entries, 0, (table.end - table.start) * PAGE_SIZE);
    frame_init(entries, top);
    window_init(entries + top, top);
    /* Backwards: the list of free frames then starts with the lowest. */
    for (frame_t f = top; f-- > 0;) {
        enum frame_kind kind = boot_kind(f, table);
        if (kind != FRAME_ABSENT) {
            frame_add(f, kind);
        }
    }
}

/* The kernel is lent frames when it needs them (room/kernel_memory.h).  What it uses already stays
 * with it. */
static void take_loan_back(void)
{
    struct range loan = memory_map_loan(kip);
    for (frame_t f = loan.end < frame_table_count ? loan.end : frame_table_count; f-- > loan.start;) {
        if (frame_table[f].kind == FRAME_ABSENT && platform_reclaim(f)) {
            frame_add(f, FRAME_FREE);
        }
    }
}

/* ---- task 1 and the modules ---- */

/* A frame that holds what the boot loader put there becomes that page of the container. */
static enum error adopt_frame(struct container *c, frame_t f, uint32_t page)
{
    ASSERT(frame_table[f].kind == FRAME_PAGE && frame_table[f].state == PAGE_NONE);
    enum error e = container_reserve(c, page);
    if (e == OK) {
        page_new_in_frame(f);
        frame_table[f].dirty = true; /* no copy of it on any swap disk */
        container_set(c, page, entry_of_frame(f));
    }
    return e;
}

/* All of them, from `page` on; the first error ends it. */
static enum error adopt_frames(struct container *c, struct range frames, uint32_t page)
{
    enum error e = OK;
    for (frame_t f = frames.start; f < frames.end && e == OK; f++, page++) {
        e = adopt_frame(c, f, page);
    }
    return e;
}

static bool is_all_zero(frame_t f)
{
    const L4_Word_t *words = frame_memory(f);
    uint32_t i = 0;
    while (i < PAGE_SIZE / sizeof *words && words[i] == 0) {
        i++;
    }
    return i == PAGE_SIZE / sizeof *words;
}

/* What the root task has not written to, such as most of its tables, takes no frame.  It does not
 * run yet. */
static enum error adopt_image(struct container *c, struct range image)
{
    enum error e = OK;
    for (frame_t f = image.start; f < image.end && e == OK; f++) {
        if (!is_all_zero(f)) {
            e = adopt_frame(c, f, f);
            continue;
        }
        frame_free(f);
        e = container_reserve(c, f);
        if (e == OK) {
            container_set(c, f, ENTRY_ZERO);
        }
    }
    for (frame_t f = image.start; f < image.end; f++) {
        container_trim(c, f);
    }
    return e;
}

static enum error make_root_task(void)
{
    struct range image = root_range();
    uint32_t end = (image.end + ROOT_FREE_PAGES + ROOT_PAGES_UNIT - 1) / ROOT_PAGES_UNIT * ROOT_PAGES_UNIT;
    struct task *t;
    struct container *dc;
    enum error e = task_create(TASK_ID_SYSTEM, NULL, 0, 0, &t);
    if (e == OK) {
        e = container_create(t, end, ENTRY_HOLE, &dc);
    }
    if (e == OK) {
        e = handle_create_designated(t, dc);
    }
    if (e != OK) {
        return e;
    }
    dc->designated = true;
    t->dc = dc;
    e = adopt_image(dc, image);
    for (uint32_t page = image.end; e == OK && page < end;) {
        event_start();
        e = container_fill_some(dc, &page, end, ENTRY_ZERO);
    }
    return e;
}

/* What is behind the module's end in its last page is anybody's. */
static void clear_tail(const struct bootrec_module *m)
{
    uint32_t used = m->size % PAGE_SIZE;
    if (used != 0) {
        memset(platform_memory(m->start + m->size), 0, PAGE_SIZE - used);
    }
}

static enum error make_module(const struct bootrec_module *m)
{
    struct range frames = boot_module_frames(m);
    struct container *c;
    uint32_t pages = frames.end > frames.start ? frames.end - frames.start : 1;
    ASSERT(m->start % PAGE_SIZE == 0);
    enum error e = container_create(task_find(TASK_ID_SYSTEM), pages, ENTRY_ZERO, &c);
    if (e != OK) {
        return e;
    }
    clear_tail(m);
    e = adopt_frames(c, frames, 0);
    if (e == OK) {
        e = module_add(c, m->size, boot_module_cmdline(m));
    }
    while (e != OK && !container_end(c, NULL)) {
        event_start();
    }
    return e;
}

/* The frames of a module that is left out are free, but for those that went with its container. */
static void leave_out(const struct bootrec_module *m)
{
    struct range frames = boot_module_frames(m);
    for (frame_t f = frames.start; f < frames.end; f++) {
        if (frame_table[f].kind == FRAME_PAGE && frame_table[f].state == PAGE_NONE) {
            frame_free(f);
        }
    }
}

/* Returns how many there are.  Where memory is too small for the tables of all of them, the rest is
 * left out: the task server finds no module of that name. */
static uint32_t make_modules(void)
{
    uint32_t count = 0;
    const struct bootrec_module *m = boot_module_first();
    for (; m && make_module(m) == OK; m = boot_module_next(m)) {
        count++;
    }
    if (m) {
        log_line("the machine has too little memory for its boot modules: %u of %u are left out",
                 (unsigned)(boot_module_count() - count), (unsigned)boot_module_count());
    }
    for (; m; m = boot_module_next(m)) {
        leave_out(m);
    }
    return count;
}

static void init_parts(void)
{
    counters = (struct counters){0};
    event_init();
    contract_init();
    set_aside_init();
    slot_init();
    kernel_memory_init();
    slab_small_init();
    task_init();
    recency_init();
    admission_init();
    turn_init();
    fault_record_init();
    notice_init();
    outswap_init();
    shared_init();
    page_init();
    arrivals_init();
    container_init();
    kept_init();
    handle_init();
    module_init();
    transfer_init();
    swap_area_init();
    swap_out_init();
    driver_init();
    policy_use(&policy_clock);
    replacement_init();
    parking_init();
    dispatch_init();
}

void boot(const struct kip *kernel_interface_page)
{
    kip = kernel_interface_page;
    init_parts();
    boot_records_init(kip);
    make_frame_table();
    take_loan_back();
    segment_map_init(boot_windows(frame_counts.total / FRAMES_PER_WINDOW));
    set_aside_open(true); /* for the task server */
    if (fault_record_reserve() != OK || make_root_task() != OK) {
        too_small("the first task");
    }
    uint32_t modules = make_modules();
    set_aside_open(false);
    log_info("%u frames, %u free; %u modules", (unsigned)frame_counts.total, (unsigned)frame_counts.free,
             (unsigned)modules);
}
