/* SPDX-License-Identifier: BSD-2-Clause */
/* The task's own pager thread, as the other threads of the task see it.
 *
 * It serves every fault of the task's threads: looks the address up in the region table and forwards the
 * fault to physmem, which answers the faulting thread itself.  Its own code, stack and tables lie in the
 * designated container, which physmem pages as last resort: nothing of it is wired.  It calls physmem and
 * nobody else.  How a fault travels: docs/fault.md. */
#pragma once

#include <stddef.h>

#include "l4/types.h"
#include "pager/region.h"
#include "protocol/startup.h"

/* ---- start ---- */

/* Once, by the first thread: makes the pager thread and hands the caller over to it.  ERR_ALREADY later. */
enum error pager_start(const struct startup *startup);
/* Nilthread in a program without a pager. */
L4_ThreadId_t pager_thread(void);

/* ---- regions: each is a call to the pager thread.  Sizes are rounded up to pages; rights: RIGHT_READ ... ---- */

/* Zeroed memory of a new container; pages come by faults. */
enum error pager_map_anonymous(size_t size, unsigned rights, void **address);
/* The same at an address of the heap's range (PAGER_HEAP_START ..). */
enum error pager_map_anonymous_at(void *address, size_t size, unsigned rights);
/* The same, with a guard page below. */
enum error pager_map_stack(size_t size, void **address);
/* Pages of a container of which the task has a handle; the handle stays the caller's, to be closed after
 * pager_unmap. */
enum error pager_map_container(handle_t handle, uint32_t page, size_t size, unsigned rights, void **address);
/* Any range: what is mapped in it goes.  Whoever still uses it gets a fault. */
enum error pager_unmap(void *address, size_t size);
enum error pager_protect(void *address, size_t size, unsigned rights);
/* The region that holds the address; ERR_HOLE: none. */
enum error pager_query(const void *address, struct region *region);

enum {
    PAGER_HEAP_START = TASK_REGIONS_BASE, /* pager_map_anonymous_at alone; the heap of newlib */
    PAGER_HEAP_END = TASK_REGIONS_BASE + 0x40000000,
    PAGER_ALTERNATE_PAGES = 4, /* a thread's stack for faults and exceptions, in the designated container */
};

/* ---- threads ---- */

/* Gives a new thread its alternate stack: call before it is started, with its local id. */
enum error pager_add_thread(L4_ThreadId_t local);
/* After it has been deleted. */
enum error pager_remove_thread(L4_ThreadId_t local);

/* ---- faults that cannot be served, and exceptions: handled by the thread that made them ---- */

enum pager_trap_kind { TRAP_FAULT, TRAP_EXCEPTION };

enum pager_reason {
    REASON_NO_REGION, /* no region there                          */
    REASON_GUARD,     /* a guard page                             */
    REASON_RIGHTS,    /* the region does not allow this access    */
    REASON_BACKING,   /* physmem could not: the error says why    */
};

/* The interrupted code's registers, in the order of pushal, and what happened.  Lies on the alternate
 * stack.  A handler may change the registers. */
struct pager_trap {
    L4_Word_t edi, esi, ebp, ignored_esp, ebx, edx, ecx, eax;
    L4_Word_t eip, eflags, esp;
    L4_Word_t kind;                    /* enum pager_trap_kind */
    L4_Word_t address, access, reason; /* fault: access 2 = write, otherwise read or execution */
    L4_Word_t error;                   /* fault: enum error */
    L4_Word_t number, code;            /* exception: vector and error code */
    L4_Word_t stack_bytes;             /* guard page: size of the stack above it, which is exhausted */
};

/* A handler runs on the alternate stack of the thread in question.  Returning true goes back to the
 * interrupted code with the registers of the trap; it may also longjmp out.  False: the default, which
 * prints a line and ends the task with status 128 + signal (139 for a fault). */
typedef bool (*pager_trap_handler)(struct pager_trap *trap);
void pager_set_trap_handler(pager_trap_handler handler);
/* For faults only, asked first; returning means: try again. */
typedef void (*pager_fault_handler)(void *address, void *ip, unsigned access, enum error error);
void pager_set_fault_handler(pager_fault_handler handler);
/* The signal number that belongs to it (newlib's numbers: 4 ILL, 5 TRAP, 8 FPE, 10 BUS, 11 SEGV). */
int pager_trap_signal(const struct pager_trap *trap);

/* ---- counters, since the start ---- */

struct pager_stats {
    L4_Word_t regions;
    L4_Word_t faults[REGION_KINDS]; /* by kind of region; guard: with those outside of any */
    L4_Word_t forwards;             /* faults handed to physmem */
    L4_Word_t asks;                 /* the same fault again: asked what is wrong */
    L4_Word_t exceptions;           /* sent to the thread that made them, faults included */
    L4_Word_t requests;
    L4_Word_t dropped;       /* foreign, malformed or stale messages */
    L4_Word_t send_failures; /* replies and forwards that found nobody */
};

void pager_get_stats(struct pager_stats *stats);
