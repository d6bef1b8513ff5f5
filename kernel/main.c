/* SPDX-License-Identifier: BSD-2-Clause */
/* From the end of kickstart to the first thread. */
#include "arch.h"
#include "ia32/clock.h"
#include "ia32/cpu.h"
#include "ia32/kickstart.h"
#include "ia32/paging.h"
#include "ia32/port_map.h"
#include "ia32/protection.h"
#include "ia32/trap.h"
#include "kdb/kdb.h"
#include "kdb/trace.h"
#include "l4/interrupt_ipc.h"
#include "l4/ipc_plain.h"
#include "l4/kip_page.h"
#include "l4/kmem.h"
#include "l4/mapping_db.h"
#include "l4/schedule.h"
#include "l4/thread.h"
#ifdef KTEST
#include "ktest.h"
#endif

#include <string.h>

enum { SERVER_UTCB_LOG2 = 17 };
#define SERVER_UTCB_BASE 0xbf000000u
#define SERVER_KIP_BASE  0xbff00000u

extern char text_start[], kernel_end[];

void kernel_main(void) __attribute__((noreturn));

static const char *const boot_errors[BOOT_ERROR_COUNT] = {
    [BOOT_NOT_MULTIBOOT] = "not started by a multiboot loader",
    [BOOT_NO_MEMORY_MAP] = "the boot loader gave no memory map",
    [BOOT_MEMORY_TOO_SMALL] = "the boot modules do not fit into memory; give the machine more",
    [BOOT_TOO_MANY_MODULES] = "too many boot modules (at most 32)",
    [BOOT_MODULES_MISSING] =
        "boot modules missing: the first must be sigma0 (physmem), the second the root task",
    [BOOT_BAD_SIGMA0] = "the first boot module is no ELF program that fits below the kernel's memory",
    [BOOT_BAD_ROOT] = "the second boot module is no ELF program that fits below the kernel's memory",
};

static const struct boot_layout *layout(void)
{
    return arch_kernel_address((paddr_t)&boot_layout);
}

static bool option(const char *word)
{
    const char *s = layout()->cmdline;
    size_t n = 0;
    while (word[n]) {
        n++;
    }
    for (; *s; s++) {
        bool start = s == layout()->cmdline || s[-1] == ' ';
        if (start && memcmp(s, word, n) == 0 && (s[n] == 0 || s[n] == ' ')) {
            return true;
        }
    }
    return false;
}

/* Later descriptors override earlier ones. */
static void describe_memory(const struct boot_layout *l)
{
    struct kip *k = kip_page();
    kip_add_memory(MEMDESC_SHARED, 0, 1ull << 32);
    for (uint32_t i = 0; i < l->range_count; i++) {
        const struct boot_range *r = &l->ranges[i];
        uint64_t end = r->end < 1ull << 32 ? r->end : 1ull << 32;
        if (r->type == 1 && end > l->memory_end) {
            end = l->memory_end; /* not in the kernel's direct map: left alone */
        }
        kip_add_memory(r->type == 1 ? MEMDESC_CONVENTIONAL : (r->type & 0xf) << 4 | MEMDESC_ARCH, r->start,
                       end);
    }
    kip_add_memory(MEMDESC_SHARED, 0xa0000, 0xc0000);
    kip_add_memory(MEMDESC_RESERVED, arch_paddr(text_start), arch_paddr(kernel_end));
    for (uint32_t i = 2; i < l->module_count; i++) {
        kip_add_memory(MEMDESC_MODULE, l->modules[i].start,
                       ((uint64_t)l->modules[i].start + l->modules[i].size + PAGE_BYTES - 1) & PAGE_MASK);
    }
    kip_add_memory(MEMDESC_MODULE, l->sigma0.low, l->sigma0.high);
    kip_add_memory(MEMDESC_MODULE, l->root.low, l->root.high);
    kip_add_memory(MEMDESC_BOOT_INFO, l->boot_info, l->boot_info + l->boot_info_bytes);
    kip_add_memory(MEMDESC_RESERVED, l->reserved_start, l->pool_end);
    kip_add_memory(MEMDESC_CONVENTIONAL | MEMDESC_VIRTUAL, 0, USER_END);
    k->boot_info = l->boot_info;
    k->sigma0 = (struct kip_server){0, l->sigma0.entry, l->sigma0.low, l->sigma0.high};
    k->root = (struct kip_server){0, l->root.entry, l->root.low, l->root.high};
}

