/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/boot.h"

#include "boot/memory_map.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/module.h"
#include "contents/page.h"
#include "ground/counters.h"
#include "ground/invariant.h"
#include "ground/log.h"
#include "ground/mem.h"
#include "ground/platform.h"
#include "policy/policy_clock.h"
#include "policy/replacement.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/slot.h"
#include "serving/event.h"
#include "serving/parking.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/swap_out.h"
#include "swap/transfer.h"
#include "tasks/fault_record.h"
#include "tasks/notice.h"
#include "tasks/task.h"

enum { ROOT_FREE_PAGES = 2048, FRAMES_BELOW_1M = 256 };

static const struct kip *kip;
static const struct bootrec_module *records[MODULES_MAX];
static uint32_t record_count;

/* ---- boot records ---- */

static const struct bootinfo *bootinfo(void)
{
    return kip->boot_info ? platform_memory(kip->boot_info) : NULL;
}

/* physmem's own command line: the word `quiet'. */
static void read_options(const struct bootrec_simple_exec *own)
{
    const char *word = own->cmdline ? (const char *)own + own->cmdline : "";
    for (; *word; word++) {
        if (memcmp(word, " quiet", sizeof " quiet" - 1) == 0) {
            log_set_quiet(true);
        }
    }
}

static void find_modules(void)
{
    const struct bootinfo *info = bootinfo();
    record_count = 0;
    if (!info || info->magic != BOOTINFO_MAGIC) {
        return;
    }
    const char *record = (const char *)info + info->first;
    for (uint32_t i = 0; i < info->count; i++) {
        const struct bootrec_head *head = (const void *)record;
        if (head->type == BOOTREC_MODULE && record_count == MODULES_MAX) {
            log_line("more than %u modules: the rest is left out", (unsigned)MODULES_MAX);
            return;
        }
        if (head->type == BOOTREC_MODULE) {
            records[record_count++] = (const void *)record;
        } else if (i == 0 && head->type == BOOTREC_SIMPLE_EXEC) {
            read_options((const void *)record);
        }
        record += head->next;
    }
}

static struct range module_range(const struct bootrec_module *m)
{
    return frames_touched(m->start, m->start + m->size);
}

static bool is_module(frame_t f)
{
    for (uint32_t i = 0; i < record_count; i++) {
        if (in_range(f, module_range(records[i]))) {
            return true;
        }
    }
    return false;
}

/* ---- the frame table ---- */

static struct range root_range(void)
{
    return frames_touched(kip->root.low, kip->root.high);
}

static bool is_wired_at_boot(frame_t f)
{
    const struct bootinfo *info = bootinfo();
    return f == 0 || in_range(f, frames_touched(kip->sigma0.low, kip->sigma0.high)) ||
           (info && in_range(f, frames_touched(kip->boot_info, kip->boot_info + info->size)));
}

static bool is_plain(frame_t f)
{
    return frame_is_conventional(kip, f) && !is_wired_at_boot(f) && !in_range(f, root_range()) &&
           !is_module(f);
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
    INVARIANT(place.end - place.start == count);
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
    return in_range(f, root_range()) || is_module(f) ? FRAME_PAGE : FRAME_FREE;
}

static void make_frame_table(void)
{
    frame_t top = memory_map_end(kip);
    uint32_t bytes = top * (uint32_t)sizeof(struct frame);
    struct range table = find_place((bytes + PAGE_SIZE - 1) / PAGE_SIZE, top);
    struct frame *entries = frame_memory(table.start);
    memset(entries, 0, (table.end - table.start) * PAGE_SIZE);
    frame_init(entries, top);
    /* Backwards: the list of free frames then starts with the lowest. */
    for (frame_t f = top; f-- > 0;) {
        enum frame_kind kind = boot_kind(f, table);
        if (kind != FRAME_ABSENT) {
            frame_add(f, kind);
        }
    }
}

/* ---- task 1 and the modules ---- */

/* Frames that hold what the boot loader put there become pages of the container, from `page` on. */
static void adopt_frames(struct container *c, struct range frames, uint32_t page)
{
    for (frame_t f = frames.start; f < frames.end; f++, page++) {
        struct page *p = NULL;
        INVARIANT(frame_table[f].kind == FRAME_PAGE && frame_table[f].page == NULL);
        INVARIANT(container_reserve(c, page) == OK && page_new_in_frame(f, &p) == OK);
        p->dirty = 1; /* no copy of it on any swap disk */
        container_set(c, page, page_ref(p));
    }
}

static void make_root_task(void)
{
    struct range image = root_range();
    struct task *t;
    struct container *dc;
    INVARIANT(task_create(TASK_ID_SYSTEM, &t) == OK);
    INVARIANT(container_create(t, image.end + ROOT_FREE_PAGES, REF_HOLE, &dc) == OK);
    INVARIANT(handle_create_designated(t, dc) == OK);
    dc->designated = true;
    t->dc = dc;
    adopt_frames(dc, image, image.start);
    INVARIANT(container_fill(dc, image.end, image.end + ROOT_FREE_PAGES, REF_ZERO) == OK);
}

/* What is behind the module's end in its last page is anybody's. */
static void clear_tail(const struct bootrec_module *m)
{
    uint32_t used = m->size % PAGE_SIZE;
    if (used != 0) {
        memset(platform_memory(m->start + m->size), 0, PAGE_SIZE - used);
    }
}

static void make_module(const struct bootrec_module *m)
{
    struct range frames = module_range(m);
    struct container *c;
    const char *cmdline = m->cmdline ? (const char *)m + m->cmdline : "";
    uint32_t pages = frames.end > frames.start ? frames.end - frames.start : 1;
    INVARIANT(m->start % PAGE_SIZE == 0);
    INVARIANT(container_create(task_find(TASK_ID_SYSTEM), pages, REF_ZERO, &c) == OK);
    clear_tail(m);
    adopt_frames(c, frames, 0);
    INVARIANT(module_add(c, m->size, cmdline) == OK);
}

static void init_parts(void)
{
    counters = (struct counters){0};
    event_init();
    contract_init();
    slot_init();
    kernel_memory_init();
    task_init();
    fault_record_init();
    notice_init();
    page_init();
    container_init();
    handle_init();
    module_init();
    transfer_init();
    swap_area_init();
    swap_out_init();
    driver_init();
    policy_use(&policy_clock);
    replacement_init();
    parking_init();
}

void boot(const struct kip *kernel_interface_page)
{
    kip = kernel_interface_page;
    init_parts();
    find_modules();
    make_frame_table();
    INVARIANT(fault_record_reserve() == OK);
    make_root_task();
    for (uint32_t i = 0; i < record_count; i++) {
        make_module(records[i]);
    }
    log_info("%u frames, %u free; %u modules", (unsigned)frame_counts.total, (unsigned)frame_counts.free,
             (unsigned)record_count);
}
