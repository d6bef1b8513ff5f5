/* SPDX-License-Identifier: BSD-2-Clause */
/* IPC: how a message gets from one thread to another.
 *
 * States.  An IPC is a send phase, a receive phase, or the one and then the other.  A thread that
 * must wait is
 *
 *   SENDING    for tcb.partner to take its message; it stands in that thread's send queue;
 *   RECEIVING  for a message of whoever from_spec admits: one thread, those of its own space, or
 *              any; it stands in no queue;
 *   TRANSFER   for its peer, with which it is in a string transfer that has stopped; it stands in
 *              no queue.  The side that asks its own pager meanwhile (`nested') is
 *              SENDING or RECEIVING instead.
 *
 * A READY thread is in no IPC, or goes on with one when it runs next (`continuing'): as the sender
 * of a string transfer, or with the search through its queue.  A thread uses next and prev for one
 * queue at a time: a ready queue while it is
 * READY (`queued'), its partner's send queue while it is SENDING.  So it leaves the one before it
 * enters the other.
 *
 * Nobody waits for what is in its own queue: a RECEIVING thread accepts none of its queued
 * senders.  Senders look whether the receiver waits before they queue up, receivers look into their
 * queue before they wait.  Whom a waiting thread accepts, or in whose name a queued message is, can
 * change later for three reasons: a thread gets another id, another space, or (as a virtual sender)
 * another partner.  Each of them calls ipc_rematch for the receivers that it concerns.
 *
 * A search through a queue goes on in steps.  A receiver that has looked at many senders, is the
 * next one in a long chain, or is to look again (ipc_rematch), is READY and searches
 * (tcb_searches, tcb.search): it goes on when it runs next, before anything at user level.
 * Meanwhile it waits as if it were RECEIVING: its time runs, it can be aborted, whom it waits for
 * knows it; and that one's message reaches it, so that a reply with a zero time-out always does.
 * Others who come stand in its queue, which the search comes to.  So one thread's IPC is looked for
 * in its own time, and no delivery begins another one's.
 *
 * Whoever waits for one thread names it by its global id, which that thread keeps as long as
 * anybody waits for it: when it goes, or gets another, the reaper looks for those who do
 * (ipc_forget_step, ipc_forget_id_step): through all threads, unless tcb.awaiter says that there is
 * one at most.  It is set where such a wait begins (ipc_await, ipc_await_start), where a virtual
 * sender waits for another than before (ipc_retarget), and on the two short ways (ipc_plain.c,
 * ia32/ipc_fast.S), which do the same in one go; and it stays set.  Only a start message may be
 * awaited from an id that nobody has.
 *
 * Nothing of an IPC lies on the kernel's stack between two events.  A function that may block a
 * thread leaves everything in TCBs; its caller returns and lets schedule_exit() say who runs.
 * Partners are pointers, which hold because whoever disappears stays as an inactive thread until
 * they have been told.
 *
 * ipc_priv.h is for the files of IPC themselves: ipc_state.c (entering and leaving the states),
 * ipc_rendezvous.c (how sender and receiver meet), ipc_propagation.c (messages in another's name),
 * ipc_abort.c (ends from outside), ipc_transfer.c and ipc_string.c (what a message carries),
 * ipc_suspend.c (transfers that stop). */
#pragma once

#include "tcb.h"

/* The system call of the current thread t.  It leaves t READY with its result, or blocked. */
void ipc_system_call(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag);

/* A message that the kernel makes in t's name (t->ipc_kind says which), and the wait for its
 * reply.  false: there is no such partner, and nothing has been done. */
bool ipc_kernel_call(struct tcb *t, word_t partner);

/* t, which has just been made and which nobody knows yet, waits for its start message from the
 * thread with this global id, which may be made or become active later. */
void ipc_await_start(struct tcb *t, word_t pager);

/* An interrupt line, which has been made READY, has a message for its handler. */
void ipc_interrupt(struct tcb *line, struct tcb *handler);

/* Goes on with the string transfer of t, a READY sender that is `continuing'.  Called by the
 * scheduler alone. */
void ipc_continue(struct tcb *t);

/* Goes on with the search of t.  Called by long_call.c alone. */
RARE void ipc_receive(struct tcb *t);

/* The time-out of t's IPC is over.  Called for timers that have expired, alone. */
void ipc_timeout(struct tcb *t);

/* Ends t's IPC from outside; t becomes READY.  A thread that is in no IPC stays as it is.  error:
 * L4_IpcCanceled or another IPC error, without its phase bit. */
void ipc_abort(struct tcb *t, word_t error);

/* t is about to disappear: it leaves its IPC without a result, in no state to be resumed.  false:
 * it may be queued to run. */
bool ipc_leave(struct tcb *t);

/* t, which is inactive, disappears, or is an interrupt line that has lost its handler: all who send
 * to it or wait for it are told, step by step (work.h).  false: there is more to do.  Where queued
 * propagations may fit then, reaper_look_again comes after it. */
bool ipc_forget_step(struct tcb *t);
/* The same for a thread that has got another id, renamed->partner.  By its old one, which is
 * renamed->global_id, nobody finds it any more; who has queued up since renamed->queue_stamp has
 * named it by the new one. */
RARE bool ipc_forget_id_step(struct tcb *renamed);
/* The stamp of whoever queues up next. */
word_t ipc_next_stamp(void);

/* How many messages in another thread's name stand in queues.  If there are any and a thread
 * disappears, gets another id or another space, or if a space gets a redirector or loses it,
 * ipc_look_again_step makes the receivers look that may take one now, and marks the threads that
 * are redirected, from thread number *next on (0: of all).  false: the step is over. */
extern unsigned ipc_queued_propagations;
bool ipc_look_again_step(word_t *next);

/* t has come to another space: it and its senders stay where they stand in queues, and messages for
 * anylocalthread may fit now. */
void ipc_moved(struct tcb *t);

/* How often all threads violate the theory above, between two events; for the whole-state
 * checkers. */
RARE size_t ipc_check(void);
