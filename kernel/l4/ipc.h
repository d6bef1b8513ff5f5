/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC: rendezvous, queues, time-outs, cancelling (ipc.c); what a message carries (ipc_transfer.c). */
#pragma once

#include "tcb.h"

/* The system call.  Leaves t READY with its result, or blocked. */
void ipc_system_call(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag);

/* A message the kernel makes in t's name (t->ipc_kind says which) and the wait for its reply.  false: there is no
 * such partner; nothing was done. */
bool ipc_kernel_call(struct tcb *t, word_t partner);

/* t, which nobody knows yet, waits for its start message from pager. */
void ipc_await_start(struct tcb *t, struct tcb *pager);

/* An interrupt line has something for its handler. */
void ipc_interrupt(struct tcb *line, struct tcb *handler);

/* Ends t's IPC from outside; t becomes READY.  error: IPC error without phase bit, L4_IpcCanceled .... */
void ipc_abort(struct tcb *t, word_t error);

/* t is about to disappear: it leaves its IPC without a result, in no state to be resumed. */
bool ipc_leave(struct tcb *t); /* false: it may be queued to run */

/* t is about to disappear, or its id to change: everybody who sends to it or waits for it is told.  Its old id finds
 * nobody any more.  Where queued propagations may fit then, ipc_look_again comes after it. */
void ipc_forget_partner(struct tcb *t);

/* Messages queued in another thread's name.  With any: if that thread disappears, gets another id or another space,
 * ipc_look_again finds those that their receivers take now. */
extern unsigned ipc_queued_propagations;
void ipc_look_again(void);
/* t has come to another space: messages for anylocalthread may fit now. */
void ipc_moved(struct tcb *t);

void ipc_timeout(struct tcb *t);

/* Goes on with the string transfer of t, a READY sender. */
void ipc_continue(struct tcb *t);

/* ---- between ipc.c, ipc_transfer.c, ipc_string.c and ipc_suspend.c ---- */

/* Moves s's message to r, or begins to.  false: a string is under way, ipc_transfer_run goes on with it.  The
 * outcome is in s->transfer. */
bool ipc_transfer(struct tcb *s, struct tcb *r);
bool ipc_transfer_run(struct tcb *s, struct tcb *r);
/* r's registers for a message that has arrived, or been cut. */
void ipc_transfer_result(const struct tcb *s, struct tcb *r, struct tcb *virtual_sender);

/* Copies what is left of the current string item of s.  DONE, or the item is too long for its buffer, or it stopped
 * for a page fault or for others to run, or the transfer is over with the errors in s->transfer. */
enum string_result { STRING_DONE, STRING_OVERFLOW, STRING_BROKEN, STRING_SUSPENDED };
enum string_result ipc_string_copy(struct tcb *s, struct tcb *r);
/* The string item at s->transfer.item, of a message with typed items up to word `end': its extent, and a buffer. */
bool ipc_string_begin(struct tcb *s, struct tcb *r, word_t end);

/* A page of the sender's (receiver's) string is missing: that side asks its pager.  false: the transfer is over
 * (time-out, no pager). */
bool ipc_transfer_fault(struct tcb *s, struct tcb *r, bool at_sender, vaddr_t address, word_t access);
/* Stop for others to run. */
void ipc_transfer_pause(struct tcb *s, struct tcb *r);
/* s and r are no longer in a transfer; its timer stops. */
void ipc_transfer_unlink(struct tcb *s, struct tcb *r);
/* What t did for its own part is put back after the question to its pager, if it had asked one. */
void ipc_nested_fault_end(struct tcb *t);
/* The errors of both sides when the transfer's time is over. */
void ipc_transfer_timed_out(struct transfer *x);
