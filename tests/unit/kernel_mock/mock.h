/* SPDX-License-Identifier: BSD-2-Clause */
/* A pretended machine behind kernel/arch.h, so that kernel/l4 runs as a program of the host.
 *
 * Page directories and tables are two levels of arrays in pages of the kernel's own pool, as on
 * IA-32; physical address = address in this program for kernel pages, and merely a number for the
 * frames that users map.  Nothing runs at user level: a test says which memory was accessed
 * (mock_access) and which system calls are made. */
#pragma once

#include "arch.h"
#include "kernel/whole.h"
#include "l4/exchange_registers.h"
#include "l4/fault_ipc.h"
#include "l4/interrupt_ipc.h"
#include "l4/io_ports.h"
#include "l4/ipc.h"
#include "l4/ipc_plain.h"
#include "l4/kmem.h"
#include "l4/map_item.h"
#include "l4/mapping_db.h"
#include "l4/schedule.h"
#include "l4/schedule_control.h"
#include "l4/timer.h"
#include "l4/thread.h"
#include "l4/thread_control.h"

enum {
    /* Frames with a list of their own; those beyond count as device memory. */
    MOCK_FRAMES = 3 * 1024,
    MOCK_POOL_PAGES = 600,
    MOCK_KERNEL_FRAME = 40, /* never given to users */
    MOCK_UTCB_BASE = 0x10000000,
    MOCK_KIP_BASE = 0x10100000,
    MOCK_LINES = 16,
    MOCK_PORT_SPACES = 8, /* so many can have ports at a time */
};

/* Once, before anything else: a pool of `pages' (at most MOCK_POOL_PAGES), no spaces, no
 * threads. */
void mock_init(size_t pages);

/* sigma0 and the root task, both privileged, at priority 255; returns the root thread. */
struct tcb *mock_boot(void);

/* An access at user level.  false: page fault; otherwise the entry's accessed and dirty bits are
 * set. */
bool mock_access(struct space *space, vaddr_t address, bool write);

/* L4 rights of a user page, 0 = absent; its frame in *frame. */
word_t mock_rights(const struct space *space, vaddr_t address, paddr_t *frame);

/* Pages of kernel memory that a space takes for its directory and tables. */
size_t mock_table_pages(const struct space *space);

/* Called by arch_ipc_return: t's IPC has ended. */
extern void (*mock_on_ipc_return)(struct tcb *t, word_t from, word_t tag);

extern uint64_t mock_clock_us;
extern bool mock_line_enabled[MOCK_LINES];
extern bool mock_quiet;        /* print() says nothing */
extern bool mock_ports_full;   /* no more memory for open ports */
extern unsigned mock_switches; /* calls of arch_switch_to */

/* ---- random numbers (xorshift) ---- */

extern uint32_t mock_seed;
uint32_t mock_random(uint32_t bound); /* 0 .. bound - 1 */

/* A fuzzer (tests/fuzz) sets the bytes that mock_random() draws from, as long as there are any. */
void mock_set_input(const uint8_t *bytes, size_t count);
bool mock_fuzzing(void);
bool mock_goes_on(void); /* false: the input is used up */

/* KTAP to standard output. */
void mock_write(const char *text);
