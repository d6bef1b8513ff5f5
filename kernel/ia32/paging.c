/* SPDX-License-Identifier: BSD-2-Clause */
/* Two levels: a directory for each space, and page tables that come with their first entry and go
 * with their last.  A page table is reached through the direct map, and its descriptor tells where
 * it belongs, so a pte_t * is all that a mapping needs. */
#include "paging.h"

#include "arch.h"
#include "cpu.h"
#include "kdb/counters.h"
#include "kickstart.h"
#include "l4/io_ports.h"
#include "l4/kip_page.h"
#include "l4/kmem.h"
#include "port_map.h"

#include <string.h>

enum {
    ENTRIES = 1024,
    KERNEL_ENTRY = KERNEL_OFFSET >> 22,
    TABLE_BITS = 22,
    DIRECTORY_TAG = ENTRIES, /* of a directory's descriptor; a page table's tag is its index */
};

pte_t *shared_window SEALED;
static pte_t *thread_leaf_entries SEALED;
static pte_t *boot_directory SEALED;
static paddr_t memory_end SEALED;

_Static_assert((int)ARCH_SUPERPAGE == (int)PTE_BIG && (int)SUPERPAGE_BITS == (int)TABLE_BITS &&
                   (int)ARCH_MEMORY_TYPE == (PTE_WRITE_THROUGH | PTE_CACHE_DISABLE),
               "arch_pte_set takes the bits as they are");

paddr_t arch_paddr(const void *kernel_address)
{
    return (paddr_t)kernel_address - KERNEL_OFFSET;
}

void *arch_kernel_address(paddr_t address)
{
    return (void *)(address + KERNEL_OFFSET);
}

