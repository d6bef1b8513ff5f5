/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs before paging, linked at physical addresses (linker.ld), and calls nothing outside
 * kickstart*.c.
 *
 * Lays physical memory out: the kernel's pool at the top of RAM, below it the boot modules (moved
 * up, in order, so that sigma0's and the root task's link addresses are free), below them
 * BootInfo.  Loads sigma0 and the root task, and builds the page directory with the direct map.
 *
 *   0 .. 1 MiB | kernel | ... free ... | BootInfo | modules | pool | end of RAM */
#include "kickstart_priv.h"

struct boot_layout boot_layout;

enum {
    BIG_PAGE = 4 << 20,
    MULTIBOOT_MAGIC = 0x2badb002,
    DIRECT_MAP_MAX = 896 << 20,
    KERNEL_ENTRY = 768,       /* first page-directory entry of the kernel */
    POOL_MIN = 192 << 10,     /* behind what is kept for each frame */
    POOL_SERVERS = 128 << 10, /* of that without page tables for all of RAM */
    POOL_MAX = 64 << 20,
    PTE_PRESENT = 1,
    PTE_WRITE = 2,
    PTE_BIG = 0x80,
};

struct multiboot_range {
    uint32_t size;
    uint64_t base, length;
    uint32_t type;
} __attribute__((packed));

uint32_t kickstart(uint32_t magic, const struct multiboot_info *info);

uint32_t page_up(uint32_t a)
{
    return (a + PAGE - 1) & ~(uint32_t)(PAGE - 1);
}

void copy(uint32_t to, uint32_t from, uint32_t bytes)
{
    if (to <= from) {
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    } else {
        to += bytes - 1;
        from += bytes - 1;
        __asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    }
}

void clear(uint32_t to, uint32_t bytes)
{
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

/* Copies a text up to its NUL, or as much of it as there is room for. */
static void copy_text(char *to, uint32_t room, uint32_t from)
{
    const char *s = (const char *)from;
    uint32_t n = 0;
    while (from && s[n] && n + 1 < room) {
        to[n] = s[n];
        n++;
    }
    to[n] = 0;
}

/* ---- problems ---- */

bool boot_fail(enum boot_error error, uint32_t start, uint32_t end)
{
    boot_layout.problem = (struct boot_problem){.error = error, .start = start, .end = end};
    return false;
}

/* The name is the last part of the command line's first word. */
bool boot_fail_module(enum boot_error error, uint32_t module, uint32_t file_name, uint32_t start,
                      uint32_t end)
{
    uint32_t name = file_name;
    for (const char *s = (const char *)file_name; *s && *s != ' '; s++) {
        name = *s == '/' ? (uint32_t)s + 1 : name;
    }
    (void)boot_fail(error, start, end);
    boot_layout.problem.module = module;
    copy_text(boot_layout.problem.name, BOOT_NAME_BYTES, name);
    for (char *s = boot_layout.problem.name; *s; s++) {
        if (*s == ' ') {
            *s = 0;
            break;
        }
    }
    return false;
}

/* ---- the map of memory ---- */

/* Whatever the boot loader says beyond BOOT_RANGES_MAX ranges is memory that nobody uses. */
static bool read_memory_map(const struct multiboot_info *info)
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
    }
    /* Of several pieces of RAM, the one that holds the kernel is used. */
    for (uint32_t i = 0; i < l->range_count; i++) {
        const struct boot_range *r = &l->ranges[i];
        if (r->type == 1 && r->start <= RAM_START && r->end > RAM_START) {
            uint64_t end = r->end < DIRECT_MAP_MAX ? r->end : DIRECT_MAP_MAX;
            l->memory_end = (uint32_t)end & ~(uint32_t)(PAGE - 1);
        }
    }
    return l->memory_end || boot_fail(BOOT_NO_MEMORY_MAP, 0, 0);
}

/* ---- the kernel's pool ---- */

/* The value behind kmem= on the kernel's command line.  NULL: there is no such word. */
static const char *pool_word(void)
{
    static const char key[] = "kmem=";
    for (const char *s = boot_layout.cmdline; *s; s++) {
        uint32_t i = 0;
        while (key[i] && s[i] == key[i]) {
            i++;
        }
        if (!key[i] && (s == boot_layout.cmdline || s[-1] == ' ')) {
            return s + i;
        }
    }
    return NULL;
}

