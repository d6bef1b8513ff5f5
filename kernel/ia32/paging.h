/* SPDX-License-Identifier: BSD-2-Clause */
/* Page tables of IA-32, as ia32 and the debugger see them; arch.h has what l4 sees.
 *
 * Invariants: the kernel's part of every directory is the same from boot on, but for the window of
 * ports (port_map.h).  An entry of the user's part is 0, a page table or a superpage, and is 0
 * outside [space.table_low, space.table_high).  The descriptor of a page table (kmem_page) says
 * whose it is, at which index of the directory it stands (tag), and how many of its entries are
 * present (used); a table whose last entry goes is freed.  Entries that change are flushed from the
 * TLB at once if their space is current; the load of CR3 flushes those of other spaces. */
#pragma once

#include "entry.h"
#include "l4/word.h"

#define KERNEL_OFFSET        0xc0000000u
#define THREAD_TABLE_ADDRESS 0xff800000u /* thread_table (l4/thread_table.h, linker.ld) */

enum {
    PTE_PRESENT = 1,
    PTE_WRITE = 2,
    PTE_USER = 4,
    PTE_WRITE_THROUGH = 8,
    PTE_CACHE_DISABLE = 0x10,
    PTE_ACCESSED = 0x20,
    PTE_DIRTY = 0x40,
    PTE_BIG = 0x80,
    PTE_GLOBAL = 0x100,
    PTE_KERNEL_OWNED = 0x200, /* available bit: KIP or UTCB page */
};

/* The page table at UTCB_WORD_ADDRESS of every space that has no ports of its own. */
extern uint32_t *shared_window;

paddr_t arch_paddr(const void *kernel_address); /* of an address in the direct map */

struct boot_layout;

/* Takes over the boot page directory, from main.c, once.  user_words: the page to show at
 * UTCB_WORD_ADDRESS. */
void paging_init(const struct boot_layout *layout, void *user_words);

/* The address that a user's entry maps, or may map. */
vaddr_t paging_address(const uint32_t *pte);

/* The physical address behind a user address, for the debugger's careful reads.  0: there is
 * none. */
paddr_t paging_translate(const uint32_t *directory, vaddr_t address);
