/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of lib/pager only: the first thread runs it until the hand-over, then the
 * pager thread; handler.c and stubs.c run in the other threads. */
#pragma once

#include "l4/syscalls.h"
#include "pager/dc_pages.h"
#include "pager/pager.h"

/* Requests of the task's threads.  Each is answered with PAGER_REPLY, MR1 = enum error and MR2.. =
 * results. */
enum pager_label {
    PAGER_REPLY = 0x4fe,
    /* MR1 = size, MR2 = rights, MR3 = enum region_kind (ANONYMOUS, CONTAINER), MR4 = handle, MR5 =
     * first page, MR6 = address or 0, MR7 = guard pages below -> MR2 = address. */
    PAGER_MAP = 0x400,
    PAGER_UNMAP = 0x401,         /* MR1 = address, MR2 = size */
    PAGER_PROTECT = 0x402,       /* MR1 = address, MR2 = size, MR3 = rights */
    PAGER_QUERY = 0x403,         /* MR1 = address -> MR2 start, end, page, handle, kind, rights */
    PAGER_THREAD_ADD = 0x404,    /* MR1 = local id, MR2 = global id */
    PAGER_THREAD_REMOVE = 0x405, /* the same */
};

struct pager_thread {
    uint32_t last; /* what was forwarded last: page | access | PAGER_LAST_VALID */
    /* End of the alternate stack, page aligned, | PAGER_DYING; 0 if the thread is not known. */
    uint32_t stack_top;
    uint32_t owner; /* global id of the thread whose stack that is */
};

enum { PAGER_LAST_VALID = 8, PAGER_DYING = 1, PAGER_FIRST_REGIONS = 60 };

/* How often, and at what distance, a thread of the task asks again while frames are on their way.
 * The pager itself waits for none. */
enum { PAGER_BUSY_TRIES = 2000, PAGER_BUSY_PAUSE_US = 1000 };

/* Everything that the loop touches for a fault, in one page (program.ld puts it first in bss).  The
 * first thread writes it before the hand-over, the pager thread alone after it; every thread may
 * read the stats. */
struct pager {
    struct region_table regions;
    uint32_t last_region; /* index of the region that a fault was in last */
    struct pager_stats stats;
    L4_ThreadId_t thread, physmem, task_server, console;
    uint32_t ending;                               /* not 0: the task is to end (pager_tell_end) */
    struct pager_thread threads[TASK_THREADS_MAX]; /* by UTCB slot */
    struct region first_regions[PAGER_FIRST_REGIONS];
};

extern struct pager pager;
extern struct dc_pages pager_dc; /* not touched by faults */
extern const char *pager_name;   /* the program's name, for messages */
#define PAGER_TEXT __attribute__((section(".text.pager")))

/* What the loop sends next: nothing (nilthread), a reply, or a forward. */
struct pager_next {
    L4_ThreadId_t to;
    L4_MsgTag_t tag;
    L4_Time_t timeout;
};

struct pager_thread *pager_find_thread(L4_ThreadId_t local);
/* Gives the thread an alternate stack. */
enum error pager_thread_prepare(L4_ThreadId_t local, L4_ThreadId_t id);

__attribute__((noreturn)) void pager_main(void);

/* fault.c */
struct pager_next pager_on_fault(L4_ThreadId_t from, struct pager_thread *thread, L4_Word_t address,
                                 L4_Word_t ip, L4_Word_t access);
/* trap.c: they send the thread into its handler. */
struct pager_next pager_raise_fault(L4_ThreadId_t from, const struct pager_trap *what);
struct pager_next pager_on_exception(L4_ThreadId_t from);
struct pager_next pager_on_port(L4_ThreadId_t from, L4_Word_t ip);
/* While the task is to end: returns what the loop sends next, which now and then is the message to
 * the task server; then what was to go has gone. */
struct pager_next pager_tell_end(struct pager_next next);
/* request.c */
struct pager_next pager_on_request(L4_ThreadId_t from, L4_MsgTag_t tag);

struct pager_next pager_reply_empty(L4_ThreadId_t to);

/* handler_entry.S: where the faulting thread enters, and the hlt with which it comes back. */
void pager_handler_entry(void);
void pager_handler_return(void);
/* handler.c */
extern bool pager_has_fxsave; /* written once, before any handler runs */
/* Finds out which floating-point state the processor has.  The first thread calls it before the
 * hand-over. */
void pager_handler_init(void);
void pager_handle_trap(struct pager_trap *trap);
/* The second trap lies right below the record of the first one. */
__attribute__((noreturn)) void pager_die(const struct pager_trap *second);
