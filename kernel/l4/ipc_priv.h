/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of IPC call of each other; ipc.h has the theory.  s is a sender and r a receiver
 * throughout. */
#pragma once

#include "ipc.h"
#include "thread.h"

enum ipc_phase { PHASE_SEND = 0, PHASE_RECEIVE = 1 }; /* as in an error code's lowest bit */

/* ---- ipc_state.c: entering and leaving the blocked states ---- */

/* t's closed receive from partner begins; NULL: an open one, as from_spec says. */
void ipc_await(struct tcb *t, struct tcb *partner);
/* t goes to the end of r's send queue.  Its timer, if any, has been started. */
void ipc_enter_sending(struct tcb *t, struct tcb *r);
/* t waits no more: its timer stops, and it leaves the queue.  It keeps its state, which the caller
 * sets. */
void ipc_leave_sending(struct tcb *t);
void ipc_leave_receiving(struct tcb *t);
/* t waits no more, whatever for. */
void ipc_leave_waiting(struct tcb *t);
/* t's IPC is over: it goes on at user level, or with the string transfer for which it had asked its
 * pager. */
void ipc_become_ready(struct tcb *t);
/* t's IPC ends with an error; t has left what it waited for.  What the kernel sent in t's name just
 * ends: the instruction is tried again. */
void ipc_fail(struct tcb *t, word_t error, enum ipc_phase phase, word_t tag);

/* ---- ipc_rendezvous.c ---- */

/* r is about to look through its queue from the first sender on, for whom it waits for. */
void ipc_search_begin(struct tcb *r);
/* The next queued sender that r accepts; NULL: none, or as many as *looks says have been looked at,
 * which is 0 then.  There is at least one in the queue. */
struct tcb *ipc_find_sender(struct tcb *r, unsigned *looks);
/* Hands s's message to r, which waits for it; s is in no queue.  true: s's send phase has ended
 * well.  false: it has failed, or a string transfer has begun that ends later. */
bool ipc_deliver(struct tcb *s, struct tcb *r);
/* The message of s has arrived at r, or has been cut: r goes on.  true: so may s.  false: s has
 * failed. */
bool ipc_arrived(struct tcb *s, struct tcb *r);
/* s's send phase has ended well: its receive phase begins, or its IPC is over. */
void ipc_send_phase_over(struct tcb *s);

/* If r waits, it may accept one of its queued senders by now: it looks through its queue again when
 * it runs next. */
RARE void ipc_rematch(struct tcb *r);

/* ---- ipc_propagation.c ---- */

/* For ipc_virtual_sender alone. */
struct tcb *ipc_find_virtual_sender(struct tcb *s, const struct tcb *r);
/* In whose name s sends to r; NULL: in its own.  It is decided anew at every step, because that
 * thread may have gone. */
static inline struct tcb *ipc_virtual_sender(struct tcb *s, const struct tcb *r)
{
    return __builtin_expect(s->virtual_id == 0, 1) ? NULL : ipc_find_virtual_sender(s, r);
}
/* The virtual sender v, if it waits for the real one, waits for the receiver instead. */
void ipc_retarget(struct tcb *v, struct tcb *s, struct tcb *r);

/* ---- who looks at all threads: ipc_abort.c, ipc_propagation.c ---- */

/* Few threads are looked at as they stand in their spaces, from the first one in every step; of
 * many, some numbers a step (thread_next). */
static inline bool few_threads(void)
{
    enum { FEW = 400 };
    return thread_count() <= FEW;
}

/* ---- ipc_transfer.c, ipc_string.c ---- */

/* Moves s's message to r, or begins to.  false: a string is under way, and ipc_transfer_run goes on
 * with it.  The outcome is in s->transfer. */
bool ipc_transfer(struct tcb *s, struct tcb *r);
bool ipc_transfer_run(struct tcb *s, struct tcb *r);
/* r's registers for a message that has arrived, or has been cut. */
void ipc_transfer_result(const struct tcb *s, struct tcb *r, struct tcb *virtual_sender);

/* Copies what is left of the current string item of s.  It is done, or the item is too long for its
 * buffer, or the copy has stopped for a page fault or for others to run, or the transfer is over
 * with the errors in s->transfer. */
enum string_result { STRING_DONE, STRING_OVERFLOW, STRING_BROKEN, STRING_SUSPENDED };
enum string_result ipc_string_copy(struct tcb *s, struct tcb *r);
/* The string item at s->transfer.item, of a message with typed items up to word `end': its extent,
 * and a buffer.  false: there is no room for it. */
bool ipc_string_begin(struct tcb *s, struct tcb *r, word_t end);

/* ---- ipc_suspend.c ---- */

/* A page of the sender's (receiver's) string is missing: that side asks its pager.  false: the
 * transfer is over, because there is no time or no pager. */
bool ipc_transfer_fault(struct tcb *s, struct tcb *r, bool at_sender, vaddr_t address, word_t access);
/* The transfer stops for others to run. */
void ipc_transfer_pause(struct tcb *s, struct tcb *r);
/* A transfer that had stopped is over, with the outcome in s->transfer: both sides go on. */
void ipc_transfer_over(struct tcb *s, struct tcb *r);
/* If t had asked its pager, that is over, and what t did for its own part is put back. */
void ipc_nested_fault_end(struct tcb *t);
/* The errors of both sides when the transfer's time is over. */
void ipc_transfer_timed_out(struct transfer *x);
