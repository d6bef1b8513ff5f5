/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping trees, kernel memory by owner, the kernel's own pages, and bytes.  Whatever an address
 * is, only memory that is mapped is read. */
#include "arch.h"
#include "ia32/cpu.h"
#include "ia32/fpu.h"
#include "ia32/paging.h"
#include "ia32/protection.h"
#include "l4/kmem.h"
#include "l4/mapping_db.h"
#include "l4/superpage.h"
#include "show.h"

enum { DUMP_BYTES = 128, DUMP_LINE = 16, DEPTH_SHIFT = 8, BIG_PAGE_BYTES = 4 << 20 };

/* ---- mapping trees ---- */

static const char *rights_text(word_t rights)
{
    return rights & L4_Writable ? "rwx" : "r-x";
}

static void print_mapping(const struct mapping *m, const pte_t *asked)
{
    const struct space *space = arch_pte_space(m->pte);
    unsigned depth = m->info >> DEPTH_SHIFT;
    for (unsigned i = 0; i < depth && i < 32; i++) {
        print("  ");
    }
    word_t status = arch_pte_status(*m->pte);
    print("space %x (%x) at %08x %s%s%s depth %u%s\n", show_space_number(space),
          space->threads ? (unsigned)space->threads->global_id : 0, (unsigned)paging_address(m->pte),
          rights_text(arch_pte_rights(*m->pte)), status & STATUS_ACCESSED ? " accessed" : "",
          status & STATUS_DIRTY ? " dirty" : "", depth, m->pte == asked ? "  <--" : "");
}

void show_map(struct space *space, vaddr_t address)
{
    const pte_t *pte = arch_pte_super(space, address, false);
    if (!pte) {
        pte = arch_pte_find(space, address);
    }
    bool present = pte && arch_pte_present(*pte);
    if (present && arch_pte_kernel_owned(*pte)) {
        print("%08x: a page of the kernel (KIP or UTCBs), %s\n", (unsigned)address,
              rights_text(arch_pte_rights(*pte)));
        return;
    }
    if (!present && space != sigma0_space) {
        print("nothing is mapped at %08x of space %x\n", (unsigned)address, show_space_number(space));
        return;
    }
    paddr_t frame = present ? arch_pte_frame(*pte) : address & PAGE_MASK;
    const struct mapping *m = mapping_first(frame);
    bool big = superframe_big(frame);
    print("frame %08x%s\nsigma0\n", (unsigned)frame, big ? " in a superpage" : "");
    for (; m; m = m->next) {
        if (big || arch_pte_frame(*m->pte) == frame) { /* device memory shares lists */
            print_mapping(m, pte);
        }
    }
}

/* ---- kernel memory ---- */

static void print_slab(const char *name, const struct kslab *slab)
{
    print("%6u KiB  %u %s of %u bytes\n", slab->pages * (PAGE_BYTES / 1024), (unsigned)slab->objects, name,
          slab->object_bytes);
}

static unsigned page_tables(const struct space *space)
{
    unsigned n = 0;
    for (vaddr_t a = 0; a < USER_END; a += BIG_PAGE_BYTES) {
        n += arch_pte_find(space, a) != NULL;
    }
    return n;
}

void show_memory(void)
{
    const unsigned page_kib = PAGE_BYTES / 1024;
    print("pool %u KiB, of them lent %u KiB, free %u KiB; of what is used:\n",
          (unsigned)kmem_pages_total() * page_kib, (unsigned)kmem_pages_lent() * page_kib,
          (unsigned)kmem_pages_for_mappings() * page_kib);
    print_slab("threads", &tcb_slab);
    print_slab("spaces", &space_slab);
    print_slab("mappings", &mapping_slab);
    print_slab("entries of long lists", &index_slab);
    print_slab("FPU states", &fpu_slab);
    print_slab("port ranges", &port_slab);
    print_slab("UTCBs of stripped spaces", &utcb_slab);
    print("charged to spaces, objects in slabs included:\n");
    for (const struct space *s = all_spaces; s; s = s->next) {
        print("%6u KiB  space %x (%x): %u threads, %u page tables", (unsigned)(s->kmem_bytes + 1023) / 1024,
              show_space_number(s), s->threads ? (unsigned)s->threads->global_id : 0,
              (unsigned)s->thread_count, page_tables(s));
        if (s->kmem_quota != KMEM_NO_QUOTA) {
            print(", quota %u KiB", (unsigned)s->kmem_quota / 1024);
        }
        print(s->stripped ? ", stripped\n" : "\n");
    }
}

/* ---- the kernel's own pages ---- */

static void print_range(word_t start, word_t end, pte_t rights)
{
    const char *what = !(rights & PTE_USER)
                           ? rights & PTE_WRITE ? "memory" : "kernel text, constants, KIP, IDT"
                           : "the word behind gs:0";
    print("%08x-%08x %s %s%s %s\n", (unsigned)start, (unsigned)end - 1, rights & PTE_WRITE ? "rw" : "r-",
          rights & PTE_USER ? "user" : "kernel", rights & PTE_GLOBAL ? " global" : "", what);
}

void show_layout(void)
{
    const pte_t *directory = sigma0_space ? sigma0_space->directory : NULL;
    word_t start = KERNEL_OFFSET, address = KERNEL_OFFSET;
    pte_t rights = 0;
    while (directory && address != 0) { /* up to 4 GiB */
        struct kernel_page page = protection_page(directory, address);
        pte_t r = page.bits & (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_GLOBAL);
        if (r != rights) {
            if (rights) {
                print_range(start, address, rights);
            }
            start = address;
            rights = r;
        }
        address += page.bytes;
    }
    if (directory) {
        print("%u rules broken; SMEP %s, SMAP %s\n", protection_check(directory), cpu.smep ? "on" : "absent",
              cpu.smap ? "on" : "absent");
    }
}

/* ---- bytes ---- */

/* A byte of the kernel's half: what the page directory of any space maps. */
static const uint8_t *kernel_byte(word_t address)
{
    bool mapped = sigma0_space && protection_page(sigma0_space->directory, address).bits;
    return mapped ? (const uint8_t *)address : NULL;
}

static const uint8_t *byte_at(const struct space *space, word_t address)
{
    if (address >= USER_END) {
        return kernel_byte(address);
    }
    paddr_t at = space ? paging_translate(space->directory, address) : 0;
    const uint8_t *p = at ? arch_kernel_address(at) : NULL;
    return at < USER_END && kernel_byte((word_t)p) ? p : NULL;
}

static void print_text(const struct space *space, word_t address)
{
    for (unsigned i = 0; i < DUMP_LINE; i++) {
        const uint8_t *p = byte_at(space, address + i);
        print("%c", p && *p >= ' ' && *p < 0x7f ? *p : '.');
    }
}

void show_dump(const struct space *space, word_t address)
{
    address &= ~(word_t)(DUMP_LINE - 1);
    for (word_t end = address + DUMP_BYTES; address != end; address += DUMP_LINE) {
        print("%08x ", (unsigned)address);
        for (unsigned i = 0; i < DUMP_LINE; i += 4) {
            const uint8_t *p = byte_at(space, address + i);
            if (p) {
                print(" %08x", (unsigned)*(const word_t *)(const void *)p);
            } else {
                print(" --------");
            }
        }
        print("  ");
        print_text(space, address);
        print("\n");
    }
}
