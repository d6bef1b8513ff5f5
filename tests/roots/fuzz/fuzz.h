/* SPDX-License-Identifier: BSD-2-Clause */
/* The system-call fuzzer, a root task of its own.
 *
 * supervisor  the root task's first thread, priority 255: pager, exception handler and scheduler of
 *             all others; makes them anew when they got lost, and has the kernel check itself every
 *             CHECK_EVERY calls (main.c, workers.c)
 * workers     threads that make random system calls (worker.c, arguments.c): the first PRIVILEGED
 *             of them in the root task's space, with arguments that cannot hurt it; the others in
 *             spaces of their own, with any arguments; the privileged ones also strip the others'
 *             spaces and the witnesses' (strip.c); the last SERVANTS of them answer faults,
 *             exceptions and messages of the rest (servant.c)
 * lender      a thread in sigma0's space that lends the kernel memory and takes it back (servant.c)
 * witnesses   two threads in spaces of their own, whose memory and whose IPC the rest must never
 *             disturb (witness.c)
 *
 * Workers see the root task's image read-only, and the region of frames that is theirs,
 * one-to-one. */
#pragma once

#include "l4/kernel_memory.h"
#include "l4/kip.h"
#include "l4/syscalls.h"

enum {
    WORKERS = 10,
    SERVANTS = 2,
    FIRST_SERVANT = WORKERS - SERVANTS,
    PRIVILEGED = 2,
    JUNK = 48, /* threads that privileged workers make */
    ROOT_JUNK = 4,
    PAGE_BITS = 12,
    PAGE_BYTES = 1 << PAGE_BITS,
    REGION_BITS = 18,
    REGION_BYTES = 1 << REGION_BITS,
    STACK_TOP = 0x6000,         /* in a worker's region, behind its control page */
    SCRATCH = REGION_BYTES / 2, /* from here on a region is the worker's to play with */
    FIRST_SLOT = 8,             /* of a worker's UTCB, in whatever space */
    UTCB_LOG2 = 17,
    CHECK_EVERY = 1000,
};

/* Thread numbers relative to the root task's. */
enum {
    NO_CLIENT = 1,
    NO_SERVER = 2,
    NO_LENDER = 3,
    NO_WORKER = 16,
    NO_JUNK = 32,
    NO_ROOT_JUNK = NO_JUNK + JUNK
};

#define REGION(i)      (0x1000000u + (L4_Word_t)(i)*REGION_BYTES)
#define WITNESS_REGION REGION(WORKERS) /* two: client, server */
#define LENDER_REGION  REGION(WORKERS + 2)
#define LEND           0x1c00000u /* frames that the kernel may have for a while */
#define LEND_BYTES     0x100000u
#define WINDOW         0x20000000u /* 256 MiB that are nobody's */
#define WINDOW_BITS    28
#define UTCB_AREA      0xbf000000u
#define KIP_AREA       0xbf300000u
#define KERNEL_BASE    0xc0000000u
#define PORTS          0x2e8 /* ports behind which there is nothing: whoever asks may have them */
#define PORTS_COUNT    8

enum link {
    LINK_IPC,
    LINK_UNMAP,
    LINK_EXCHANGE_REGISTERS,
    LINK_THREAD_CONTROL,
    LINK_SPACE_CONTROL,
    LINK_SCHEDULE,
    LINK_THREAD_SWITCH,
    LINK_SYSTEM_CLOCK,
    LINK_MEMORY_CONTROL,
    LINK_PROCESSOR_CONTROL,
    LINKS,
};

/* At the start of a worker's region; the worker may destroy it. */
struct worker {
    L4_Word_t seed, calls, index;
    bool privileged, ports_open; /* IOPL is 3 */
    L4_Word_t last;              /* what it does, for the report */
    L4_Word_t violation, detail; /* what ought to be impossible: a line of worker.c */
    struct l4_raw_regs {         /* as raw_call wants them */
        L4_Word_t eax, ecx, edx, ebx, esi, edi, ebp, eflags, esp_change;
    } regs;
    L4_Word_t selectors[4]; /* ds, es, fs, gs */
};

/* Of the supervisor, read-only to workers. */
extern L4_ThreadId_t root_id, client_id, server_id, sigma0_id, worker_ids[WORKERS];
extern L4_Word_t links[LINKS]; /* addresses */

/* ---- low.S, raw_call.S ---- */

void raw_call(L4_Word_t entry, struct l4_raw_regs *r);
/* sysenter with all registers, flags and segment registers as given. */
void raw_sysenter(struct worker *w);
/* The same with the KIP's entry or any other address called. */
void raw_call_selectors(struct worker *w, L4_Word_t entry);
extern char int_stubs[]; /* int n; ret -- four bytes each */
extern char kdb_stubs[]; /* int3 and what follows; ret -- eight bytes each */
enum { KDB_STUBS = 9 };
extern char undefined_stub[]; /* ud2; ret */

/* ---- arguments.c ---- */

L4_Word_t random_word(struct worker *w);
L4_Word_t below(struct worker *w, L4_Word_t n);
L4_Word_t any_address(struct worker *w);
/* An address that the worker may have written to, fpages it may take away or give. */
L4_Word_t target_address(struct worker *w);
L4_Word_t any_fpage(struct worker *w);
L4_Word_t any_io_fpage(struct worker *w);
L4_Word_t any_id(struct worker *w);
/* A thread that the worker may control. */
L4_Word_t victim_id(struct worker *w);
/* A thread that may be the worker's pager, exception handler or the like: a privileged one's does
 * not hurt it. */
L4_Word_t harmless_id(struct worker *w);
/* A servant, by any of its names. */
L4_Word_t servant(struct worker *w);
L4_Word_t any_times(struct worker *w);
void fill_message(struct worker *w);

/* ---- strip.c ---- */

void do_strip(struct worker *w);
extern L4_Word_t strips; /* spaces that have been stripped */

/* ---- worker.c, servant.c, witness.c ---- */

struct witness { /* at the start of its region */
    volatile L4_Word_t calls, errors, error_code, error_tag, wrong;
};

void worker_main(struct worker *w);
void servant_main(struct worker *w);
void lender_main(struct worker *w);
void client_main(struct witness *w);
void server_main(struct witness *w);

void witness_fill(L4_Word_t region);
bool witness_intact(L4_Word_t region);

/* ---- workers.c ---- */

void worker_make(unsigned i);
/* Takes it out of whatever it does and lets it begin anew. */
void worker_restart(unsigned i);
void witness_make(void);
void lender_make(void);
void junk_delete(void);
L4_Word_t supervisor_random(void);
extern unsigned restarts, recreations, failures;
extern L4_Word_t supervisor_seed;
extern bool ports_open;

static inline struct worker *worker_of(unsigned i)
{
    return (struct worker *)REGION(i);
}

static inline L4_ThreadId_t relative_id(unsigned number, L4_Word_t version)
{
    return L4_GlobalId(L4_ThreadNo(root_id) + number, version);
}