static void flush_page(vaddr_t address)
{
    counters.page_flushes++;
    __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* Only the current space has entries in the TLB, beside the kernel's, which never change. */
static inline bool in_tlb(const struct space *space)
{
    return current && current->space == space;
}

static RARE void flush_entry(const pte_t *pte)
{
    flush_page(paging_address(pte));
}

void paging_init(const struct boot_layout *layout, void *user_words)
{
    assert(!boot_directory && layout->memory_end % PAGE_BYTES == 0);
    boot_directory = arch_kernel_address(layout->directory);
    memory_end = layout->memory_end;
    shared_window = kmem_alloc(NULL, false);
    assert(shared_window);
    shared_window[0] = arch_paddr(user_words) | PTE_PRESENT | PTE_USER;
    boot_directory[UTCB_WORD_ADDRESS >> TABLE_BITS] =
        arch_paddr(shared_window) | PTE_PRESENT | PTE_WRITE | PTE_USER;
    thread_leaf_entries = kmem_alloc(NULL, false);
    assert(thread_leaf_entries);
    boot_directory[THREAD_TABLE_ADDRESS >> TABLE_BITS] =
        arch_paddr(thread_leaf_entries) | PTE_PRESENT | PTE_WRITE;
    boot_directory[0] = 0;
    __asm__ volatile("movl %0, %%cr3" : : "r"(layout->directory) : "memory");
}

void arch_thread_leaf(word_t index, struct tcb **page)
{
    thread_leaf_entries[index] =
        arch_paddr(page) | PTE_PRESENT | PTE_WRITE | (cpu.pge ? (pte_t)PTE_GLOBAL : 0);
    flush_page(THREAD_TABLE_ADDRESS + (index << PAGE_BITS));
}

word_t arch_space_root(const struct space *space)
{
    return arch_paddr(space->directory);
}

bool arch_space_init(struct space *space)
{
    pte_t *directory = kmem_alloc(space, false);
    if (!directory) {
        return false;
    }
    assert(boot_directory && space->table_high == 0);
    space->directory = directory;
    memcpy(directory + KERNEL_ENTRY, boot_directory + KERNEL_ENTRY, (ENTRIES - KERNEL_ENTRY) * sizeof(pte_t));
    struct kpage *d = kmem_page(directory);
    d->owner = space;
    d->tag = DIRECTORY_TAG;
    d->used = 1; /* for itself, and one for each superpage */
    if (in_tlb(space)) {
        __asm__ volatile("movl %0, %%cr3" : : "r"(arch_paddr(directory)) : "memory");
    }
    return true;
}

/* A user entry of the directory is a page table, a superpage, or 0.  PTE_BIG is the sign of the low
 * byte, so one comparison tells. */
static inline bool is_table(pte_t entry)
{
    return (int8_t)entry > 0;
}

/* Does the directory have no entry of the user's? */
static bool is_empty(const struct space *space)
{
    for (unsigned d = 0; d < KERNEL_ENTRY; d++) {
        if (space->directory[d]) {
            return false;
        }
    }
    return true;
}

/* CR3 may still hold this directory: a switch to idle leaves it. */
void arch_space_destroy(struct space *space)
{
    assert(!in_tlb(space));
    debug_assert(is_empty(space) && kmem_page(space->directory)->used == 1);
    __asm__ volatile("movl %%cr3, %%eax\n\tcmpl %0, %%eax\n\tjne 1f\n\tmovl %1, %%cr3\n1:"
                     :
                     : "r"(arch_paddr(space->directory)), "r"(arch_paddr(boot_directory))
                     : "eax", "memory");
    if (io_ports_mapped) {
        port_map_destroy(space);
    }
    kmem_free_page(space->directory, space);
    space->directory = boot_directory;
    space->table_low = space->table_high = 0;
}

RARE word_t arch_space_entries(const struct space *space)
{
    word_t count = kmem_page(space->directory)->used - 1u; /* superpages */
    for (unsigned d = space->table_low; d < space->table_high; d++) {
        pte_t entry = space->directory[d];
        count += is_table(entry) ? kmem_page(arch_kernel_address(entry & PAGE_MASK))->used : 0;
    }
    return port_map_is_own(space) ? ~0u : count;
}

pte_t *arch_pte_find(const struct space *space, vaddr_t address)
{
    pte_t entry = space->directory[address >> TABLE_BITS];
    if (address >= USER_END || !is_table(entry)) {
        return NULL;
    }
    pte_t *table = arch_kernel_address(entry & PAGE_MASK);
    if (!table) {
        __builtin_unreachable();
    }
    return &table[address >> PAGE_BITS & (ENTRIES - 1)];
}

/* The directory entry of this index is filled: it must lie in [table_low, table_high). */
static inline void widen(struct space *space, word_t index)
{
    if (space->table_high == 0 || index < space->table_low) {
        space->table_low = (uint16_t)index;
    }
    if (index >= space->table_high) {
        space->table_high = (uint16_t)(index + 1);
    }
}

static inline void table_enter(struct space *space, word_t index, pte_t *table)
{
    struct kpage *d = kmem_page(table);
    debug_assert(index < KERNEL_ENTRY && !is_table(space->directory[index]) && d->used == 0);
    d->owner = space;
    d->tag = index & (ENTRIES - 1);
    widen(space, index);
    space->directory[index] = arch_paddr(table) | PTE_PRESENT | PTE_WRITE | PTE_USER;
}

pte_t *arch_pte_make(struct space *space, vaddr_t address)
{
    pte_t *pte = arch_pte_find(space, address);
    if (pte || address >= USER_END || space->directory[address >> TABLE_BITS] != 0) {
        return pte;
    }
    pte_t *table = kmem_alloc(space, true);
    if (!table) {
        return NULL;
    }
    table_enter(space, address >> TABLE_BITS, table);
    return &table[address >> PAGE_BITS & (ENTRIES - 1)];
}

/* The index of the first mapped entry of a table from i on that has none of the bits of `but'.
 * ENTRIES: none. */
static unsigned next_entry(const pte_t *table, unsigned i, pte_t but)
{
    while (i < ENTRIES && (table[i] & (PTE_PRESENT | but)) != PTE_PRESENT) {
        i++;
    }
    return i;
}

vaddr_t arch_pte_next(const struct space *space, vaddr_t address, bool kernels_too)
{
    unsigned d = address >> TABLE_BITS, i = address >> PAGE_BITS & (ENTRIES - 1);
    if (d < space->table_low) {
        d = space->table_low;
        i = 0;
    }
    while (d < space->table_high && !space->directory[d]) {
        d++;
        i = 0;
    }
    if (d >= space->table_high) {
        return USER_END;
    }
    if (is_table(space->directory[d])) {
        i = next_entry(arch_kernel_address(space->directory[d] & PAGE_MASK), i,
                       kernels_too ? 0 : (pte_t)PTE_KERNEL_OWNED);
    }
    return (d << TABLE_BITS) + (i << PAGE_BITS);
}

static pte_t *table_start(const pte_t *pte)
{
    return (pte_t *)((word_t)pte & PAGE_MASK);
}

struct space *arch_pte_space(const pte_t *pte)
{
    return kmem_page(pte)->owner;
}

vaddr_t paging_address(const pte_t *pte)
{
    vaddr_t tag = kmem_page(pte)->tag, index = (vaddr_t)(pte - table_start(pte));
    return tag == DIRECTORY_TAG ? index << TABLE_BITS : tag << TABLE_BITS | index << PAGE_BITS;
}

bool arch_pte_present(pte_t pte)
{
    return (pte & PTE_PRESENT) != 0;
}

bool arch_pte_kernel_owned(pte_t pte)
{
    return (pte & PTE_KERNEL_OWNED) != 0;
}

paddr_t arch_pte_frame(pte_t pte)
{
    return pte & PAGE_MASK;
}

word_t arch_pte_rights(pte_t pte)
{
    return pte & PTE_WRITE ? L4_FullyAccessible : L4_ReadeXecOnly;
}

word_t arch_pte_type(pte_t pte)
{
    return pte & ARCH_MEMORY_TYPE;
}

static pte_t rights_bits(word_t rights)
{
    return PTE_PRESENT | PTE_USER | (rights & L4_Writable ? PTE_WRITE : 0u) |
           (rights & (ARCH_SUPERPAGE | ARCH_MEMORY_TYPE));
}

void arch_pte_set(pte_t *pte, paddr_t frame, word_t rights)
{
    assert(!(*pte & PTE_PRESENT));
    debug_assert(!(rights & ARCH_SUPERPAGE) == (kmem_page(pte)->tag != DIRECTORY_TAG));
    debug_assert((frame & (rights & ARCH_SUPERPAGE ? ~SUPERPAGE_MASK : ~PAGE_MASK)) == 0);
    *pte = frame | rights_bits(rights);
    kmem_page(pte)->used++;
}

void arch_pte_set_kernel(pte_t *pte, const void *page, bool writable)
{
    assert(kmem_owned(page));
    debug_assert(kmem_page(pte)->state == KPAGE_USED);
    arch_pte_set(pte, arch_paddr(page), writable ? L4_FullyAccessible : L4_ReadeXecOnly);
    *pte |= PTE_KERNEL_OWNED;
}

RARE void arch_pte_drop_table(pte_t *pte)
{
    struct kpage *d = kmem_page(pte);
    if (d->used == 0) {
        struct space *space = d->owner;
        debug_assert(is_table(space->directory[d->tag]));
        space->directory[d->tag] = 0;
        /* The processor's caches of paging structures may hold the directory entry. */
        if (in_tlb(space)) {
            flush_page((vaddr_t)d->tag << TABLE_BITS);
        }
        kmem_free_page(table_start(pte), space);
    }
}

struct space *arch_pte_clear(pte_t *pte)
{
    struct kpage *d = kmem_page(pte);
    struct space *space = d->owner;
    debug_assert((*pte & PTE_PRESENT) && d->used > 0);
    *pte = 0;
    if (in_tlb(space)) {
        flush_entry(pte);
    }
    if (--d->used == 0) {
        arch_pte_drop_table(pte);
    }
    return space;
}

void arch_pte_set_rights(pte_t *pte, word_t rights)
{
    debug_assert((*pte & PTE_PRESENT) && !(*pte & PTE_KERNEL_OWNED));
    *pte = (*pte & ~(pte_t)PTE_WRITE) | (rights & L4_Writable ? PTE_WRITE : 0u);
    if (in_tlb(arch_pte_space(pte))) {
        flush_entry(pte);
    }
}

/* The two bits of an entry choose one of the four types that cpu.c has put into the PAT. */
word_t arch_memory_type(word_t attribute)
{
    switch (attribute) {
    case L4_DefaultMemory:
    case L4_WriteBackMemory:
        return 0;
    case L4_WriteThroughMemory:
        return PTE_WRITE_THROUGH;
    case L4_UncacheableMemory:
        return PTE_WRITE_THROUGH | PTE_CACHE_DISABLE;
    case L4_WriteCombiningMemory:
        return cpu.pat ? PTE_CACHE_DISABLE : ~0u;
    default:
        return ~0u;
    }
}

void arch_pte_set_type(pte_t *pte, word_t type)
{
    assert((*pte & PTE_PRESENT) && !(type & ~(word_t)ARCH_MEMORY_TYPE));
    *pte = (*pte & ~(pte_t)ARCH_MEMORY_TYPE) | type;
    if (in_tlb(arch_pte_space(pte))) {
        flush_entry(pte);
    }
}

_Static_assert(PTE_ACCESSED == STATUS_ACCESSED << 5 && PTE_DIRTY == STATUS_DIRTY << 5, "arch_pte_status");

word_t arch_pte_status(pte_t pte)
{
    return pte >> 5 & (STATUS_ACCESSED | STATUS_DIRTY);
}

word_t arch_pte_take_status(pte_t *pte)
{
    word_t status = arch_pte_status(*pte);
    if (status) {
        *pte &= ~(pte_t)(PTE_ACCESSED | PTE_DIRTY);
        if (in_tlb(arch_pte_space(pte))) {
            flush_entry(pte);
        }
    }
    return status;
}

pte_t *arch_pte_super(struct space *space, vaddr_t address, bool make)
{
    pte_t *entry = &space->directory[address >> TABLE_BITS];
    if (address >= USER_END || is_table(*entry) || !(*entry || make)) {
        return NULL;
    }
    if (make) {
        debug_assert((*entry & PTE_BIG) || !*entry);
        widen(space, address >> TABLE_BITS);
    }
    return entry;
}

pte_t *arch_pte_split(pte_t *superpage)
{
    struct kpage *directory = kmem_page(superpage);
    struct space *space = directory->owner;
    vaddr_t address = paging_address(superpage);
    pte_t first = *superpage & ~(pte_t)PTE_BIG;
    pte_t *table = kmem_alloc(NULL, true);
    if (!table) {
        return NULL;
    }
    assert((*superpage & PTE_BIG) && directory->tag == DIRECTORY_TAG && directory->used > 1);
    table_enter(space, address >> TABLE_BITS, table);
    for (pte_t i = 0; i < ENTRIES; i++) {
        table[i] = first + i * PAGE_BYTES;
    }
    kmem_page(table)->used = ENTRIES;
    directory->used--;
    if (in_tlb(space)) {
        flush_page(address);
    }
    return table;
}

bool arch_frame_allowed(paddr_t frame)
{
    return !kmem_owned(arch_kernel_address(frame));
}

paddr_t paging_translate(const uint32_t *directory, vaddr_t address)
{
    uint32_t entry = directory[address >> TABLE_BITS];
    if (address >= USER_END || !(entry & PTE_PRESENT)) {
        return 0;
    }
    if (entry & PTE_BIG) {
        return (entry & SUPERPAGE_MASK) | (address & ~SUPERPAGE_MASK);
    }
    const uint32_t *table = arch_kernel_address(entry & PAGE_MASK);
    uint32_t pte = table[address >> PAGE_BITS & (ENTRIES - 1)];
    return pte & PTE_PRESENT ? (pte & PAGE_MASK) | (address & ~PAGE_MASK) : 0;
}

void *arch_user_access(struct space *space, vaddr_t address, bool write)
{
    pte_t *pte = arch_pte_find(space, address);
    word_t mask = PAGE_MASK;
    if (!pte) {
        pte = arch_pte_super(space, address, false);
        mask = SUPERPAGE_MASK;
    }
    if (!pte || !(*pte & PTE_PRESENT) || (write && !(*pte & PTE_WRITE)) || (*pte & PAGE_MASK) >= memory_end) {
        return NULL;
    }
    *pte |= PTE_ACCESSED | (write ? PTE_DIRTY : 0u);
    return (char *)arch_kernel_address(*pte & mask) + (address & ~mask);
}
