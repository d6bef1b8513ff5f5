/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own tests: run by kernel-ktest.elf on the command line word `ktest', before any
 * server starts. They call the kernel's functions directly, on real page tables; no thread ever
 * runs. */
#pragma once

#include "ktap/ktap.h"
#include "arch.h"
#include "l4/exchange_registers.h"
#include "l4/fault_ipc.h"
#include "l4/interrupt_ipc.h"
#include "l4/io_ports.h"
#include "l4/ipc.h"
#include "l4/kip_page.h"
#include "l4/kmem.h"
#include "l4/map_item.h"
#include "l4/mapping_db.h"
#include "l4/schedule.h"
#include "l4/timer.h"
#include "l4/thread.h"
#include "l4/thread_control.h"
#include "whole.h"

/* has_word: is this word on the kernel's command line? */
void ktest_run(bool (*has_word)(const char *word)) __attribute__((noreturn));

/* What must end the machine: the first such thing named on the command line is done.  Returns if
 * none is. */
void ktest_deaths(bool (*has_word)(const char *word));

/* ---- fixture (fixture.c) ---- */

extern struct tcb *ktest_root; /* privileged, READY, pager of all test threads */

word_t ktest_id(word_t number, word_t version);
/* An active thread in a space of its own, READY, at priority 100.  NULL on failure. */
struct tcb *ktest_thread(word_t number);
/* One more thread in the space of `other', with UTCB slot. */
struct tcb *ktest_thread_in(struct tcb *other, word_t number, word_t slot);
void ktest_delete(struct tcb *t);
/* Kernel memory, mappings and threads in use, as one word that must be the same before and after a
 * test. */
word_t ktest_footprint(void);
/* Whole-state check of the kernel: number of violations. */
size_t ktest_check(void);

/* The system call of a thread that is READY but, in these tests, not current: it leaves its queue
 * first. */
void ktest_ipc(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag);

/* A physical address that the tests may use as a frame. */
enum { KTEST_FRAME = 0x300000 };

void test_clock(void);
void test_map_range(void);
void test_kmem(void);
void test_mapping_basic(void);
void test_mapping_status(void);
void test_mapping_tree(void);
void test_mapping_no_memory(void);
void test_instruction_finishes(void);
void test_quota(void);
void test_quota_lowered(void);
void test_lend(void);
void test_lend_refused(void);
void test_memory_types(void);
void test_memory_types_many(void);
void test_memory_types_super(void);
void test_memory_types_refused(void);
void test_timeouts(void);
void test_schedule(void);
void test_thread_control(void);
void test_space_control(void);
void test_ipc_words(void);
void test_ipc_fifo(void);
void test_ipc_timeouts(void);
void test_ipc_errors(void);
void test_ipc_propagation(void);
void test_ipc_map(void);
void test_fault_ipc(void);
void test_exception_ipc(void);
void test_interrupt_ipc(void);
void test_exchange_registers(void);
void test_sizes(void);
void test_stripped(void);
void test_trace_ring(void);
void test_trace_text(void);
void test_trace_hooks(void);
void test_kdb_decode(void);
void test_kdb_decode_cut(void);
void test_symbols(void);
void test_protection(void);
void test_gates(void);
void test_spurious(void);
void test_ports(void);
void test_port_faults(void);
