/* SPDX-License-Identifier: BSD-2-Clause */
/* The bitmaps of spaces, and the instructions that fail for want of a port: the processor does not
 * say which port it was, so the instruction is decoded. */
#include "port_map.h"

#include "arch.h"
#include "entry.h"
#include "kdb/counters.h"
#include "kdb/trace.h"
#include "l4/fault_ipc.h"
#include "l4/io_ports.h"
#include "l4/kmem.h"
#include "paging.h"
#include "tss.h"

#include <string.h>

enum {
    WINDOW_ENTRY = UTCB_WORD_ADDRESS >> 22,
    PORTS_PER_PAGE = PAGE_BYTES * 8,
    WORD_BITS = 32,
};

/* A page of ones, for all spaces whose ports are closed.  It is never written after boot. */
static word_t *closed SEALED;

void port_map_init(void)
{
    assert(shared_window && !closed);
    closed = kmem_alloc(NULL, false);
    assert(closed);
    memset(closed, 0xff, PAGE_BYTES);
    shared_window[TSS_PAGE] = (arch_paddr(&main_tss) & PAGE_MASK) | PTE_PRESENT | PTE_WRITE;
    for (unsigned i = MAP_PAGE; i <= END_PAGE;
         i++) { /* one more than the bitmap has: the processor reads a byte behind it */
        shared_window[i] = arch_paddr(closed) | PTE_PRESENT;
    }
    user_eflags &= ~(uint32_t)FLAG_IOPL;
    io_ports_mapped = true;
}

struct tss_place port_map_tss(void)
{
    uint32_t at = (uint32_t)&main_tss.tss;
    if (!io_ports_mapped) {
        return (struct tss_place){at, sizeof(struct tss) - 1, sizeof(struct tss)};
    }
    at %= PAGE_BYTES;
    return (struct tss_place){.base = UTCB_WORD_ADDRESS + TSS_PAGE * PAGE_BYTES + at,
                              .limit = (END_PAGE - TSS_PAGE) * PAGE_BYTES - at,
                              .io_map = (uint16_t)((MAP_PAGE - TSS_PAGE) * PAGE_BYTES - at)};
}

/* ---- the bitmap of a space ---- */

static pte_t *window_of(const struct space *space)
{
    return arch_kernel_address(space->directory[WINDOW_ENTRY] & PAGE_MASK);
}

/* The page of the bitmap with the port's bit, which is 1 if the port is closed: one of the space's
 * own pages, or `closed'. */
static word_t *map_page_of(const struct space *space, word_t port)
{
    return arch_kernel_address(window_of(space)[MAP_PAGE + port / PORTS_PER_PAGE] & PAGE_MASK);
}

static word_t *map_word(const struct space *space, word_t port)
{
    return map_page_of(space, port) + port % PORTS_PER_PAGE / WORD_BITS;
}

RARE bool port_map_is_own(const struct space *space)
{
    return window_of(space) != shared_window;
}

static bool make_own_window(struct space *space)
{
    assert(io_ports_mapped);
    if (port_map_is_own(space)) {
        return true;
    }
    pte_t *own = kmem_alloc(space, false);
    if (own) {
        memcpy(own, shared_window, PAGE_BYTES);
        space->directory[WINDOW_ENTRY] = arch_paddr(own) | PTE_PRESENT | PTE_WRITE | PTE_USER;
    }
    return own != NULL;
}

static bool make_own_page(struct space *space, word_t port)
{
    if (map_page_of(space, port) != closed) {
        return true;
    }
    void *page = kmem_alloc(space, false);
    if (page) {
        memset(page, 0xff, PAGE_BYTES);
        window_of(space)[MAP_PAGE + port / PORTS_PER_PAGE] = arch_paddr(page) | PTE_PRESENT;
    }
    return page != NULL;
}

/* Makes bitmap pages of the space's own for the ports.  false: there was no memory for all of them;
 * what was made stays. */
static bool make_own(struct space *space, word_t first, word_t last)
{
    bool made = make_own_window(space) && make_own_page(space, first) && make_own_page(space, last);
    if (current && current->space == space) {
        word_t cr3;
        counters.full_flushes++;
        __asm__ volatile("movl %%cr3, %0\n\tmovl %0, %%cr3" : "=r"(cr3) : : "memory");
    }
    return made;
}

