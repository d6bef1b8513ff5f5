/* SPDX-License-Identifier: BSD-2-Clause */
/* The task's own pager thread, as the other threads of the task see it: any of them may call what
 * is declared here, the pager thread itself none of it.
 *
 * The pager serves every fault of the task's threads: it looks the address up in the region table
 * and forwards the fault to physmem, which answers the faulting thread itself.  Its own code, stack
 * and tables lie in the designated container, which physmem pages as last resort, so nothing of it
 * is wired.  It calls physmem and nobody else.  docs/fault.md follows a fault all the way. */
#pragma once

#include <stddef.h>

#include "l4/types.h"
#include "pager/region.h"
#include "protocol/startup.h"

/* ---- start ---- */

/* The first thread calls it once: it makes the pager thread and hands the caller over to it.
 * ERR_ALREADY at a second call. */
enum error pager_start(const struct startup *startup);
/* Returns nilthread in a program without a pager. */
L4_ThreadId_t pager_thread(void);

/* ---- regions: each function is a call to the pager thread.  Sizes are rounded up to pages; rights
 * are RIGHT_READ, RIGHT_WRITE and RIGHT_EXEC. ---- */

/* Maps zeroed memory of a new container; its pages come by faults. */
enum error pager_map_anonymous(size_t size, unsigned rights, void **address);
/* The same at an address of the heap's range (PAGER_HEAP_START ..). */
enum error pager_map_anonymous_at(void *address, size_t size, unsigned rights);
/* The same with a guard page below, for a stack. */
enum error pager_map_stack(size_t size, void **address);
/* Maps pages of a container of which the task has a handle.  The handle stays the caller's, who
 * closes it after pager_unmap. */
enum error pager_map_container(handle_t handle, uint32_t page, size_t size, unsigned rights, void **address);
/* Unmaps whatever is mapped in the range.  A thread that still uses it gets a fault. */
enum error pager_unmap(void *address, size_t size);
enum error pager_protect(void *address, size_t size, unsigned rights);
/* Tells the region that holds the address; ERR_HOLE if there is none. */
enum error pager_query(const void *address, struct region *region);

enum {
    /* The range of pager_map_anonymous_at alone, for newlib's heap. */
    PAGER_HEAP_START = TASK_REGIONS_BASE,
    PAGER_HEAP_END = TASK_REGIONS_BASE + 0x40000000,
    /* A thread's stack for faults and exceptions, in the designated container. */
    PAGER_ALTERNATE_PAGES = 4,
};

/* ---- threads ---- */

/* Gives a new thread, named by both its ids, an alternate stack.  To be called before the thread is
 * started; the first thread has one already.  ERR_ALREADY if it has one. */
enum error pager_add_thread(L4_ThreadId_t local, L4_ThreadId_t id);
/* Takes the alternate stack back.  To be called after the thread has been deleted.  A new thread
 * may have got the local id and the stack meanwhile: then nothing is left to do. */
enum error pager_remove_thread(L4_ThreadId_t local, L4_ThreadId_t id);

/* ---- faults that cannot be served, and exceptions: handled by the thread that made them ---- */

enum pager_trap_kind { TRAP_FAULT, TRAP_EXCEPTION };

enum pager_reason {
    REASON_NO_REGION, /* there is no region */
    REASON_GUARD,     /* there is a guard page */
    REASON_RIGHTS,    /* the region does not allow this access */
    REASON_BACKING,   /* physmem could not serve it: the error says why */
};

/* The interrupted code's registers, in the order of pushal, and what happened.  It lies on the
 * alternate stack.  A handler may change the registers. */
struct pager_trap {
    L4_Word_t edi, esi, ebp, ignored_esp, ebx, edx, ecx, eax;
    L4_Word_t eip, eflags, esp;
    L4_Word_t kind;                    /* enum pager_trap_kind */
    L4_Word_t address, access, reason; /* fault: access 2 = write, otherwise read or execution */
    L4_Word_t error;                   /* fault: enum error */
    L4_Word_t number, code;            /* exception: vector and error code */
    L4_Word_t stack_bytes;             /* guard page: size of the stack above it */
};

/* A handler runs on the alternate stack of the thread in question.  If it returns true, the
 * interrupted code goes on with the registers of the trap; it may also longjmp out.  If it returns
 * false, a line is printed and the task ends with status 128 + signal (139 for a fault). */
typedef bool (*pager_trap_handler)(struct pager_trap *trap);
void pager_set_trap_handler(pager_trap_handler handler);
/* A handler for faults only, which is asked first.  If it returns, the instruction is tried
 * again. */
typedef void (*pager_fault_handler)(void *address, void *ip, unsigned access, enum error error);
void pager_set_fault_handler(pager_fault_handler handler);
/* Returns the number of the signal that belongs to the trap, in newlib's numbers: 4 ILL, 5 TRAP, 8
 * FPE, 10 BUS, 11 SEGV. */
int pager_trap_signal(const struct pager_trap *trap);

/* ---- counters, since the start ---- */

struct pager_stats {
    L4_Word_t regions;
    L4_Word_t faults[REGION_KINDS]; /* by kind of region; those outside of any count as guard */
    L4_Word_t forwards;             /* faults handed to physmem */
    L4_Word_t asks;                 /* the same fault again: asked what is wrong */
    L4_Word_t exceptions;           /* sent to the thread that made them, faults included */
    L4_Word_t requests;
    L4_Word_t dropped;       /* foreign, malformed or stale messages */
    L4_Word_t send_failures; /* replies and forwards that found nobody */
};

void pager_get_stats(struct pager_stats *stats);
