/* SPDX-License-Identifier: BSD-2-Clause */
/* Compares the numbers that assembly uses with what they stand for in C.  It holds no code: a
 * number that is not right any more ends the build. */
#include "asm_offsets.h"

#include "clock.h"
#include "entry.h"
#include "kdb/counters.h"
#include "l4/thread_table.h"
#include "l4/timer.h"
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
CHECK_OFFSET(struct tcb, queue, TCB_QUEUE);
CHECK((QUEUE_FILLED & TAG_NOT_PLAIN) != 0);
CHECK_OFFSET(struct tcb, status, TCB_STATUS);
CHECK_OFFSET(struct tcb, rank, TCB_STATUS);
CHECK_OFFSET(struct tcb, ipc_kind, TCB_IPC_KIND);
CHECK_OFFSET(struct tcb, state, TCB_STATE);
CHECK_OFFSET(struct tcb, awaiter, TCB_AWAITER);
CHECK_OFFSET(struct tcb, from_spec, TCB_FROM_SPEC);
CHECK_OFFSET(struct tcb, payer, TCB_PAYER);
CHECK_OFFSET(struct tcb, cr3, TCB_CR3);
CHECK_OFFSET(struct tcb, deadline, TCB_DEADLINE);
CHECK_OFFSET(struct tcb, timer_next, TCB_TIMER_NEXT);
CHECK_OFFSET(struct tcb, timer_prev, TCB_TIMER_PREV);
CHECK_OFFSET(struct timer_period, time, 0);
CHECK_OFFSET(struct timer_period, length, TIMER_LENGTH);
CHECK(TIMER_WHEEL == 256 && STATUS_TIMER == TCB_STATUS_TIMER && FLAG_TIMER << 8 == STATUS_TIMER);
CHECK(TCB_FLAGS == TCB_STATUS + 1);
CHECK(TCB_STATE == TCB_IPC_KIND + 1);
CHECK(sizeof(((struct tcb *)0)->status) == WORD_BYTES);
CHECK(STATE_READY == THREAD_READY && BY_MANY == AWAITED_BY_MANY);
CHECK(KIND_AND_STATE_RECEIVING_USER == (IPC_USER | THREAD_RECEIVING << 8));

/* ---- ipc_fast.S: ids, tags and time-outs ---- */

CHECK(ID_SHIFT == L4_VERSION_BITS);
CHECK(sizeof(thread_table[0]) == WORD_BYTES && sizeof(thread_table) == WORD_BYTES << (32 - ID_SHIFT));
CHECK(UTCB_GLOBAL_ID == UTCB_MY_GLOBAL_ID * WORD_BYTES && UTCB_PAGE_BYTES == PAGE_BYTES);
CHECK((TAG_NOT_PLAIN | TAG_WORDS_MASK) == 0xffff && (TAG_NOT_PLAIN & TAG_WORDS_MASK) == 0);
CHECK(TAG_WORDS_MASK < UTCB_MR_COUNT);

/* ---- ipc_fast.S: the machine ---- */

CHECK(KERNEL_BASE == KERNEL_OFFSET);
CHECK_OFFSET(struct main_tss, tss.esp0, TSS_ESP0_OFFSET);
CHECK_OFFSET(struct main_tss, tss.kernel_eflags, TSS_ESP0_OFFSET - WORD_BYTES);
CHECK(COUNTER_FAST_INTER == FAST_INTER * WORD_BYTES && COUNTER_FAST_INTRA == FAST_INTRA * WORD_BYTES);
CHECK(sizeof(counter_fast_ipcs[0]) == WORD_BYTES);
