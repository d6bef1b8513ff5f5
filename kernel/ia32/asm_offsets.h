/* SPDX-License-Identifier: BSD-2-Clause */
/* The numbers of C that assembly uses: offsets, sizes, masks and values.  asm_offsets.c compares
 * each with what it stands for when the kernel is built.  For entry.S and ipc_fast.S alone. */
#pragma once

/* struct tcb.  It begins with struct arch_regs, behind which ESP stands at entry. */
#define TCB_REGS_BYTES 60
#define TCB_EIP        40
#define TCB_USER_ESP   52
#define TCB_GLOBAL_ID  60
#define TCB_UTCB       64
#define TCB_LOCAL_ID   68
#define TCB_SPACE      72
#define TCB_SENDERS    84
#define TCB_STATE      88 /* state, ipc_kind, halted and redirected, timer_armed as one word */
#define TCB_PRIORITY   92
#define TCB_PARTNER    96
#define TCB_FROM_SPEC  100
#define TCB_AWAITED    116

/* struct space */
#define SPACE_DIRECTORY 0
#define SPACE_UTCB_BASE 8
#define SPACE_UTCB_PAGE 12

/* Values of TCB_STATE of a thread that is neither halted nor redirected, has no timer running, and
 * does IPC of its own. */
#define STATE_READY_USER     0x0001
#define STATE_RECEIVING_USER 0x0003

/* Ids: a thread number and its version, taken apart for the two levels of the thread table. */
#define ID_LOCAL_MASK 0x3f /* zero in local ids only */
#define ID_LEAF_SHIFT 24
#define ID_SLOT_SHIFT 14
#define ID_SLOT_MASK  1023
#define ANYTHREAD     -1

/* The message tag, and the word of the two time-outs. */
#define TAG_WORDS_MASK    63     /* untyped words */
#define TAG_NOT_PLAIN     0xffc0 /* typed words and flags */
#define UTCB_GLOBAL_ID    -60    /* MyGlobalID, from MR0 */
#define UTCB_PAGE_BYTES   4096
#define WORD_BYTES        4
#define KERNEL_BASE       0xc0000000 /* where physical address 0 is mapped */
#define TSS_ESP0_OFFSET   128        /* in main_tss (tss.h) */
#define COUNTER_ENTRIES   0          /* in counters (kdb/counters.h) */
#define COUNTER_SWITCHES  24         /* space_switches, there */
#define KERNEL_STACK_SIZE 4096
