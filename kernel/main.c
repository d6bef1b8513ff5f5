/* SPDX-License-Identifier: BSD-2-Clause */
/* From the end of kickstart to the first thread: looks at the command line, starts each part of the
 * kernel, describes memory in the KIP, makes the spaces and threads of sigma0 and the root task,
 * and leaves for sigma0. */
#include "arch.h"
#include "boot_problem.h"
#include "boot_words.h"
#include "ia32/clock.h"
#include "ia32/cpu.h"
#include "ia32/descriptor.h"
#include "ia32/devices.h"
#include "ia32/fpu.h"
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
/* Both areas lie in one page table. */
#define SERVER_UTCB_BASE 0xbf000000u
#define SERVER_KIP_BASE  0xbf300000u

extern char text_start[], kernel_end[];

void kernel_main(void) __attribute__((noreturn));

static const struct boot_layout *layout(void)
{
    return arch_kernel_address((paddr_t)&boot_layout);
}

/* Later descriptors override earlier ones: the boot modules are one piece, but for the files of the
 * two servers, which are loaded and not needed any more. */
static void describe_memory(const struct boot_layout *l)
{
    struct kip *k = kip_page();
    kip_add_memory(MEMDESC_SHARED, 0, 1ull << 32);
    for (uint32_t i = 0; i < l->range_count; i++) {
        const struct boot_range *r = &l->ranges[i];
        uint64_t end = r->end < 1ull << 32 ? r->end : 1ull << 32;
        if (r->type == 1 && end > l->memory_end) {
            end = l->memory_end; /* what is beyond is not in the direct map, and left alone */
        }
        kip_add_memory(r->type == 1 ? MEMDESC_CONVENTIONAL : (r->type & 0xf) << 4 | MEMDESC_ARCH, r->start,
                       end);
    }
    kip_add_memory(MEMDESC_SHARED, 0xa0000, 0xc0000);
    kip_add_memory(MEMDESC_RESERVED, arch_paddr(text_start), arch_paddr(kernel_end));
    const struct boot_image *sigma0 = &l->servers[0], *root = &l->servers[1];
    kip_add_memory(MEMDESC_MODULE, l->modules_start, l->reserved_start);
    kip_add_memory(MEMDESC_CONVENTIONAL, sigma0->file, sigma0->file_end);
    kip_add_memory(MEMDESC_CONVENTIONAL, root->file, root->file_end);
    kip_add_memory(MEMDESC_MODULE, sigma0->low, sigma0->high);
    kip_add_memory(MEMDESC_MODULE, root->low, root->high);
    kip_add_memory(MEMDESC_BOOT_INFO, l->boot_info, l->boot_info + l->boot_info_bytes);
    kip_add_memory(MEMDESC_RESERVED, l->reserved_start, l->loan_start);
    kip_add_memory(MEMDESC_LOAN, l->loan_start, l->pool_end);
    kip_add_memory(MEMDESC_CONVENTIONAL | MEMDESC_VIRTUAL, 0, USER_END);
    k->boot_info = l->boot_info;
    k->sigma0 = (struct kip_server){0, sigma0->entry, sigma0->low, sigma0->high};
    k->root = (struct kip_server){0, root->entry, root->low, root->high};
}

static struct space *server_space(void)
{
    struct space *space = space_create();
    assert(space);
    space->privileged = space->console = true;
    word_t error = space_set_areas(space, L4_FpageLog2(SERVER_KIP_BASE, PAGE_BITS),
                                   L4_FpageLog2(SERVER_UTCB_BASE, SERVER_UTCB_LOG2));
    assert(error == 0);
    return space;
}

/* sigma0 has all RAM that is not the kernel's from the start: page after page it would have to be
 * told what it may have anyway.  Its page tables for all of RAM stay, for its own faults, at what
 * it has lent and taken back, must not fail for want of kernel memory, which it could not lend
 * then. */
static void map_ram(struct space *space, paddr_t memory_end)
{
    enum { TABLE_SPAN = 4 << 20 };
    for (paddr_t frame = 0; frame < memory_end; frame += PAGE_BYTES) {
        pte_t *pte = arch_pte_make(space, frame);
        bool kept = pte && kmem_keep(pte);
        assert(kept);
        if (frame % TABLE_SPAN == 0) {
            kmem_page(pte)->used++;
        }
        if (arch_frame_allowed(frame)) {
            arch_pte_set(pte, frame, L4_FullyAccessible);
        }
    }
}

static void start_servers(void)
{
    const word_t sigma0 = SIGMA0_ID, root = sigma0 + (2u << L4_VERSION_BITS);
    sigma0_space = server_space();
    map_ram(sigma0_space, layout()->memory_end);
    root_space = server_space();
    (void)thread_boot(USER_BASE_NO, sigma0_space, 0, root, kip_page()->sigma0.ip, 0);
    (void)thread_boot(USER_BASE_NO + 2, root_space, sigma0, root, kip_page()->root.ip, 0);
}

/* Takes whole pages from *next on, zeroed. */
static void *take(char **next, size_t bytes)
{
    char *start = *next;
    *next += (bytes + PAGE_BYTES - 1) & PAGE_MASK;
    return memset(start, 0, (size_t)(*next - start));
}

/* The frames' descriptors come first in the pool, which kickstart has chosen large enough
 * (BOOT_FRAME_BYTES).  The kernel never uses frames below RAM_START, but they can be mapped. */
static void init_memory(const struct boot_layout *l)
{
    char *next = arch_kernel_address(l->pool_start), *end = arch_kernel_address(l->pool_end);
    char *loan = arch_kernel_address(l->loan_start), *ram = arch_kernel_address(RAM_START);
    if (boot_word("trace")) {
        trace_start(take(&next, TRACE_EVENTS * sizeof(struct trace_event)));
    }
    size_t frames = l->memory_end >> PAGE_BITS, below = RAM_START >> PAGE_BITS;
    struct kpage *descriptors = take(&next, frames * sizeof *descriptors);
    mapping_db_init(descriptors, frames);
    kmem_init(descriptors + below, ram, frames - below);
    assert(next < loan);
    kmem_reserve(text_start, kernel_end); /* what ran before paging is not kept */
    kmem_reserve(arch_kernel_address(l->reserved_start), next);
    kmem_add(next, loan);
    kmem_add_loan(loan, end);
}

void kernel_main(void)
{
    const struct boot_layout *l = layout();
    uart_init();
    if (l->problem.error) {
        boot_refuse(&l->problem);
    }
    if (!boot_word("quiet")) {
        print("Pilotfish kernel: %u KiB of memory, kernel pool %u KiB, image %u KiB\n",
              (unsigned)l->memory_end >> 10, (unsigned)(l->pool_end - l->reserved_start) >> 10,
              (unsigned)(arch_paddr(kernel_end) - 0x100000) >> 10);
    }
    boot_words_check();
    cpu_detect();
    kdb_init(boot_word("kdb"));
    init_memory(l);
    paging_init(l, &user_words);
    if (boot_word("ioports=mapped")) {
        port_map_init();
    }
    thread_table_init();
    interrupt_init();
    kip_init(clock_init());
    if (l->page_size_extension) {
        kip_page()->page_info |= SUPERPAGE_BYTES;
    }
    ipc_plain_off = boot_word("slowipc") || boot_word("trace");
    descriptor_init(!ipc_plain_off);
    fpu_init();
    pic_init();
    pit_init();
    describe_memory(l);
    protection_init(arch_kernel_address(l->directory));
#ifdef KTEST
    if (boot_word("ktest")) {
        ktest_run(boot_word);
    }
#endif
    start_servers();
    resume_first(schedule_exit());
}
