/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that give the kernel as much to do as they can, as root task: ranges, pages with very many
 * mappings, spaces with full and with sparse page tables, all ports, very many senders and waiters,
 * messages of many strings, strings to be printed.  It checks what they do;
 * tests/system/long_calls.sh runs it on build/kernel-irqoff.elf, which tells how long interrupts
 * were off.
 *
 * The visitor is a space whose one thread faults again and again: root, its pager, answers with the
 * mappings that it wants the visitor to have, and never with the page that is missing. */
#pragma once

#include "ktap/ktap.h"
#include "l4/kdb.h"
#include "l4/syscalls.h"

enum {
    FIRST_NUMBER = 1024,
    PAGE_LOG2 = 12,
    PAGE = 1 << PAGE_LOG2,
    SUPER_LOG2 = 22,
    SUPER = 1 << SUPER_LOG2,
    UTCB_LOG2 = 17,
    SENDERS = 240,
    PATIENCE_US = 20000,
};
#define UTCB_AREA  0xbfc00000u
#define KIP_AREA   0xbf300000u
#define ROOT_UTCBS 0xbf000000u
#define COPIES_AT  0x40000000u
#define AREAS_AT   0x60000000u

extern L4_ThreadId_t root;
extern char pages[SUPER];
extern volatile unsigned ended; /* what the threads of a test count */

static inline L4_ThreadId_t id_of(unsigned i)
{
    return L4_GlobalId(FIRST_NUMBER + i, 1);
}

static inline L4_Fpage_t fpage(const void *at, unsigned log2, L4_Word_t rights)
{
    return L4_FpageAddRights(L4_FpageLog2((L4_Word_t)at, log2), rights);
}

/* ---- helpers.c ---- */

bool visitor_make(L4_ThreadId_t t);
/* Its next fault is answered with this item.  false: it did not fault, or the item did not go
 * through. */
bool give(L4_ThreadId_t t, L4_Word_t to, L4_Word_t kind, L4_Fpage_t f);
bool delete_thread(L4_ThreadId_t t);

/* Thread i of root's space waits for its start. */
bool thread_make(unsigned i);
/* Thread i, at most SENDERS, begins. */
bool thread_start(unsigned i, void (*code)(void));
/* Thread 0 waits for its start for ever, and SENDERS others do something about it.  `ended' begins
 * anew. */
bool start_senders(void (*code)(void));
void delete_threads(unsigned first, unsigned count);

/* ---- the tests ---- */

void test_mappings(void); /* mappings.c: seven of them */
void test_messages(void); /* messages.c: eleven */
enum { MAPPING_TESTS = 7, MESSAGE_TESTS = 11 };
