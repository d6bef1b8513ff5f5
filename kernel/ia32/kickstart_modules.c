/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot modules: as many as there is memory for.
 *
 * The list of them is BootInfo itself (interface.md 7.2), a record for each module, the first two
 * as executables.  It is written into the kernel's pool, which nobody uses yet, before the modules
 * move: they may overwrite whatever the boot loader has left.  In the end it is copied to its place
 * below the modules; its offsets are relative.
 *
 * While modules move, a record's version is 0 until its module has been moved.  The file of an
 * executable is noted in its record's text_p and text_size until it is loaded. */
#include "kickstart_priv.h"

/* The bytes of a text, with its NUL. */
static uint32_t text_bytes(uint32_t text)
{
    const char *s = (const char *)text;
    uint32_t n = 0;
    while (text && s[n]) {
        n++;
    }
    return n + 1;
}

/* ---- the list ---- */

static uint32_t head_bytes(uint32_t number)
{
    return number < BOOT_SERVERS ? sizeof(struct bootrec_simple_exec) : sizeof(struct bootrec_module);
}

static uint32_t record_bytes(uint32_t number, const struct multiboot_module *m)
{
    return (head_bytes(number) + text_bytes(m->string) + 3) & ~3u;
}

static uint32_t list_bytes(const struct multiboot_info *info)
{
    const struct multiboot_module *m = (const struct multiboot_module *)info->mods_addr;
    uint32_t bytes = sizeof(struct bootinfo);
    for (uint32_t i = 0; i < info->mods_count; i++) {
        bytes += record_bytes(i, &m[i]);
    }
    return page_up(bytes);
}

/* If [start, start + bytes) overlaps the `room' bytes at *place, *place goes down below it. */
static void avoid(uint32_t *place, uint32_t room, uint32_t start, uint32_t bytes)
{
    if (bytes > 0 && start < *place + room && start + bytes > *place) {
        *place = (start & ~(uint32_t)(PAGE - 1)) - room;
    }
}

/* A place of that many bytes in the pool where the boot loader has left nothing, as high as
 * possible.  0: there is none. */
static uint32_t find_place(const struct multiboot_info *info, uint32_t room)
{
    const struct multiboot_module *m = (const struct multiboot_module *)info->mods_addr;
    uint32_t place = boot_layout.pool_end, before;
    if (room > place - boot_layout.pool_start) {
        return 0;
    }
    place -= room;
    do {
        before = place;
        avoid(&place, room, (uint32_t)info, sizeof(*info));
        avoid(&place, room, (uint32_t)m, info->mods_count * (uint32_t)sizeof(*m));
        for (uint32_t i = 0; i < info->mods_count; i++) {
            avoid(&place, room, m[i].start, m[i].end - m[i].start);
            avoid(&place, room, m[i].string, text_bytes(m[i].string));
        }
    } while (place != before && place >= boot_layout.pool_start && place < boot_layout.pool_end);
    return place >= boot_layout.pool_start && place < boot_layout.pool_end ? place : 0;
}

/* Is there memory for all modules and the list, if nothing else were there? */
static bool check_room(const struct multiboot_info *info, uint32_t list)
{
    const struct multiboot_module *m = (const struct multiboot_module *)info->mods_addr;
    uint32_t room = boot_layout.pool_start - page_up((uint32_t)kernel_end_physical);
    uint64_t bytes = list;
    for (uint32_t i = 0; i < info->mods_count; i++) {
        bytes += page_up(m[i].end - m[i].start);
    }
    return bytes <= room || boot_fail(BOOT_MODULES_TOO_LARGE, (uint32_t)(bytes >> 10), room >> 10);
}

static void write_record(uint32_t at, uint32_t number, const struct multiboot_module *m)
{
    uint32_t head = head_bytes(number), bytes = m->end - m->start;
    struct bootrec_head h = {number < BOOT_SERVERS ? BOOTREC_SIMPLE_EXEC : BOOTREC_MODULE, 0,
                             record_bytes(number, m)};
    if (number < BOOT_SERVERS) {
        *(struct bootrec_simple_exec *)at = (struct bootrec_simple_exec){
            .head = h, .text_p = m->start, .text_size = bytes, .flags = 1, .cmdline = head};
    } else {
        *(struct bootrec_module *)at = (struct bootrec_module){h, m->start, bytes, head};
    }
    if (m->string) {
        copy(at + head, m->string, text_bytes(m->string));
    }
}

