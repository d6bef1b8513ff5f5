/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/boot_records.h"

#include "ground/log.h"
#include "ground/mem.h"
#include "ground/platform.h"

static const struct bootrec_head *first, *last; /* NULL: there are none */
static uint32_t module_count;
static uint32_t windows;

enum { WINDOWS_SAID_MAX = 1 << 24, WINDOWS_UNSAID = ~0u };
static struct range own_frames;
static struct range module_frames; /* from the lowest to the highest of any module */

static const struct bootrec_head *behind(const void *record, uint32_t bytes)
{
    return (const void *)((const char *)record + bytes);
}

static uint32_t number(const char *digits)
{
    uint32_t n = 0;
    for (; *digits >= '0' && *digits <= '9' && n < WINDOWS_SAID_MAX; digits++) {
        n = 10 * n + (uint32_t)(*digits - '0');
    }
    return n;
}

uint32_t boot_windows(uint32_t otherwise)
{
    return windows != WINDOWS_UNSAID ? windows : otherwise;
}

static void read_options(const struct bootrec_simple_exec *own)
{
    const char *word = own->cmdline ? (const char *)own + own->cmdline : "";
    for (; *word; word++) {
        if (memcmp(word, " quiet", sizeof " quiet" - 1) == 0) {
            log_set_quiet(true);
        }
        if (memcmp(word, " asm=", sizeof " asm=" - 1) == 0) {
            windows = number(word + sizeof " asm=" - 1);
        }
    }
}

static void widen(struct range *all, struct range one)
{
    all->start = all->start < one.start ? all->start : one.start;
    all->end = all->end > one.end ? all->end : one.end;
}

void boot_records_init(const struct kip *kip)
{
    const struct bootinfo *info = kip->boot_info ? platform_memory(kip->boot_info) : NULL;
    first = last = NULL;
    module_count = 0;
    windows = WINDOWS_UNSAID;
    own_frames = (struct range){0, 0};
    module_frames = (struct range){~0u, 0};
    if (!info) {
        return;
    }
    own_frames = frames_touched(kip->boot_info, kip->boot_info + info->size);
    if (info->magic != BOOTINFO_MAGIC || info->count == 0) {
        return;
    }
    first = last = behind(info, info->first);
    for (uint32_t i = 1; i < info->count; i++) {
        last = behind(last, last->next);
    }
    for (const struct bootrec_module *m = boot_module_first(); m; m = boot_module_next(m)) {
        module_count++;
        widen(&module_frames, boot_module_frames(m));
    }
    if (first->type == BOOTREC_SIMPLE_EXEC) {
        read_options((const void *)first);
    }
}

static const struct bootrec_module *module_at_or_after(const struct bootrec_head *record)
{
    while (record && record->type != BOOTREC_MODULE) {
        record = record == last ? NULL : behind(record, record->next);
    }
    return (const void *)record;
}

const struct bootrec_module *boot_module_first(void)
{
    return module_at_or_after(first);
}

const struct bootrec_module *boot_module_next(const struct bootrec_module *m)
{
    return &m->head == last ? NULL : module_at_or_after(behind(m, m->head.next));
}

uint32_t boot_module_count(void)
{
    return module_count;
}

struct range boot_module_frames(const struct bootrec_module *m)
{
    return frames_touched(m->start, m->start + m->size);
}

bool frame_is_boot_module(frame_t f)
{
    if (!in_range(f, module_frames)) {
        return false;
    }
    const struct bootrec_module *m = boot_module_first();
    while (m && !in_range(f, boot_module_frames(m))) {
        m = boot_module_next(m);
    }
    return m != NULL;
}

const char *boot_module_cmdline(const struct bootrec_module *m)
{
    return m->cmdline ? (const char *)m + m->cmdline : "";
}

struct range boot_records_frames(void)
{
    return own_frames;
}
