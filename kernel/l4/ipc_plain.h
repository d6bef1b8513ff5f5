/* SPDX-License-Identifier: BSD-2-Clause */
/* The plain cases of IPC in one go, for speed, beside ipc_rendezvous.c, which does all cases and
 * these too.
 *
 * Plain: the partner waits for just this message; nobody stands in the sender's queue, so that it
 * will wait; the message has untyped words and at most one map item;
 * nothing can fail half-way; no queued thread has a higher priority than the partner.  So the one
 * thread stops, the other runs, and that is all.
 *
 * Each returns the thread to run now.  NULL: the case is not plain, and nothing has been done.
 * Called by the entries of kernel/ia32, for the current thread, at the very beginning of an
 * event. */
#pragma once

#include "tcb.h"

struct tcb *ipc_plain(struct tcb *t, word_t to, word_t from_spec, word_t tag);
/* With a time-out that is not never for the receive phase; messages of untyped words alone. */
struct tcb *ipc_plain_timed(struct tcb *t, word_t to, word_t from_spec, word_t time, word_t tag);
struct tcb *ipc_plain_fault(struct tcb *t, vaddr_t address, word_t access);
struct tcb *ipc_plain_exception(struct tcb *t, word_t vector, word_t error);

/* Set at boot: no case is plain.  It is for tests, and for the trace, which has no hooks in
 * here. */
extern bool ipc_plain_off;
