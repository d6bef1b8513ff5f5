/* SPDX-License-Identifier: BSD-2-Clause */
/* The pretended machine behind kernel/arch.h (mock.h). */
#include "mock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xorshift.h"
#include "kdb/kdb.h"
#include "l4/kip_page.h"

enum {
    ENTRIES = 1024,
    TABLE_BITS = 22,
    USER_TABLES = USER_END >> TABLE_BITS,
    DIRECTORY_TAG = ENTRIES,
    PRESENT = 1,
    WRITE = 2,
    ACCESSED = 0x20,
    DIRTY = 0x40,
    KERNEL_OWNED = 0x200,
};

uint64_t mock_clock_us;
bool mock_line_enabled[MOCK_LINES];
uint32_t mock_seed = 1, mock_switches;
bool mock_quiet, mock_ports_full;
static const pte_t no_directory[ENTRIES]; /* of stripped spaces; never written to */
void (*mock_on_ipc_return)(struct tcb *t, word_t from, word_t tag);
void (*whole_between)(void);

static char pool[MOCK_POOL_PAGES][PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));
static struct kpage descriptors[MOCK_POOL_PAGES], frame_descriptors[MOCK_FRAMES];
static char user_memory[MOCK_FRAMES][PAGE_BYTES];
static struct {
    const struct space *space;
    bool open[PORT_COUNT];
} ports[MOCK_PORT_SPACES];

/* ---- for the kernel: messages ---- */

void panic(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fflush(stdout);
    fprintf(stderr, "panic (seed %u): ", mock_seed);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

void assertion_failed(const char *file, unsigned line, const char *condition)
{
    panic("%s:%u: assertion failed: %s", file, line, condition);
}

void kdb_print_continue(struct tcb *t)
{
    panic("thread %x prints", (unsigned)t->global_id);
}

void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!mock_quiet) {
        vfprintf(stderr, format, args);
    }
    va_end(args);
}

/* ---- for tests ---- */

void mock_init(size_t pages)
{
    assert(pages <= MOCK_POOL_PAGES);
    kmem_init(descriptors, pool[0], MOCK_POOL_PAGES);
    kmem_add(pool[0], pool[pages]);
    mapping_db_init(frame_descriptors, MOCK_FRAMES);
    thread_table_init();
    interrupt_init();
    kip_init(1000);
}

static struct space *privileged_space(void)
{
    struct space *space = space_create();
    assert(space);
    space->privileged = true;
    word_t error =
        space_set_areas(space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS), L4_FpageLog2(MOCK_UTCB_BASE, 16));
    assert(error == 0);
    return space;
}

struct tcb *mock_boot(void)
{
    word_t sigma0 = USER_BASE_NO << L4_VERSION_BITS | 1, root = (USER_BASE_NO + 2) << L4_VERSION_BITS | 1;
    sigma0_space = privileged_space();
    (void)thread_boot(USER_BASE_NO, sigma0_space, 0, root, 0, 0);
    root_space = privileged_space();
    return thread_boot(USER_BASE_NO + 2, root_space, sigma0, root, 0, 0);
}

static pte_t *any_entry(const struct space *space, vaddr_t address)
{
    bool super = address < USER_END && space->directory[address >> TABLE_BITS] & PRESENT;
    return super ? &space->directory[address >> TABLE_BITS] : arch_pte_find(space, address);
}

bool mock_access(struct space *space, vaddr_t address, bool write)
{
    pte_t *pte = any_entry(space, address);
    if (!pte || !(*pte & PRESENT) || (write && !(*pte & WRITE))) {
        return false;
    }
    *pte |= write ? ACCESSED | DIRTY : ACCESSED;
    return true;
}

word_t mock_rights(const struct space *space, vaddr_t address, paddr_t *frame)
{
    const pte_t *pte = any_entry(space, address);
    if (!pte || !arch_pte_present(*pte)) {
        return 0;
    }
    *frame = *pte & ARCH_SUPERPAGE ? arch_pte_frame(*pte) | (address & ~SUPERPAGE_MASK & PAGE_MASK)
                                   : arch_pte_frame(*pte);
    return arch_pte_rights(*pte);
}

size_t mock_table_pages(const struct space *space)
{
    size_t n = 1;
    for (unsigned i = 0; i < USER_TABLES; i++) {
        n += space->directory[i] != 0;
    }
    return n;
}

static const uint8_t *input; /* NULL: no fuzzer */
static size_t input_bytes;

