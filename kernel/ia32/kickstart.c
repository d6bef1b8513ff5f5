/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs before paging, linked at physical addresses (linker.ld), and calls nothing outside this file.
 *
 * Lays physical memory out: the kernel's pool at the top of RAM, below it the boot modules (moved up, in order, so
 * that sigma0's and the root task's link addresses are free), below them BootInfo.  Loads sigma0 and the root task,
 * and builds the page directory with the direct map.
 *
 *   0 .. 1 MiB | kernel | ... free ... | BootInfo | modules 2.. | pool | end of RAM
 */
#include "kickstart.h"

#include "l4/kip.h"

#include <stdbool.h>
#include <stddef.h>

struct boot_layout boot_layout;

enum {
    PAGE = 4096,
    BIG_PAGE = 4 << 20,
    MULTIBOOT_MAGIC = 0x2badb002,
    DIRECT_MAP_MAX = 896 << 20,
    KERNEL_ENTRY = 768,   /* first page-directory entry of the kernel */
    POOL_MIN = 256 << 10, /* behind what is kept for each frame */
    POOL_MAX = 64 << 20,
    PTE_PRESENT = 1,
    PTE_WRITE = 2,
    PTE_BIG = 0x80,
};

extern char kernel_end_physical[], boot_entry[];

struct multiboot_info {
    uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr, syms[4], mmap_length,
        mmap_addr;
};

struct multiboot_module {
    uint32_t start, end, string, reserved;
};

struct multiboot_range {
    uint32_t size;
    uint64_t base, length;
    uint32_t type;
} __attribute__((packed));

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

uint32_t kickstart(uint32_t magic, const struct multiboot_info *info);

static uint32_t page_up(uint32_t a)
{
    return (a + PAGE - 1) & ~(uint32_t)(PAGE - 1);
}

/* Both directions, so that overlapping moves are right. */
static void copy(uint32_t to, uint32_t from, uint32_t bytes)
{
    if (to <= from) {
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    } else {
        to += bytes - 1;
        from += bytes - 1;
        __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    }
}

static void clear(uint32_t to, uint32_t bytes)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

static uint32_t copy_text(char *to, uint32_t room, uint32_t from)
{
    const char *s = (const char *)from;
    uint32_t n = 0;
    while (from && s[n] && n + 1 < room) {
        to[n] = s[n];
        n++;
    }
    to[n] = 0;
    return n + 1;
}

static uint32_t read_memory_map(const struct multiboot_info *info)
{
    struct boot_layout *l = &boot_layout;
    if (info->flags & 0x40) {
        uint32_t at = info->mmap_addr, end = at + info->mmap_length;
        while (at < end && l->range_count < BOOT_RANGES_MAX) {
            const struct multiboot_range *r = (const struct multiboot_range *)at;
            l->ranges[l->range_count++] = (struct boot_range){r->base, r->base + r->length, r->type};
            at += r->size + 4;
        }
    } else if (info->flags & 1) {
        l->ranges[0] = (struct boot_range){0, (uint64_t)info->mem_lower << 10, 1};
        l->ranges[1] = (struct boot_range){1 << 20, (1 << 20) + ((uint64_t)info->mem_upper << 10), 1};
        l->range_count = 2;
    } else {
        return BOOT_NO_MEMORY_MAP;
    }
    /* the RAM that holds the kernel is the one that is used */
    for (uint32_t i = 0; i < l->range_count; i++) {
        const struct boot_range *r = &l->ranges[i];
        if (r->type == 1 && r->start <= 0x100000 && r->end > 0x100000) {
            uint64_t end = r->end < DIRECT_MAP_MAX ? r->end : DIRECT_MAP_MAX;
            l->memory_end = (uint32_t)end & ~(uint32_t)(PAGE - 1);
        }
    }
    return l->memory_end ? BOOT_OK : BOOT_NO_MEMORY_MAP;
}

static uint32_t read_modules(const struct multiboot_info *info)
{
    struct boot_layout *l = &boot_layout;
    uint32_t text = 0;
    const struct multiboot_module *m = (const struct multiboot_module *)info->mods_addr;
    if (!(info->flags & 8) || info->mods_count < 2) {
        return BOOT_MODULES_MISSING;
    }
    if (info->mods_count > BOOT_MODULES_MAX) {
        return BOOT_TOO_MANY_MODULES;
    }
    for (uint32_t i = 0; i < info->mods_count; i++) {
        l->modules[i] = (struct boot_module){m[i].start, m[i].end - m[i].start, text};
        text += copy_text(l->text + text, BOOT_TEXT_BYTES - text, m[i].string);
    }
    l->module_count = info->mods_count;
    return BOOT_OK;
}

