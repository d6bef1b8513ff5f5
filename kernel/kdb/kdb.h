/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel debugger, as the rest of the kernel sees it (docs/debugging.md).
 *
 * It runs on the serial line, with interrupts off, and is entered only if the kernel's command line
 * has the word `kdb': by Ctrl-K while nobody handles the serial line's interrupt, by NMI, by int3,
 * by panic. */
#pragma once

#include "l4/tcb.h"

void kdb_init(bool enabled);

/* int3 of a user thread (interface.md 7.6): debugger_calls.c. */
void kdb_trap(struct tcb *t);

/* At each timer tick: looks for the key. */
extern bool kdb_key_enabled;
void kdb_poll(void);

/* NMI; what it interrupted. */
void kdb_nmi(const struct arch_regs *interrupted);

/* The command loop.  may_continue: false after a panic. */
void kdb_enter(const char *why, bool may_continue);
bool kdb_enabled(void);

/* Registers for the panic message that follows. */
void panic_registers(const struct arch_regs *r);
