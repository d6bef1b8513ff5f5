/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel has done since boot, in words that wrap.  Every part of the kernel counts in
 * place, with one instruction, and nobody in the kernel decides by them.
 *
 * A program reads them with a debugger call: int3; cmp $0x40, %al with the index in ECX gives the
 * value in EAX (L4_KDB_Counter, lib/l4/kdb.h); the indices are those of enum l4_kdb_counter, in the
 * order of this struct. */
#pragma once

#include "l4/kdb.h"
#include "l4/word.h"

struct counters {
    uint32_t entries;         /* kernel entries of every kind */
    uint32_t ipcs;            /* messages that reached a receiver, the kernel's own included */
    uint32_t faults;          /* page faults */
    uint32_t exceptions;      /* all other processor exceptions, debugger calls included */
    uint32_t interrupts;      /* without timer ticks */
    uint32_t thread_switches; /* to another thread, or to idle */
    uint32_t space_switches;  /* each loads CR3, which flushes the TLB */
    uint32_t full_flushes;    /* TLB flushes for other reasons */
    uint32_t page_flushes;    /* invlpg */
    uint32_t maps;            /* pages mapped or granted */
    uint32_t unmaps;          /* mappings taken away */
};

_Static_assert(sizeof(struct counters) == KDB_FAST_IPCS * sizeof(uint32_t), "each counter has an index");

extern struct counters counters;
/* IPCs of the fast path, from space to space and within one: each is an entry, an IPC and a thread
 * switch, those from space to space are a space switch, and they are not counted above. */
enum { FAST_INTER, FAST_INTRA, FAST_KINDS };
extern uint32_t counter_fast_ipcs[FAST_KINDS];
/* IPCs of the plain paths, which are not among counters.ipcs. */
extern uint32_t counter_plain_ipcs;

/* A counter and its name, by an index below KDB_COUNTER_COUNT. */
uint32_t counter_value(unsigned index);
const char *counter_name(unsigned index);