bool modules_list(const struct multiboot_info *info)
{
    struct boot_layout *l = &boot_layout;
    const struct multiboot_module *m = (const struct multiboot_module *)info->mods_addr;
    uint32_t count = info->flags & 8 ? info->mods_count : 0;
    if (count < BOOT_SERVERS) {
        return boot_fail(BOOT_MODULES_MISSING, count, 0);
    }
    l->boot_info_bytes = list_bytes(info);
    if (!check_room(info, l->boot_info_bytes)) {
        return false;
    }
    l->boot_info = find_place(info, l->boot_info_bytes);
    if (!l->boot_info) {
        return boot_fail(BOOT_LIST_TOO_LONG, l->boot_info_bytes, l->pool_end - l->pool_start);
    }
    clear(l->boot_info, l->boot_info_bytes);
    *(struct bootinfo *)l->boot_info = (struct bootinfo){.magic = BOOTINFO_MAGIC,
                                                         .version = 1,
                                                         .size = l->boot_info_bytes,
                                                         .first = sizeof(struct bootinfo),
                                                         .count = count};
    uint32_t at = l->boot_info + (uint32_t)sizeof(struct bootinfo);
    for (uint32_t i = 0; i < count; i++) {
        write_record(at, i, &m[i]);
        at += record_bytes(i, &m[i]);
    }
    return true;
}

/* ---- walking it ---- */

struct module { /* a record of the list */
    struct bootrec_head *head;
    uint32_t number;
};

static struct module first_module(void)
{
    return (struct module){(struct bootrec_head *)(boot_layout.boot_info + sizeof(struct bootinfo)), 0};
}

static struct module next_module(struct module m)
{
    return (struct module){(struct bootrec_head *)((uint32_t)m.head + m.head->next), m.number + 1};
}

static bool is_module(struct module m)
{
    return m.number < ((const struct bootinfo *)boot_layout.boot_info)->count;
}

static uint32_t *start_of(struct module m)
{
    return m.number < BOOT_SERVERS ? &((struct bootrec_simple_exec *)m.head)->text_p
                                   : &((struct bootrec_module *)m.head)->start;
}

static uint32_t size_of(struct module m)
{
    return m.number < BOOT_SERVERS ? ((const struct bootrec_simple_exec *)m.head)->text_size
                                   : ((const struct bootrec_module *)m.head)->size;
}

static uint32_t name_of(struct module m)
{
    return (uint32_t)m.head + head_bytes(m.number);
}

struct bootrec_simple_exec *modules_server(uint32_t number)
{
    struct module m = first_module();
    while (m.number < number) {
        m = next_module(m);
    }
    return (struct bootrec_simple_exec *)m.head;
}

/* ---- moving ---- */

/* Of the modules that have not been moved, the one with the highest start; of several, the last. */
static struct module highest_unmoved(void)
{
    struct module best = {NULL, 0};
    for (struct module m = first_module(); is_module(m); m = next_module(m)) {
        if (m.head->version == 0 && (!best.head || *start_of(m) >= *start_of(best))) {
            best = m;
        }
    }
    return best;
}

/* Modules keep their order in memory, the last one highest.  The one with the highest start goes
 * first; each goes up, or stays, so nothing is overwritten that is still to be moved. */
bool modules_move(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t top = l->pool_start;
    for (struct module m = highest_unmoved(); m.head; m = highest_unmoved()) {
        uint32_t bytes = size_of(m), room = page_up(bytes), *start = start_of(m);
        top -= room;
        if (top < *start) {
            return boot_fail_module(BOOT_MODULE_TOO_HIGH, m.number, name_of(m), *start, top);
        }
        copy(top, *start, bytes);
        clear(top + bytes, room - bytes);
        *start = top;
        m.head->version = 1;
    }
    l->modules_start = top;
    copy(top - l->boot_info_bytes, l->boot_info, l->boot_info_bytes);
    l->boot_info = top - l->boot_info_bytes;
    return true;
}