void mock_set_input(const uint8_t *bytes, size_t count)
{
    input = bytes;
    input_bytes = count;
}

bool mock_fuzzing(void)
{
    return input != NULL;
}

bool mock_goes_on(void)
{
    return !input || input_bytes > 0;
}

uint32_t mock_random(uint32_t bound)
{
    if (input && input_bytes > 0) {
        uint32_t value = 0;
        for (uint32_t left = bound - 1; left != 0 && input_bytes > 0; left >>= 8, input_bytes--) {
            value = value << 8 | *input++;
        }
        return value % bound;
    }
    return xorshift(&mock_seed) % bound;
}

void mock_write(const char *text)
{
    fputs(text, stdout);
}

/* ---- arch.h: page tables ---- */

bool arch_space_init(struct space *space)
{
    space->directory = kmem_alloc_page(space);
    if (!space->directory) {
        return false;
    }
    kmem_page(space->directory)->owner = space;
    kmem_page(space->directory)->tag = DIRECTORY_TAG;
    kmem_page(space->directory)->used = 1;
    return true;
}

/* An entry of the directory is 0, the address of a table, or a superpage, which is PRESENT. */
static pte_t *table_of(const struct space *space, vaddr_t address)
{
    pte_t entry = space->directory[address >> TABLE_BITS];
    return entry & PRESENT ? NULL : (pte_t *)entry;
}

void arch_space_destroy(struct space *space)
{
    for (unsigned i = 0; i < USER_TABLES; i++) {
        assert(!space->directory[i]);
    }
    for (unsigned i = 0; i < MOCK_PORT_SPACES; i++) {
        if (ports[i].space == space) {
            ports[i].space = NULL;
        }
    }
    assert(kmem_page(space->directory)->used == 1);
    kmem_free_page(space->directory, space);
    space->directory = (pte_t *)(uintptr_t)no_directory;
}

pte_t *arch_pte_find(const struct space *space, vaddr_t address)
{
    pte_t *table = address < USER_END ? table_of(space, address) : NULL;
    return table ? &table[address >> PAGE_BITS & (ENTRIES - 1)] : NULL;
}

pte_t *arch_pte_make(struct space *space, vaddr_t address)
{
    assert(address < USER_END);
    if (arch_pte_super(space, address, false)) {
        return NULL;
    }
    if (!table_of(space, address)) {
        pte_t *table = kmem_alloc(space, true);
        if (!table) {
            return NULL;
        }
        kmem_page(table)->owner = space;
        kmem_page(table)->tag = (address >> TABLE_BITS) & (ENTRIES - 1);
        space->directory[address >> TABLE_BITS] = (pte_t)table;
    }
    return arch_pte_find(space, address);
}

vaddr_t arch_pte_next(const struct space *space, vaddr_t address, bool kernels_too)
{
    while (address < USER_END && !space->directory[address >> TABLE_BITS]) {
        address = (address | ((1u << TABLE_BITS) - 1)) + 1;
    }
    for (vaddr_t end = (address | ((1u << TABLE_BITS) - 1)) + 1; address < end && address < USER_END;
         address += PAGE_BYTES) {
        const pte_t *pte = any_entry(space, address);
        if (arch_pte_present(*pte) && (kernels_too || !arch_pte_kernel_owned(*pte))) {
            return address;
        }
    }
    return address;
}

struct space *arch_pte_space(const pte_t *pte)
{
    return kmem_page(pte)->owner;
}

pte_t *arch_pte_super(struct space *space, vaddr_t address, bool make)
{
    assert(address < USER_END);
    pte_t *entry = &space->directory[address >> TABLE_BITS];
    return *entry & PRESENT || (make && !*entry) ? entry : NULL;
}

pte_t *arch_pte_split(pte_t *superpage)
{
    struct space *space = arch_pte_space(superpage);
    word_t index = (word_t)(superpage - space->directory);
    pte_t entry = *superpage & ~(pte_t)ARCH_SUPERPAGE;
    pte_t *table = kmem_alloc(NULL, true);
    if (!table) {
        return NULL;
    }
    kmem_page(table)->owner = space;
    kmem_page(table)->tag = index & (ENTRIES - 1);
    *superpage = (pte_t)table;
    for (pte_t i = 0; i < ENTRIES; i++) {
        table[i] = entry + (i << PAGE_BITS);
    }
    kmem_page(table)->used = ENTRIES;
    kmem_page(superpage)->used--;
    return table;
}

