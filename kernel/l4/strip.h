/* SPDX-License-Identifier: BSD-2-Clause */
/* Stripped spaces: a space in which nothing is mapped gives its page directory, its page tables and
 * its pages of UTCBs back (KERNEL_STRIP, docs/x2.md), and its threads know nothing of it.
 *
 * Its threads run on the directory of the boot, which maps no user page, and each UTCB that is in
 * use lies in a small object of its own, where tcb.utcb points to.  So messages arrive, time-outs
 * end and registers are exchanged as ever, and whoever becomes ready faults at its next
 * instruction.  The space is whole again, before any of that can be seen, as soon as
 *
 *   something is mapped into it: the answer of that fault, for instance (map_item, map_page);
 *   a thread faults at the KIP or at a UTCB, which no pager can answer (fault_page);
 *   a thread comes to it or is made active in it (thread_control.c).
 *
 * Either all of it comes back or, for want of memory, nothing.  The space's quota is not asked: it
 * had all that before.
 *
 * Invariants of a stripped space: its directory is nobody's, so nothing is ever entered there; all
 * its threads are off the short ways (tcb.redirected), so that those need not ask. */
#pragma once

#include "space.h"

struct tcb;

/* 0, or an X.2 error code, and nothing has changed: 5, something is mapped in the space, it has
 * ports, too many threads, or one that runs or is in the middle of a transfer; 8, no memory. */
RARE word_t space_strip(struct space *space);
/* false: there is not enough kernel memory, and the space is as it was. */
RARE bool space_restore(struct space *space);

/* Is this a page of the kernel's in a space that is stripped? */
RARE bool strip_covers(const struct space *space, vaddr_t address);
/* space_utcb_find in a stripped space. */
RARE word_t *strip_find(const struct space *space, word_t local_id);
/* t leaves a stripped space, and its UTCB is not needed any more. */
RARE void strip_leave(struct tcb *t);
