/* SPDX-License-Identifier: BSD-2-Clause */
/* What this kernel has beyond X.2: its memory can grow and shrink, and be bounded for each space,
 * a space can be watched for threads that nobody helps, and can be given the kernel's console, and
 * an Unmap can be bounded (docs/x2.md).  The calls are for sigma0 and the root task; the kernel
 * refuses them to others. */
#pragma once

#include "l4/syscalls.h"

/* Attributes of MemoryControl, for sigma0 alone. */
enum {
    KERNEL_MEMORY_LEND = 0x40,    /* the pages leave every space and become kernel memory */
    KERNEL_MEMORY_RECLAIM = 0x41, /* lent pages that the kernel does not use come back, zeroed */
};

/* Bits of SpaceControl's control word.  With KERNEL_QUOTA the low bits are the bound, in KiB, of
 * the kernel memory of the space, KERNEL_WATCH says whether it is watched, and KERNEL_CONSOLE
 * whether its threads may read and write the kernel's console (L4_KDB_PrintString and its like).
 * The word that comes back has what was. */
#define KERNEL_QUOTA   (1u << 30)
#define KERNEL_WATCH   (1u << 29)
#define KERNEL_CONSOLE (1u << 28)
/* Without KERNEL_QUOTA too: the space, in which nothing is mapped, gives back what the kernel keeps
 * for its memory, until something is mapped there again. */
#define KERNEL_STRIP      (1u << 27)
#define KERNEL_QUOTA_NONE 0x3fffffu

/* Bits of Unmap's control word, for sigma0 alone: how many steps of some 6 000 instructions the
 * call may take; none of them: as many as it needs.  Those that it has used up are taken off the
 * word, which comes back.  An fpage that is not done then has bit KERNEL_UNMAP_MORE beside the
 * status so far: the first such one in part, those behind it not at all. */
#define KERNEL_UNMAP_STEP  (1u << 8)
#define KERNEL_UNMAP_STEPS (0xffu << 8)
#define KERNEL_UNMAP_MORE  (1u << 3)

/* In the first word of a map item of sigma0's: no more than a step is done for the item, and what
 * is left goes on when it is sent again.  A message is cut for that as for want of kernel memory;
 * the answer to a page fault is not, and the thread faults again. */
#define KERNEL_MAP_STEP (1u << 4)

/* Why a thread of a watched space stops.  Its scheduler hears of it by a message in the thread's
 * name, with label L4_LABEL_STOPPED | why, MR1 as below and MR2 the instruction pointer; whatever
 * the answer, the thread tries again. */
enum l4_stopped {
    STOPPED_NO_PAGER = 0,      /* for a page fault; MR1 = the address */
    STOPPED_NO_PORT_PAGER = 1, /* for an IO fault; MR1 = the port */
    STOPPED_NO_HANDLER = 2,    /* for an exception; MR1 = its number */
    STOPPED_NO_SCHEDULER = 3,  /* for a preemption message, to scheduler or handler; MR1 = 0 */
    /* For KIP and UTCBs of a stripped space; sigma0 hears of it, watched or not; MR1 = the
     * address. */
    STOPPED_NO_MEMORY = 4,
};

/* Unmap of the fpages in MR0..MR(count - 1) in no more than so many steps, which are at least 1.
 * Returns those that it has used up. */
static inline L4_Word_t L4_UnmapSteps(L4_Word_t count, L4_Word_t steps)
{
    L4_Word_t control = (count - 1) | steps * KERNEL_UNMAP_STEP;
    return steps - (l4_unmap(control) & KERNEL_UNMAP_STEPS) / KERNEL_UNMAP_STEP;
}

struct kernel_memory { /* pages; free for what lasts, and for mappings */
    L4_Word_t free, total, lent, for_mappings;
};

/* For sigma0 alone.  What the kernel has afterwards is in *now; with L4_Nilpage the call only
 * asks.  Returns 1, or 0 with the reason in ErrorCode: the pages before the first one that could
 * not be lent or reclaimed are lent or reclaimed then. */
static inline L4_Word_t L4_KernelMemory(L4_Word_t attribute, L4_Fpage_t pages, struct kernel_memory *now)
{
    L4_Word_t words[4], result = l4_memory_control(pages, attribute, words);
    *now = (struct kernel_memory){words[0], words[1], words[2], words[3]};
    return result;
}
