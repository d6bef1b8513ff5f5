/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares the numbers that assembly uses with what they stand for in C.  It holds no code: a
 * number that is not right any more ends the build. */
#include "asm_offsets.h"

#include "clock.h"
#include "entry.h"
#include "kdb/counters.h"
#include "l4/thread_table.h"
#include "l4/types.h"
#include "paging.h"
#include "tss.h"

#define CHECK(condition)                 _Static_assert(condition, "asm_offsets.h")
#define CHECK_OFFSET(type, field, value) CHECK(offsetof(type, field) == (value))

/* ---- entry.S ---- */

CHECK(sizeof(struct arch_regs) == REGS_BYTES && REGS_BYTES == TCB_REGS_BYTES);
CHECK_OFFSET(struct arch_regs, vector, REGS_VECTOR);
CHECK_OFFSET(struct arch_regs, eip, REGS_EIP);
CHECK_OFFSET(struct arch_regs, cs, REGS_CS);
CHECK_OFFSET(struct arch_regs, eflags, REGS_EFLAGS);
CHECK_OFFSET(struct arch_regs, esp, REGS_ESP);
CHECK_OFFSET(struct tcb, regs, 0); /* the processor pushes the registers at the end of this */
CHECK_OFFSET(union user_words, utcb, 0);
CHECK_OFFSET(union user_words, clock_scale, CLOCK_SCALE - UTCB_WORD_ADDRESS);
CHECK_OFFSET(union user_words, clock_start, CLOCK_START - UTCB_WORD_ADDRESS);
CHECK_OFFSET(struct counters, entries, COUNTER_ENTRIES);
CHECK(KERNEL_STACK_SIZE == PAGE_BYTES);

/* ---- ipc_fast.S: a thread and its space ---- */

CHECK_OFFSET(struct tcb, regs.eip, TCB_EIP);
CHECK_OFFSET(struct tcb, regs.esp, TCB_USER_ESP);
CHECK_OFFSET(struct tcb, global_id, TCB_GLOBAL_ID);
CHECK_OFFSET(struct tcb, utcb, TCB_UTCB);
CHECK_OFFSET(struct tcb, local_id, TCB_LOCAL_ID);
CHECK_OFFSET(struct tcb, space, TCB_SPACE);
CHECK_OFFSET(struct tcb, senders, TCB_SENDERS);
CHECK_OFFSET(struct tcb, status, TCB_STATE);
CHECK_OFFSET(struct tcb, state, TCB_STATE);
CHECK_OFFSET(struct tcb, ipc_kind, TCB_STATE + 1);
CHECK_OFFSET(struct tcb, timer_armed, TCB_STATE + 3);
CHECK_OFFSET(struct tcb, priority, TCB_PRIORITY);
CHECK_OFFSET(struct tcb, partner, TCB_PARTNER);
CHECK_OFFSET(struct tcb, from_spec, TCB_FROM_SPEC);
CHECK_OFFSET(struct tcb, awaited, TCB_AWAITED);
CHECK(sizeof(((struct tcb *)0)->priority) == 1 && sizeof(((struct tcb *)0)->status) == WORD_BYTES);
CHECK_OFFSET(struct space, directory, SPACE_DIRECTORY);
CHECK_OFFSET(struct space, utcb_base, SPACE_UTCB_BASE);
CHECK_OFFSET(struct space, utcb_page, SPACE_UTCB_PAGE);
CHECK(TCB_STATUS(THREAD_READY, IPC_USER) == STATE_READY_USER);
CHECK(TCB_STATUS(THREAD_RECEIVING, IPC_USER) == STATE_RECEIVING_USER);

/* ---- ipc_fast.S: ids, tags and time-outs ---- */

CHECK(ID_SLOT_SHIFT == L4_VERSION_BITS && ID_LEAF_SHIFT == L4_VERSION_BITS + THREAD_LEAF_BITS);
CHECK(ID_SLOT_MASK == THREAD_LEAF_ENTRIES - 1);
CHECK(sizeof(thread_leaves[0]) == WORD_BYTES && sizeof(thread_leaves[0][0]) == WORD_BYTES);
CHECK(sizeof(thread_leaves) == WORD_BYTES << (32 - ID_LEAF_SHIFT)); /* any id has a leaf */
CHECK(UTCB_GLOBAL_ID == UTCB_MY_GLOBAL_ID * WORD_BYTES && UTCB_PAGE_BYTES == PAGE_BYTES);
CHECK((TAG_NOT_PLAIN & 63u << 6) == 63u << 6 && (TAG_NOT_PLAIN & TAG_WORDS_MASK) == 0);
CHECK(TAG_WORDS_MASK < UTCB_MR_COUNT);

/* ---- ipc_fast.S: the machine ---- */

CHECK(KERNEL_BASE == KERNEL_OFFSET);
CHECK_OFFSET(struct main_tss, tss.esp0, TSS_ESP0_OFFSET);
CHECK_OFFSET(struct counters, space_switches, COUNTER_SWITCHES);
CHECK(sizeof(((struct counters *)0)->space_switches) == WORD_BYTES);