/* The decimal number that a word is up to its end.  0: it is none, or greater than `most'. */
static uint32_t parse_number(const char *s, uint32_t most)
{
    uint32_t n = 0;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (uint32_t)(*s - '0');
        if (n > most) {
            return 0;
        }
    }
    return *s == 0 || *s == ' ' ? n : 0;
}

/* What the kernel needs of its pool before the first program runs: what is kept for each frame,
 * page tables of sigma0 for all of RAM (main.c pins them) and of the direct map where that has
 * small pages, and room for the two servers. */
static uint32_t least_pool(void)
{
    uint32_t tables = page_up(boot_layout.memory_end / (BIG_PAGE / PAGE)) + PAGE;
    uint32_t needed = POOL_SERVERS + tables + (boot_layout.page_size_extension ? 0 : tables);
    return page_up(boot_layout.memory_end / PAGE * BOOT_FRAME_BYTES) +
           (needed > POOL_MIN ? needed : POOL_MIN);
}

/* kmem=KiB chooses the pool's size up to half of the memory; anything else is refused, and the
 * default taken.  What the default is beyond the least is a loan, which a sigma0 that lends when it
 * is needed can take back at once; what was asked for is the kernel's for good. */
static bool choose_pool(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t least = least_pool();
    uint32_t most = l->memory_end / 2 < POOL_MAX ? l->memory_end / 2 : POOL_MAX;
    uint32_t end = page_up((uint32_t)kernel_end_physical) + least;
    if (l->memory_end < end) {
        return boot_fail(BOOT_MEMORY_TOO_SMALL, l->memory_end >> 10, end >> 10);
    }
    most = most < least ? least : most;
    uint32_t bytes = l->memory_end / 32;
    bytes = bytes < least ? least : bytes > most ? most : bytes;
    uint32_t own = least;
    const char *word = pool_word();
    if (word) {
        uint32_t asked = parse_number(word, most >> 10) << 10;
        l->pool_refused = asked < least;
        bytes = l->pool_refused ? bytes : asked;
        own = l->pool_refused ? own : bytes;
    }
    l->pool_least_kib = least >> 10;
    l->pool_most_kib = most >> 10;
    l->pool_end = l->memory_end;
    l->reserved_start = l->pool_start = page_up(l->memory_end - bytes);
    l->loan_start = own < bytes ? l->pool_start + own : l->pool_end;
    return true;
}

/* ---- the page directory ---- */

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

static uint32_t take_page(void)
{
    boot_layout.pool_start += PAGE;
    clear(boot_layout.pool_start - PAGE, PAGE);
    return boot_layout.pool_start - PAGE;
}

/* The direct map has small pages for the first 4 MiB, where the kernel is, and for all on
 * processors without large ones.  The first 4 MiB are also mapped one-to-one, because boot.S runs
 * there when paging is turned on; paging_init takes that away. */
static uint32_t build_directory(void)
{
    struct boot_layout *l = &boot_layout;
    uint32_t directory = take_page();
    uint32_t *entries = (uint32_t *)directory;
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

static bool lay_out(const struct multiboot_info *info)
{
    if (info->flags & 4) {
        copy_text(boot_layout.cmdline, BOOT_CMDLINE_BYTES, info->cmdline);
    }
    return read_memory_map(info) && choose_pool() && modules_list(info) && modules_move() && server_load(0) &&
           server_load(1);
}

/* Called by boot.S.  Returns the page directory. */
uint32_t kickstart(uint32_t magic, const struct multiboot_info *info)
{
    boot_layout.page_size_extension = has_pse();
    bool done = magic == MULTIBOOT_MAGIC ? lay_out(info) : boot_fail(BOOT_NOT_MULTIBOOT, 0, 0);
    if (!done) { /* as much as it takes to say why; what lies behind the kernel is lost */
        boot_layout.memory_end = 8 << 20;
        boot_layout.pool_start = page_up((uint32_t)kernel_end_physical);
    }
    boot_layout.directory = build_directory();
    return boot_layout.directory;
}
