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
#define TCB_STATUS     92 /* rank, flags, ipc_kind and state as one word */
#define TCB_FLAGS      93
#define TCB_IPC_KIND   94
#define TCB_STATE      95
#define TCB_FROM_SPEC  104
#define TCB_CR3        108
#define TCB_DEADLINE   128
#define TCB_TIMER_NEXT 132
#define TCB_TIMER_PREV 136
#define TCB_PAYER      164
#define TCB_AWAITER    180
#define TCB_QUEUE      194

/* Values of TCB_STATE, of TCB_IPC_KIND with TCB_STATE behind, and of TCB_AWAITER. */
#define STATE_READY                   1
#define BY_MANY                       0xffffffff /* in TCB_AWAITER */
#define KIND_AND_STATE_RECEIVING_USER 0
#define FLAG_TIMER                    0x08   /* in TCB_FLAGS */
#define STATUS_TIMER                  0x0800 /* in TCB_STATUS */

/* Ids: a thread number, and its version below. */
#define ID_SHIFT  14
#define ANYTHREAD -1

/* The message tag, and the word of the two time-outs. */
#define TAG_WORDS_MASK     63     /* untyped words */
#define TAG_NOT_PLAIN      0xffc0 /* typed words and flags */
#define UTCB_GLOBAL_ID     -60    /* MyGlobalID, from MR0 */
#define UTCB_PAGE_BYTES    4096
#define WORD_BYTES         4
#define KERNEL_BASE        0xc0000000 /* physical address 0: no upper half of an address is 0 */
#define TSS_ESP0_OFFSET    128        /* in main_tss (tss.h) */
#define COUNTER_ENTRIES    0          /* in counters (kdb/counters.h) */
#define COUNTER_FAST_INTER 0          /* in counter_fast_ipcs, there */
#define COUNTER_FAST_INTRA 4
#define TIMER_LENGTH       4 /* in timer_last_period (l4/timer.h) */
#define SELECTOR_DS        0 /* in user_selectors (ipc_fast.S) */
#define SELECTOR_GS        2
#define KERNEL_STACK_SIZE  4096
