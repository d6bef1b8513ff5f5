/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's paths in instructions: a root task of its own, under -icount shift=0 one TSC tick is
 * one instruction. Loops and stubs of the user side are included.
 *
 * main (root task's first thread, priority 255) drives; the other threads have priority 100.
 * `pager' serves faults from this space, `obtainer' those of `peer', `handler' exceptions.  `peer'
 * is in this space, `partner' and its pager `forwarder' in a second one, where this one's pages lie
 * at the same addresses. */
#pragma once

#include "../../roots/end_machine.h"
#include "l4/kdb.h"
#include "l4/syscalls.h"

enum {
    ROUNDS = 1000,
    PAGES = 64,
    AREAS = 32,
    STACK_BYTES = 4096,
    PAGE_BYTES = 4096,
    PAGE_LOG2 = 12,
    UTCB_LOG2 = 17,
};
#define UTCB_AREA 0xbf000000u
#define KIP_AREA  0xbf300000u
/* `pager' answers faults from WINDOW on with frames[], one page behind the other, and faults from
 * FRESH on with frames[], one page in each 4 MiB. */
#define WINDOW     0x20000000u
#define FRESH      0x40000000u
#define AREA_BYTES 0x400000u

extern L4_ThreadId_t root, pager, partner, peer, forwarder, obtainer, handler;
extern char frames[PAGES][PAGE_BYTES]; /* present in this space */

/* ---- the stop watch: any thread starts and stops it, only what is between is counted ---- */

struct watch {
    L4_Word_t ticks, entries, switches, flushes;
};
extern struct watch watch;

static inline L4_Word_t tsc(void)
{
    L4_Word_t low;
    __asm__ volatile("rdtsc" : "=a"(low) : : "edx");
    return low;
}

void watch_start_counters(void);
void watch_stop_counters(void);

static inline __attribute__((always_inline)) void watch_start(void)
{
    watch_start_counters();
    watch.ticks -= tsc();
}

static inline __attribute__((always_inline)) void watch_stop(void)
{
    watch.ticks += tsc();
    watch_stop_counters();
}

/* Prints the watch's figures divided by count, and resets it.  A timer tick now and then does not
 * show in the mean. */
void watch_report(const char *name, unsigned count);
void print_figure(const char *name, const char *what, L4_Word_t value, const char *unit);

void fail(const char *what) __attribute__((noreturn));

/* Ends the machine with an error unless the condition holds. */
static inline void require(L4_Word_t condition, const char *what)
{
    if (!condition) {
        fail(what);
    }
}

/* ---- the other threads ---- */

L4_ThreadId_t thread(unsigned number);
void make_space(L4_ThreadId_t t);
void start_threads(void);

/* What `partner' and `peer' do on request, and then answer without words; other messages they send
 * back. */
enum command {
    COMMAND_ECHO,
    /* Write each stride-th byte: MR1 start, MR2 stride, MR3 count; MR4 pager meanwhile, or nil. */
    COMMAND_TOUCH,
    COMMAND_TRAP, /* MR1 exceptions, with `handler' as exception handler */
    COMMAND_TAKE, /* accept map items in WINDOW's 4 MiB, answer empty, MR1 times */
    /* Handle MR1 interrupts; answers when waiting for the first, and to the next message behind. */
    COMMAND_HANDLE,
    COMMAND_TRIGGER,  /* cause MR1 interrupts */
    COMMAND_EXCHANGE, /* send MR2 messages of MR1 words to root, and wait for one behind each */
};

void command(L4_ThreadId_t to, enum command what, unsigned words, const L4_Word_t *mr);

/* ---- the figures ---- */

L4_Fpage_t page_at(const void *address, L4_Word_t rights);
void bench_faults(void);
void bench_mappings(void);
void bench_interrupt(void);
void bench_shares(void);
void share_answer(L4_Word_t words, L4_Word_t count); /* COMMAND_EXCHANGE */
