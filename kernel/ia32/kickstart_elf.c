/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads an initial server.  Its file is a boot module and may hold anything: each of its words is
 * checked, and what is wrong is said in the words of whoever built or chose the file. */
#include "kickstart_priv.h"

#include "l4/server_note.h"

enum { KERNEL_START = 0x100000, CLASS_32 = 1, TYPE_EXECUTABLE = 2, MACHINE_386 = 3, LOAD = 1, NOTE = 4 };

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct server { /* what is being loaded */
    uint32_t number, name;
    const struct elf_header *elf;
    uint32_t bytes; /* of the file */
    struct boot_image *image;
};

static bool refuse(const struct server *s, enum boot_error error, uint32_t start, uint32_t end)
{
    return boot_fail_module(error, s->number, s->name, start, end);
}

static const struct elf_segment *segment(const struct server *s, uint32_t i)
{
    return (const struct elf_segment *)((uint32_t)s->elf + s->elf->phoff) + i;
}

static bool check_header(const struct server *s)
{
    const struct elf_header *h = s->elf;
    if (s->bytes < sizeof(*h) || h->ident[0] != 0x7f || h->ident[1] != 'E' || h->ident[2] != 'L' ||
        h->ident[3] != 'F') {
        return refuse(s, BOOT_NOT_ELF, 0, 0);
    }
    if (h->ident[4] != CLASS_32 || h->machine != MACHINE_386) {
        return refuse(s, BOOT_NOT_IA32, 0, 0);
    }
    if (h->type != TYPE_EXECUTABLE) {
        return refuse(s, BOOT_NOT_EXECUTABLE, 0, 0);
    }
    if (h->phentsize != sizeof(struct elf_segment) ||
        (uint64_t)h->phoff + h->phnum * sizeof(struct elf_segment) > s->bytes) {
        return refuse(s, BOOT_CUT_SHORT, 0, 0);
    }
    return true;
}

static bool in_ram(uint32_t start, uint32_t end)
{
    for (uint32_t i = 0; i < boot_layout.range_count; i++) {
        const struct boot_range *r = &boot_layout.ranges[i];
        if (r->type == 1 && start >= r->start && end <= r->end) {
            return true;
        }
    }
    return false;
}

/* May a segment lie there?  It must lie in RAM, and not on the kernel, nor on sigma0 if this is the
 * root task, nor on BootInfo and what is above. */
static bool check_place(const struct server *s, uint32_t start, uint64_t end)
{
    const struct boot_image *sigma0 = &boot_layout.servers[0];
    if (end > boot_layout.boot_info) {
        return refuse(s, BOOT_BEYOND_ROOM, boot_layout.boot_info >> 10, (uint32_t)((end + 1023) >> 10));
    }
    if (start < (uint32_t)kernel_end_physical && end > KERNEL_START) {
        return refuse(s, BOOT_ON_KERNEL, start, (uint32_t)end);
    }
    if (s->number > 0 && start < sigma0->high && end > sigma0->low) {
        return refuse(s, BOOT_ON_SIGMA0, start, (uint32_t)end);
    }
    return in_ram(start, (uint32_t)end) || refuse(s, BOOT_NOT_RAM, start, (uint32_t)end);
}

static bool load_segment(const struct server *s, const struct elf_segment *p)
{
    uint64_t end = (uint64_t)p->paddr + p->memsz;
    if (p->filesz > p->memsz || (uint64_t)p->offset + p->filesz > s->bytes) {
        return refuse(s, BOOT_CUT_SHORT, 0, 0);
    }
    if (!check_place(s, p->paddr, end)) {
        return false;
    }
    copy(p->paddr, (uint32_t)s->elf + p->offset, p->filesz);
    clear(p->paddr + p->filesz, p->memsz - p->filesz);
    s->image->low = p->paddr < s->image->low ? p->paddr : s->image->low;
    s->image->high = end > s->image->high ? (uint32_t)end : s->image->high;
    return true;
}

/* Is this the note of a server whose place is another one? */
static bool is_for_other_place(const struct server *s, const struct elf_segment *p)
{
    static const char name[] = SERVER_NOTE_NAME;
    if (p->filesz < sizeof(struct server_note) || (uint64_t)p->offset + p->filesz > s->bytes) {
        return false;
    }
    const struct server_note *note = (const struct server_note *)((uint32_t)s->elf + p->offset);
    bool ours = note->name_bytes == sizeof(name) && note->role_bytes == sizeof(note->role) &&
                note->type == SERVER_NOTE_TYPE;
    for (uint32_t i = 0; ours && i < sizeof(name); i++) {
        ours = note->name[i] == name[i];
    }
    return ours && note->role != s->number;
}

static bool check_role(const struct server *s)
{
    for (uint32_t i = 0; i < s->elf->phnum; i++) {
        if (segment(s, i)->type == NOTE && is_for_other_place(s, segment(s, i))) {
            return refuse(s, BOOT_WRONG_ORDER, 0, 0);
        }
    }
    return true;
}

static bool load_segments(const struct server *s)
{
    for (uint32_t i = 0; i < s->elf->phnum; i++) {
        const struct elf_segment *p = segment(s, i);
        if (p->type == LOAD && p->memsz > 0 && !load_segment(s, p)) {
            return false;
        }
    }
    return true;
}

bool server_load(uint32_t number)
{
    struct bootrec_simple_exec *record = modules_server(number);
    struct boot_image *image = &boot_layout.servers[number];
    const struct server s = {.number = number,
                             .name = (uint32_t)record + record->cmdline,
                             .elf = (const struct elf_header *)record->text_p,
                             .bytes = record->text_size,
                             .image = image};
    *image = (struct boot_image){
        .low = ~0u, .file = record->text_p, .file_end = record->text_p + page_up(s.bytes)};
    if (!check_header(&s) || !check_role(&s) || !load_segments(&s)) {
        return false;
    }
    if (image->low >= image->high) {
        return refuse(&s, BOOT_NOTHING_TO_LOAD, 0, 0);
    }
    image->entry = s.elf->entry;
    if (image->entry < image->low || image->entry >= image->high) {
        return refuse(&s, BOOT_ENTRY_OUTSIDE, image->entry, 0);
    }
    record->text_p = record->text_v = image->low;
    record->text_size = image->high - image->low;
    record->ip = image->entry;
    return true;
}