bool arch_ports_set(struct space *space, word_t first, word_t last, bool open)
{
    assert(first <= last && last < PORT_COUNT);
    if (open && !make_own(space, first, last)) {
        return false;
    }
    while (first <= last) {
        assert(map_page_of(space, first) != closed); /* which is shared */
        uint32_t *word = map_word(space, first);
        word_t low = first % WORD_BITS, most = WORD_BITS - low,
               page = PORTS_PER_PAGE - first % PORTS_PER_PAGE, count = last - first + 1;
        if (low == 0 && count >= WORD_BITS) { /* whole words, within a page of the bitmap */
            count = (count < page ? count : page) & ~(word_t)(WORD_BITS - 1);
            memset(word, open ? 0 : 0xff, count / 8);
        } else {
            count = count < most ? count : most;
            uint32_t mask = ~0u >> (WORD_BITS - count) << low;
            *word = open ? *word & ~mask : *word | mask;
        }
        first += count;
    }
    return true;
}

word_t arch_ports_open(const struct space *space, word_t first, word_t last)
{
    word_t count = 0;
    for (word_t port = first; port <= last; port++) {
        uint32_t word = *map_word(space, port);
        if (word == ~0u) {
            port |= WORD_BITS - 1;
        } else {
            count += ~word >> port % WORD_BITS & 1;
        }
    }
    return count;
}

void port_map_destroy(struct space *space)
{
    pte_t *window = window_of(space);
    if (window == shared_window) {
        return;
    }
    for (word_t port = 0; port < PORT_COUNT; port += PORTS_PER_PAGE) {
        void *page = map_page_of(space, port);
        if (page != closed) {
            kmem_free_page(page, space);
        }
    }
    kmem_free_page(window, space);
}

/* ---- faults ---- */

static bool is_prefix(uint8_t c)
{
    bool segment = (c & 0xe7) == 0x26 || c == 0x64 || c == 0x65, repeat = c == 0xf2 || c == 0xf3;
    return segment || repeat || c == 0x66 || c == 0x67;
}

static bool code_byte(const struct tcb *t, word_t offset, uint8_t *c)
{
    const uint8_t *p = arch_user_access(t->space, t->regs.eip + offset, false);
    if (p) {
        *c = *p;
    }
    return p != NULL;
}

/* Which ports the instruction at the thread's IP wants.  false: it is none of in, out, ins,
 * outs. */
static bool decode(const struct tcb *t, word_t *port, word_t *count)
{
    enum {
        IN_OUT_BYTE_PORT = 0xe4,
        IN_OUT_DX = 0xec,
        INS_OUTS = 0x6c,
        KIND = 0xfc,
        WIDE = 1,
        MOST_BYTES = 15
    };
    word_t offset = 0, width = 4;
    uint8_t c, number;
    do {
        if (offset == MOST_BYTES || !code_byte(t, offset++, &c)) {
            return false;
        }
        width = c == 0x66 ? 2 : width;
    } while (is_prefix(c));
    *count = c & WIDE ? width : 1;
    *port = t->regs.edx & (PORT_COUNT - 1);
    if ((c & KIND) == IN_OUT_BYTE_PORT) {
        if (!code_byte(t, offset, &number)) {
            return false;
        }
        *port = number;
        return true;
    }
    return (c & KIND) == IN_OUT_DX || (c & KIND) == INS_OUTS;
}

bool port_fault(struct tcb *t)
{
    word_t port, count;
    if (!decode(t, &port, &count) || port + count > PORT_COUNT ||
        arch_ports_open(t->space, port, port + count - 1) == count) {
        return false;
    }
    if (port % count) { /* no fpage has just these ports: they are asked for one after the other */
        while (arch_ports_open(t->space, port, port)) {
            port++;
        }
        count = 1;
    }
    fault_ports(t, port, count / 2); /* the log2 of 1, 2 and 4 */
    counters.faults++;
    trace(TRACE_FAULT, L4_ReadWriteOnly, t->global_id, t->fault_words[1], t->regs.eip);
    return true;
}
