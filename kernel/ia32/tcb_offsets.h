/* SPDX-License-Identifier: BSD-2-Clause */
/* Where ipc_fast.S finds things; checked against the structs by ipc_fast.c. */
#pragma once

#define TCB_REGS_BYTES 60 /* struct arch_regs: ESP behind it at entry */
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

#define SPACE_DIRECTORY 0
#define SPACE_UTCB_BASE 8
#define SPACE_UTCB_PAGE 12

/* Values of TCB_STATE of a thread that is not halted nor redirected, has no timer running, and does IPC of its own. */
#define STATE_READY_USER     0x0001
#define STATE_RECEIVING_USER 0x0003

#define TSS_ESP0_OFFSET 128 /* in main_tss (descriptor.c) */
