/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC: rendezvous, queues, time-outs, cancelling (ipc.c); what a message carries (ipc_transfer.c). */
#pragma once

#include "tcb.h"

/* The system call.  Leaves t READY with its result, or blocked. */
void ipc_system_call(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag);

/* A message the kernel makes in t's name (t->ipc_kind says which) and the wait for its reply.  false: there is no
 * such partner; nothing was done. */
bool ipc_kernel_call(struct tcb *t, word_t partner);

/* t waits for its start message from pager. */
void ipc_await_start(struct tcb *t, struct tcb *pager);

/* An interrupt line has something for its handler. */
void ipc_interrupt(struct tcb *line, struct tcb *handler);

/* Ends t's IPC from outside; t becomes READY.  error: IPC error without phase bit, L4_IpcCanceled .... */
void ipc_abort(struct tcb *t, word_t error);

/* t is about to disappear, or its id to change: everybody who sends to it or waits for it is told. */
void ipc_forget_partner(struct tcb *t);

void ipc_timeout(struct tcb *t);

/* ---- between ipc.c and ipc_transfer.c ---- */

/* Moves s's message to r.  0, or L4_IpcMsgOverflow, which both get. */
word_t ipc_transfer(struct tcb *s, struct tcb *r, struct tcb *virtual_sender);