bool arch_pte_present(pte_t pte)
{
    return (pte & PRESENT) != 0;
}

bool arch_pte_kernel_owned(pte_t pte)
{
    return (pte & KERNEL_OWNED) != 0;
}

paddr_t arch_pte_frame(pte_t pte)
{
    assert(pte & PRESENT);
    return pte & PAGE_MASK;
}

word_t arch_pte_type(pte_t pte)
{
    return pte & ARCH_MEMORY_TYPE;
}

word_t arch_pte_rights(pte_t pte)
{
    return pte & WRITE ? L4_FullyAccessible : L4_ReadeXecOnly;
}

void arch_pte_set(pte_t *pte, paddr_t frame, word_t rights)
{
    assert(!(*pte & PRESENT) && (frame & ~PAGE_MASK) == 0);
    assert(!(rights & ARCH_SUPERPAGE) == (kmem_page(pte)->tag != DIRECTORY_TAG));
    assert(!(rights & ARCH_SUPERPAGE) || (frame & ~SUPERPAGE_MASK) == 0);
    *pte = frame | PRESENT | (rights & L4_Writable ? (pte_t)WRITE : 0) |
           (rights & (ARCH_SUPERPAGE | ARCH_MEMORY_TYPE));
    kmem_page(pte)->used++;
}

void arch_pte_set_kernel(pte_t *pte, const void *page, bool writable)
{
    arch_pte_set(pte, (paddr_t)page, writable ? L4_FullyAccessible : L4_ReadeXecOnly);
    *pte |= KERNEL_OWNED;
}

void arch_pte_drop_table(pte_t *pte)
{
    struct kpage *d = kmem_page(pte);
    if (d->used == 0) {
        struct space *space = d->owner;
        space->directory[d->tag] = 0;
        kmem_free_page((void *)((word_t)pte & PAGE_MASK), space);
    }
}

struct space *arch_pte_clear(pte_t *pte)
{
    struct space *space = kmem_page(pte)->owner;
    assert(*pte & PRESENT);
    *pte = 0;
    kmem_page(pte)->used--;
    arch_pte_drop_table(pte);
    return space;
}

void arch_pte_set_rights(pte_t *pte, word_t rights)
{
    assert(*pte & PRESENT);
    *pte = (*pte & ~(pte_t)WRITE) | (rights & L4_Writable ? (pte_t)WRITE : 0);
}

/* As if types were attributes. */
word_t arch_memory_type(word_t attribute)
{
    static const word_t types[] = {0, 0, 8, ~0u, 0x18, 0x10};
    return attribute < sizeof types / sizeof types[0] ? types[attribute] : ~0u;
}

void arch_pte_set_type(pte_t *pte, word_t type)
{
    assert((*pte & PRESENT) && !(*pte & ARCH_SUPERPAGE));
    *pte = (*pte & ~(pte_t)ARCH_MEMORY_TYPE) | type;
}

word_t arch_pte_status(pte_t pte)
{
    return (pte & ACCESSED ? (word_t)STATUS_ACCESSED : 0) | (pte & DIRTY ? (word_t)STATUS_DIRTY : 0);
}

word_t arch_pte_take_status(pte_t *pte)
{
    assert(*pte & PRESENT);
    word_t status = arch_pte_status(*pte);
    *pte &= ~(pte_t)(ACCESSED | DIRTY);
    return status;
}

void *arch_kernel_address(paddr_t address)
{
    return (void *)address;
}

bool arch_frame_allowed(paddr_t frame)
{
    return frame >> PAGE_BITS != MOCK_KERNEL_FRAME;
}

void *arch_user_access(struct space *space, vaddr_t address, bool write)
{
    paddr_t frame;
    if (!mock_access(space, address, write) || mock_rights(space, address, &frame) == 0) {
        return NULL;
    }
    return frame >> PAGE_BITS < MOCK_FRAMES ? &user_memory[frame >> PAGE_BITS][address & ~PAGE_MASK] : NULL;
}

/* ---- arch.h: ports ---- */

/* NULL: all are closed. */
static bool *ports_of(const struct space *space)
{
    for (unsigned i = 0; i < MOCK_PORT_SPACES; i++) {
        if (ports[i].space == space) {
            return ports[i].open;
        }
    }
    return NULL;
}

