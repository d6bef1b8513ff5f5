/* SPDX-License-Identifier: BSD-2-Clause */
/* Debugger calls of Pilotfish's own kernel, beyond those that every X.2 kernel has (syscalls.h).
 * Without the word `kdb' on the kernel's command line they are for sigma0 and the root task:
 * made by others they do nothing, and return all ones.  Another kernel takes them for a
 * breakpoint. */
#pragma once

#include "types.h"

enum {
    KDB_OPERATION_COUNTER = 0x40,
    KDB_OPERATION_MARK = 0x41,
    KDB_OPERATION_CHECK = 0x42,
    KDB_OPERATION_MEMORY = 0x43
};

/* What the kernel counts since boot (kernel/kdb/counters.h has what each means). */
enum l4_kdb_counter {
    KDB_ENTRIES,
    KDB_IPCS,
    KDB_FAULTS,
    KDB_EXCEPTIONS,
    KDB_INTERRUPTS,
    KDB_THREAD_SWITCHES,
    KDB_SPACE_SWITCHES,
    KDB_FULL_FLUSHES,
    KDB_PAGE_FLUSHES,
    KDB_MAPS,
    KDB_UNMAPS,
    KDB_FAST_IPCS,  /* of KDB_IPCS, those of the fast path */
    KDB_PLAIN_IPCS, /* and those of the plain ones; the others took the general path */
    KDB_COUNTER_COUNT,
};

/* Returns the counter's value, or 0 for an index that is none.  The call itself is counted as one
 * kernel entry and one exception. */
static inline L4_Word_t L4_KDB_Counter(enum l4_kdb_counter index)
{
    L4_Word_t value;
    __asm__ volatile("int3\n\tcmpb $0x40, %%al" : "=a"(value) : "c"(index) : "memory", "cc");
    return value;
}

/* Writes a word of the caller's choice into the kernel's trace. */
static inline void L4_KDB_Mark(L4_Word_t word)
{
    __asm__ volatile("int3\n\tcmpb $0x41, %%al" : : "a"(word) : "memory", "cc");
}

/* Returns how many pages of kernel memory are free. */
static inline L4_Word_t L4_KDB_KernelMemory(void)
{
    L4_Word_t pages;
    __asm__ volatile("int3\n\tcmpb $0x43, %%al" : "=a"(pages) : : "memory", "cc");
    return pages;
}

/* Returns how many inconsistencies the kernel finds in its own state. */
static inline L4_Word_t L4_KDB_Check(void)
{
    L4_Word_t bad;
    __asm__ volatile("int3\n\tcmpb $0x42, %%al" : "=a"(bad) : : "memory", "cc");
    return bad;
}