/* kmem=KiB on the kernel's command line; 0 if absent. */
static uint32_t pool_option(void)
{
    static const char option[] = "kmem=";
    for (const char *s = boot_layout.cmdline; *s; s++) {
        uint32_t i = 0;
        while (option[i] && s[i] == option[i]) {
            i++;
        }
        if (!option[i]) {
            uint32_t n = 0;
            for (s += i; *s >= '0' && *s <= '9'; s++) {
                n = n * 10 + (uint32_t)(*s - '0');
            }
            return n << 10;
        }
    }
    return 0;
}

static void choose_pool(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t bytes = pool_option(), least = POOL_MIN + page_up(l->memory_end / PAGE * BOOT_FRAME_BYTES);
    if (!bytes) {
        bytes = l->memory_end / 32;
    }
    bytes = bytes < least ? least : bytes > POOL_MAX ? POOL_MAX : bytes;
    l->pool_end = l->memory_end;
    l->reserved_start = l->pool_start = page_up(l->memory_end - bytes);
}

/* Modules keep their order in memory, the last one highest.  They are moved from the one with the highest start on
 * down; each goes up, or stays, so nothing is overwritten that is still to be moved. */
static uint32_t move_modules(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t order[BOOT_MODULES_MAX], top = l->pool_start;
    for (uint32_t i = 0; i < l->module_count; i++) {
        uint32_t j = i;
        for (; j > 0 && l->modules[order[j - 1]].start > l->modules[i].start; j--) {
            order[j] = order[j - 1];
        }
        order[j] = i;
    }
    for (uint32_t i = l->module_count; i-- > 0;) {
        struct boot_module *m = &l->modules[order[i]];
        uint32_t room = page_up(m->size);
        if (top < room || top - room < m->start || top - room < (uint32_t)kernel_end_physical) {
            return BOOT_MEMORY_TOO_SMALL;
        }
        top -= room;
        copy(top, m->start, m->size);
        clear(top + m->size, room - m->size);
        m->start = top;
    }
    return BOOT_OK;
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

/* May an initial server occupy this?  Not the kernel, the pool, nor the modules. */
static bool may_load(uint32_t start, uint32_t end, uint32_t modules_start)
{
    bool on_kernel = start < (uint32_t)kernel_end_physical && end > 0x100000;
    return start < end && in_ram(start, end) && !on_kernel && end <= modules_start;
}

static bool load_elf(const struct boot_module *m, uint32_t modules_start, struct boot_image *image)
{
    const struct elf_header *h = (const struct elf_header *)m->start;
    if (m->size < sizeof(*h) || h->ident[0] != 0x7f || h->ident[1] != 'E' || h->ident[2] != 'L' ||
        h->ident[3] != 'F' || h->ident[4] != 1 || h->machine != 3 ||
        h->phentsize != sizeof(struct elf_segment) || h->phoff > m->size ||
        (uint64_t)h->phoff + h->phnum * sizeof(struct elf_segment) > m->size) {
        return false;
    }
    const struct elf_segment *s = (const struct elf_segment *)(m->start + h->phoff);
    image->low = ~0u;
    image->entry = h->entry;
    for (uint32_t i = 0; i < h->phnum; i++, s++) {
        if (s->type != 1 || s->memsz == 0) {
            continue;
        }
        uint64_t end = (uint64_t)s->paddr + s->memsz;
        if (s->filesz > s->memsz || (uint64_t)s->offset + s->filesz > m->size || end > modules_start ||
            !may_load(s->paddr, (uint32_t)end, modules_start)) {
            return false;
        }
        copy(s->paddr, m->start + s->offset, s->filesz);
        clear(s->paddr + s->filesz, s->memsz - s->filesz);
        image->low = s->paddr < image->low ? s->paddr : image->low;
        image->high = end > image->high ? (uint32_t)end : image->high;
    }
    return image->low < image->high;
}

/* BootInfo (interface.md 7.2): a record for each module, the first two as executables. */
static void write_boot_info(void)
{
    struct boot_layout *l = &boot_layout;
    struct bootinfo *b = (struct bootinfo *)l->boot_info;
    uint32_t at = l->boot_info + (uint32_t)sizeof(*b);
    *b = (struct bootinfo){.magic = BOOTINFO_MAGIC,
                           .version = 1,
                           .size = l->boot_info_bytes,
                           .first = sizeof(*b),
                           .count = l->module_count};
    for (uint32_t i = 0; i < l->module_count; i++) {
        const struct boot_module *m = &l->modules[i];
        uint32_t head = i < 2 ? sizeof(struct bootrec_simple_exec) : sizeof(struct bootrec_module);
        uint32_t text = copy_text((char *)(at + head), 4096, (uint32_t)(l->text + m->cmdline));
        struct bootrec_head h = {i < 2 ? BOOTREC_SIMPLE_EXEC : BOOTREC_MODULE, 1, (head + text + 3) & ~3u};
        if (i < 2) {
            const struct boot_image *image = i == 0 ? &l->sigma0 : &l->root;
            *(struct bootrec_simple_exec *)at =
                (struct bootrec_simple_exec){.head = h,
                                             .text_p = image->low,
                                             .text_v = image->low,
                                             .text_size = image->high - image->low,
                                             .ip = image->entry,
                                             .flags = 1,
                                             .cmdline = head};
        } else {
            *(struct bootrec_module *)at = (struct bootrec_module){h, m->start, m->size, head};
        }
        at += h.next;
    }
}

static uint32_t take_page(void)
{
    boot_layout.pool_start += PAGE;
    clear(boot_layout.pool_start - PAGE, PAGE);
    return boot_layout.pool_start - PAGE;
}

static bool has_pse(void)
{
    uint32_t before, after, a = 1, b, c = 0, d;
    __asm__ volatile("pushfl\n\tpopl %0\n\tmovl %0, %1\n\txorl $0x200000, %1\n\tpushl %1\n\tpopfl\n\t"
                     "pushfl\n\tpopl %1\n\tpushl %0\n\tpopfl"
                     : "=&r"(before), "=&r"(after));
    if (!((before ^ after) & 0x200000)) {
        return false; /* no CPUID */
    }
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    return (d & 8) != 0;
}

/* Small pages for the first 4 MiB, where the kernel is, and on processors without large ones.  The first 4 MiB also
 * one-to-one: boot.S runs there when paging goes on.  paging_init takes that away. */
static uint32_t build_directory(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t directory = take_page();
    uint32_t *entries = (uint32_t *)directory;
    l->page_size_extension = has_pse();
    for (uint32_t a = 0; a < l->memory_end; a += BIG_PAGE) {
        uint32_t entry = a | PTE_BIG | PTE_WRITE | PTE_PRESENT;
        if (a == 0 || !l->page_size_extension) {
            uint32_t table = take_page();
            for (uint32_t i = 0; i < PAGE / 4; i++) {
                ((uint32_t *)table)[i] = (a + i * PAGE) | PTE_WRITE | PTE_PRESENT;
            }
            entry = table | PTE_WRITE | PTE_PRESENT;
        }
        entries[KERNEL_ENTRY + a / BIG_PAGE] = entry;
    }
    entries[0] = entries[KERNEL_ENTRY];
    if (l->page_size_extension) {
        __asm__ volatile("movl %%cr4, %%eax\n\torl $0x10, %%eax\n\tmovl %%eax, %%cr4" : : : "eax");
    }
    return directory;
}

static uint32_t lay_out(const struct multiboot_info *info)
{
    struct boot_layout *l = &boot_layout;
    uint32_t error = read_memory_map(info);
    if (info->flags & 4) {
        copy_text(l->cmdline, sizeof(l->cmdline), info->cmdline);
    }
    if (!error) {
        error = read_modules(info);
    }
    if (error) {
        return error;
    }
    choose_pool();
    error = move_modules();
    if (error) {
        return error;
    }
    uint32_t modules_start = l->pool_start, text = 0;
    for (uint32_t i = 0; i < l->module_count; i++) {
        modules_start = l->modules[i].start < modules_start ? l->modules[i].start : modules_start;
        text += 4;
    }
    l->boot_info_bytes = page_up((uint32_t)(sizeof(struct bootinfo) + BOOT_TEXT_BYTES) + text +
                                 l->module_count * (uint32_t)sizeof(struct bootrec_simple_exec));
    l->boot_info = modules_start - l->boot_info_bytes;
    if (!load_elf(&l->modules[0], l->boot_info, &l->sigma0)) {
        return BOOT_BAD_SIGMA0;
    }
    if (!load_elf(&l->modules[1], l->boot_info, &l->root)) {
        return BOOT_BAD_ROOT;
    }
    write_boot_info();
    return BOOT_OK;
}

uint32_t kickstart(uint32_t magic, const struct multiboot_info *info)
{
    boot_layout.error = magic == MULTIBOOT_MAGIC ? lay_out(info) : BOOT_NOT_MULTIBOOT;
    if (boot_layout.error) { /* enough to be able to say so */
        boot_layout.memory_end = 8 << 20;
        boot_layout.pool_start = page_up((uint32_t)kernel_end_physical);
    }
    boot_layout.directory = build_directory();
    return boot_layout.directory;
}