bool arch_ports_set(struct space *space, word_t first, word_t last, bool open)
{
    assert(first <= last && last < PORT_COUNT);
    bool *map = ports_of(space);
    if (!map && open) {
        map = ports_of(NULL);
        assert(map);
        memset(map, 0, PORT_COUNT);
        ports[(map - ports[0].open) / (ptrdiff_t)sizeof ports[0]].space = space;
    }
    if (open && mock_ports_full) {
        return false;
    }
    for (word_t i = first; map && i <= last; i++) {
        map[i] = open;
    }
    return true;
}

word_t arch_space_entries(const struct space *space)
{
    word_t count = kmem_page(space->directory)->used - 1u;
    for (unsigned i = 0; i < USER_TABLES; i++) {
        const pte_t *table = table_of(space, i << TABLE_BITS);
        count += table ? kmem_page(table)->used : 0;
    }
    return ports_of(space) ? ~0u : count;
}

word_t arch_ports_open(const struct space *space, word_t first, word_t last)
{
    const bool *map = ports_of(space);
    word_t count = 0;
    for (word_t i = first; map && i <= last; i++) {
        count += map[i];
    }
    return count;
}

/* ---- arch.h: threads ---- */

struct tcb *thread_table[1 << L4_NUMBER_BITS];

void arch_thread_leaf(word_t index, struct tcb **page)
{
    memcpy(&thread_table[index * THREAD_LEAF_ENTRIES], page, THREAD_LEAF_ENTRIES * sizeof(struct tcb *));
}

word_t arch_space_root(const struct space *space)
{
    return (word_t)space->directory;
}

void arch_thread_init(struct tcb *t)
{
    t->regs = (struct arch_regs){0};
}

void arch_thread_destroy(struct tcb *t)
{
    assert(t != current);
}

size_t arch_thread_bytes(const struct tcb *t)
{
    (void)t;
    return 0;
}

void arch_switch_to(struct tcb *t)
{
    assert(t != current);
    mock_switches++;
    current = t;
}

word_t arch_user_ip(const struct tcb *t)
{
    return t->regs.ip;
}

word_t arch_user_sp(const struct tcb *t)
{
    return t->regs.sp;
}

word_t arch_user_flags(const struct tcb *t)
{
    return t->regs.flags;
}

void arch_set_user_ip(struct tcb *t, word_t ip)
{
    t->regs.ip = ip;
}

void arch_set_user_sp(struct tcb *t, word_t sp)
{
    t->regs.sp = sp;
}

void arch_set_user_flags(struct tcb *t, word_t flags)
{
    t->regs.flags = flags;
}

void arch_ipc_return(struct tcb *t, word_t from, word_t tag)
{
    t->regs.from = from;
    t->regs.tag = tag;
    if (mock_on_ipc_return) {
        mock_on_ipc_return(t, from, tag);
    }
}

void arch_unmap_return(struct tcb *t, word_t control)
{
    t->regs.from = control;
    t->regs.tag = t->utcb[0];
}

void arch_call_again(struct tcb *t)
{
    (void)t; /* control_whole does */
}

void arch_exception_words(const struct tcb *t, word_t *words)
{
    memcpy(words + 4, t->regs.general, sizeof t->regs.general);
    words[0] = t->regs.ip;
    words[1] = t->regs.flags;
    words[2] = t->fault_vector;
    words[3] = t->fault_error;
}

void arch_exception_apply(struct tcb *t, const word_t *words, size_t count)
{
    if (count > 0) {
        t->regs.ip = words[0];
    }
    for (size_t i = 4; i < count && i < 12; i++) {
        t->regs.general[i - 4] = words[i];
    }
}

/* ---- arch.h: the machine ---- */

void arch_interrupt_window(void)
{
}

void arch_interrupt_enable(word_t line)
{
    assert(line < MOCK_LINES);
    mock_line_enabled[line] = true;
}

void arch_interrupt_disable(word_t line)
{
    assert(line < MOCK_LINES);
    mock_line_enabled[line] = false;
}

bool arch_interrupt_reserved(word_t line)
{
    return line == 0 || line == 2;
}

uint64_t arch_clock_us(void)
{
    return mock_clock_us;
}

uint32_t arch_spent_us(void)
{
    static uint64_t since;
    uint64_t spent = mock_clock_us - since;
    since = mock_clock_us;
    return (uint32_t)spent;
}

/* ---- ia32/clock.h, for the trace ---- */

uint64_t arch_time_stamp(void)
{
    return mock_clock_us;
}
