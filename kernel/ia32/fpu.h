/* SPDX-License-Identifier: BSD-2-Clause */
/* Lazy switching of the FPU: a thread's state stays in the registers until another thread uses the
 * FPU.
 *
 * Invariants: the registers hold the state of fpu_owner and of nobody else; NULL: of nobody.  A
 * thread without saved state (tcb.fpu is NULL) has not used the FPU.  CR0.TS is clear only while
 * the owner is current.  As long as the owner is current, or the current space has a redirector,
 * schedule_fast_path keeps current off the fast path, which switches without looking at the FPU.
 *
 * Called by thread_regs.c (switches, the end of a thread), trap.c (the exception) and main.c
 * (fpu_init). */
#pragma once

#include "l4/word.h"

struct kslab;
struct tcb;

extern struct tcb *fpu_owner;
extern struct kslab fpu_slab; /* of saved states; the debugger shows it */

void fpu_init(void);

/* next becomes current, and it is the owner, or the fast path is closed or must be. */
void fpu_switch_slowly(const struct tcb *next);

/* Exception 7 of t, which is current: t becomes the owner.  false: there is no memory for its
 * state. */
bool fpu_unavailable(struct tcb *t);

/* Gives the state of t back.  t has ended and is not current. */
void fpu_release(struct tcb *t);