static struct space *server_space(void)
{
    struct space *space = space_create();
    assert(space);
    space->privileged = true;
    word_t error = space_set_areas(space, L4_FpageLog2(SERVER_KIP_BASE, PAGE_BITS),
                                   L4_FpageLog2(SERVER_UTCB_BASE, SERVER_UTCB_LOG2));
    assert(error == 0);
    return space;
}

/* sigma0's own faults must not fail for want of kernel memory, which it could not lend then: its page tables for all
 * of RAM are there from the start, and stay. */
static void pin_tables(struct space *space, paddr_t memory_end)
{
    enum { TABLE_SPAN = 4 << 20 };
    for (paddr_t a = 0; a < memory_end; a += TABLE_SPAN) {
        pte_t *pte = arch_pte_make(space, a);
        assert(pte);
        kmem_page(pte)->used++;
    }
}

static void start_servers(void)
{
    const word_t sigma0 = (word_t)USER_BASE_NO << L4_VERSION_BITS | 1,
                 root = sigma0 + (2u << L4_VERSION_BITS);
    sigma0_space = server_space();
    pin_tables(sigma0_space, layout()->memory_end);
    root_space = server_space();
    (void)thread_boot(USER_BASE_NO, sigma0_space, 0, root, kip_page()->sigma0.ip, 0);
    (void)thread_boot(USER_BASE_NO + 2, root_space, sigma0, root, kip_page()->root.ip, 0);
}

/* Whole pages from *next on, zeroed. */
static void *take(char **next, size_t bytes)
{
    char *start = *next;
    *next += (bytes + PAGE_BYTES - 1) & PAGE_MASK;
    return memset(start, 0, (size_t)(*next - start));
}

/* What is kept for each frame comes first in the pool: the head of its mapping list, its descriptor. */
static void init_memory(const struct boot_layout *l)
{
    char *next = arch_kernel_address(l->pool_start), *end = arch_kernel_address(l->pool_end);
    char *ram = arch_kernel_address(RAM_START);
    if (option("trace")) {
        trace_start(take(&next, TRACE_EVENTS * sizeof(struct trace_event)));
    }
    size_t frames = l->memory_end >> PAGE_BITS, pages = (l->memory_end - RAM_START) >> PAGE_BITS;
    mapping_db_init(take(&next, frames * sizeof(word_t)), frames);
    kmem_init(take(&next, pages * sizeof(struct kpage)), ram, pages);
    kmem_reserve(text_start, kernel_end); /* what ran before paging is no longer needed */
    kmem_reserve(arch_kernel_address(l->reserved_start), next);
    kmem_add(next, end);
}

void kernel_main(void)
{
    const struct boot_layout *l = layout();
    uart_init();
    if (l->error) {
        panic("%s", boot_errors[l->error]);
    }
    bool quiet = option("quiet");
    if (!quiet) {
        print("Pilotfish kernel: %u KiB of memory, kernel pool %u KiB, image %u KiB\n",
              (unsigned)l->memory_end >> 10, (unsigned)(l->pool_end - l->reserved_start) >> 10,
              (unsigned)(arch_paddr(kernel_end) - 0x100000) >> 10);
    }
    cpu_detect();
    kdb_init(option("kdb"));
    init_memory(l);
    paging_init(l, &user_words);
    if (option("ioports=mapped")) {
        port_map_init();
    }
    thread_table_init();
    interrupt_init();
    kip_init(clock_init());
    if (l->page_size_extension) {
        kip_page()->page_info |= SUPERPAGE_BYTES;
    }
    ipc_plain_off = option("slowipc") || option("trace");
    descriptor_init(!ipc_plain_off);
    fpu_init();
    pic_init();
    pit_init();
    describe_memory(l);
    protection_init(arch_kernel_address(l->directory));
#ifdef KTEST
    if (option("ktest")) {
        ktest_run(option);
    }
#else
    if (option("ktest")) {
        panic("this kernel is built without tests: boot kernel-ktest.elf");
    }
#endif
    start_servers();
    resume_first(schedule_exit());
}
