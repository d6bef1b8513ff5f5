/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors, selectors, flags, sizes of stubs, and the words that users may read: what both assembly
 * and C of ia32 need. */
#pragma once

#include "system_calls.h"

#define VECTOR_PROTECTION 13
#define VECTOR_IRQ_BASE   0x20
#define VECTOR_IPC        0x30 /* system calls by int have one vector each, from here on */
#define VECTOR_SYSENTER   0x3f /* in register blocks of threads that came by sysenter */

#define STUB_BYTES     16 /* an entry stub (entry.S) */
#define CLAC_BYTES     3  /* its first instruction */
#define KIP_STUB_BYTES 8  /* a stub that users call, in the KIP */

#define KERNEL_CS            0x08
#define KERNEL_DS            0x10
#define USER_CS              0x1b
#define USER_DS              0x23
#define USER_GS              0x2b
#define TSS_SEL              0x30
#define DOUBLE_FAULT_TSS_SEL 0x38
#define NMI_TSS_SEL          0x40

#define FLAG_TRAP     0x100
#define FLAG_IOPL     0x3000
#define EFLAGS_USER   0x3202 /* IOPL 3, IF */
#define EFLAGS_KERNEL 0x3002 /* IOPL 3: sysexit takes it to the user */

/* Where users see a page of the kernel: union user_words (clock.h). */
#define UTCB_WORD_ADDRESS 0xffc00000
#define CLOCK_SCALE       (UTCB_WORD_ADDRESS + 4)
#define CLOCK_START       (UTCB_WORD_ADDRESS + 8)

#ifndef __ASSEMBLER__
#include <stdint.h>

extern uint32_t user_eflags; /* EFLAGS_USER; without IOPL once ports are mapped (port_map.h) */
#endif
