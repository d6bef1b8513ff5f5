/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel debugger, as the rest of the kernel sees it (docs/debugging.md).
 *
 * It runs on the serial line, with interrupts off, and is entered only if the kernel's command line
 * has the word `kdb': by Ctrl-K while nobody handles the serial line's interrupt, by NMI, by int3,
 * by panic.  It changes nothing of what it shows.  Called by trap.c, emergency.c and main.c. */
#pragma once

#include "l4/tcb.h"

/* enabled: the word `kdb' is there.  Before anything else of this. */
void kdb_init(bool enabled);

/* An int3 of t, the current thread: a debugger call (interface.md 7.6), or a breakpoint.  t may be
 * `continuing' then, with what it prints. */
void kdb_trap(struct tcb *t);

/* Looks for the key, at each timer tick at which kdb_key_enabled is set. */
extern bool kdb_key_enabled;
void kdb_poll(void);

/* An NMI has interrupted this.  Without the word `kdb' it only tells where that was. */
void kdb_nmi(const struct arch_regs *interrupted);

/* The command loop, until the command `continue', which there is not after a panic (may_continue).
 * If an NMI comes in here, it returns at once. */
void kdb_enter(const char *why, bool may_continue);
bool kdb_enabled(void);

/* The registers that the message of the panic which follows shows. */
void panic_registers(const struct arch_regs *r);
