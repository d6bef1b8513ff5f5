/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks the kernel's half of a directory: once to give each page its rights, and to check them
 * whenever a test or the debugger asks. */
#include "protection.h"

#include "cpu.h"
#include "port_map.h"

enum {
    ENTRIES = 1024,
    TABLE_BITS = 22,
    CR0_WP = 1 << 16,
    CR4_PGE = 1 << 7,
    CR4_SMEP = 1 << 20,
    CR4_SMAP = 1 << 21,
};

extern char text_start[], sealed_end[];

/* Text, constants, and what is SEALED: between these two no frame is written after boot. */
static bool is_sealed(paddr_t frame)
{
    return frame >= arch_paddr(text_start) && frame < arch_paddr(sealed_end);
}

static pte_t protect(pte_t pte, word_t address)
{
    if (pte & PTE_PRESENT) {
        pte |= cpu.pge && !port_map_shows(address) ? PTE_GLOBAL : 0;
        pte &= ~(pte_t)(!(pte & PTE_BIG) && is_sealed(pte & PAGE_MASK) ? PTE_WRITE : 0);
    }
    return pte;
}

static word_t wanted_cr4(void)
{
    return (cpu.pge ? CR4_PGE : 0) | (cpu.smep ? CR4_SMEP : 0) | (cpu.smap ? CR4_SMAP : 0);
}

/* Reads CR4, or gives 0: only a processor with one of these features is sure to have it. */
static word_t read_cr4(void)
{
    word_t cr4 = 0;
    if (wanted_cr4()) {
        __asm__ volatile("movl %%cr4, %0" : "=r"(cr4));
    }
    return cr4;
}

void protection_init(pte_t *directory)
{
    for (unsigned d = KERNEL_OFFSET >> TABLE_BITS; d < ENTRIES; d++) {
        if (directory[d] & PTE_BIG) {
            directory[d] = protect(directory[d], d << TABLE_BITS);
        } else if (directory[d] & PTE_PRESENT) {
            pte_t *table = arch_kernel_address(directory[d] & PAGE_MASK);
            for (unsigned i = 0; i < ENTRIES; i++) {
                table[i] = protect(table[i], d << TABLE_BITS | i << PAGE_BITS);
            }
        }
    }
    /* CR3 comes before CR4.PGE: nothing that is in the TLB has the bit yet, so all of it goes. */
    __asm__ volatile("movl %0, %%cr3" : : "r"(arch_paddr(directory)) : "memory");
    if (wanted_cr4()) {
        __asm__ volatile("movl %0, %%cr4" : : "r"(read_cr4() | wanted_cr4()) : "memory");
    }
    assert(protection_check(directory) == 0);
}

struct kernel_page protection_page(const pte_t *directory, word_t address)
{
    pte_t entry = directory[address >> TABLE_BITS];
    if ((entry & PTE_PRESENT) && !(entry & PTE_BIG)) {
        const pte_t *table = arch_kernel_address(entry & PAGE_MASK);
        entry = table[address >> PAGE_BITS & (ENTRIES - 1)];
        return (struct kernel_page){entry & PTE_PRESENT ? entry : 0, PAGE_BYTES};
    }
    return (struct kernel_page){entry & PTE_PRESENT ? entry : 0, 1u << TABLE_BITS};
}

static bool page_is_right(struct kernel_page page, word_t address)
{
    bool for_users = address == UTCB_WORD_ADDRESS;
    bool switched = port_map_shows(address);
    bool read_only = for_users || switched || is_sealed(page.bits & PAGE_MASK);
    if ((page.bits & PTE_BIG) && (page.bits & PAGE_MASK) == 0) {
        return false; /* the kernel is in the first 4 MiB, which must have small pages */
    }
    bool user = page.bits & PTE_USER, writable = page.bits & PTE_WRITE, global = page.bits & PTE_GLOBAL;
    return user == for_users && writable != read_only && global == (cpu.pge && !switched);
}

unsigned protection_check(const pte_t *directory)
{
    unsigned wrong = 0;
    word_t cr0, address = KERNEL_OFFSET;
    while (address != 0) { /* it wraps at 4 GiB */
        struct kernel_page page = protection_page(directory, address);
        if (page.bits && !page_is_right(page, address)) {
            wrong++;
        }
        address += page.bytes;
    }
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    wrong += cr0 & CR0_WP ? 0u : 1u;
    return wrong + ((read_cr4() & wanted_cr4()) == wanted_cr4() ? 0u : 1u);
}
