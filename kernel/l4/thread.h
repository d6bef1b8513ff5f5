/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of threads: creation, activation, a move to another space, deletion.
 *
 * A thread that has been created has a number, a space and no UTCB: it is INACTIVE, and nobody can
 * send to it.  Activation gives it a UTCB; from then on it waits for a start message of its pager.
 * Deletion takes it out of all queues, tells all who wait for it, and frees the TCB; a space goes
 * with its last thread (reaper.h).
 *
 * ThreadControl (thread_control.c) has checked everything before it calls what is here; the boot
 * calls thread_boot. */
#pragma once

#include "thread_control.h"
#include "thread_table.h"
#include "work.h"

extern struct space *root_space; /* of the root task, from the boot on */

/* An inactive thread in space (NULL: a new space of its own), charged to that space.  NULL: no
 * kernel memory.  Nobody has this number. */
struct tcb *thread_create(word_t global_id, struct space *space, word_t scheduler);

/* Kernel memory for the UTCB at `location', which space_utcb_valid has accepted.  0, or an X.2
 * error: no memory, or an active thread has this UTCB; or THREAD_MORE.  The id that tells so is
 * user memory: a space whose threads overwrite it may get two threads with one UTCB, which is its
 * own damage. */
static inline word_t thread_claim_utcb(struct space *space, vaddr_t location, word_t **utcb)
{
    *utcb = space_utcb_map(space, location);
    if (!*utcb) {
        return work_over() ? THREAD_MORE : (word_t)L4_ErrNoMem;
    }
    word_t id = (*utcb)[UTCB_MY_GLOBAL_ID];
    struct tcb *t = id ? thread_find(id) : NULL;
    return t && t->utcb == *utcb ? L4_ErrUtcbArea : 0;
}

/* The inactive thread t gets the UTCB that thread_claim_utcb has found and waits for pager's start
 * message.  Nobody need have that global id yet. */
void thread_activate(struct tcb *t, word_t *utcb, word_t pager);

/* The bytes that the space of t is charged for t alone. */
size_t thread_charged_bytes(const struct tcb *t);

/* t and its charges go to another space, which can afford them; its own UTCB stays where it is. */
void thread_move(struct tcb *t, struct space *to);

/* The end of t, which is not the thread that has called the kernel.  It or its space may be left to
 * the reaper, which calls this again, and propagated messages in queues may fit now: that is the
 * caller's. */
void thread_delete(struct tcb *t);

/* Makes and activates a thread of the boot: it runs at ip without a start message. */
struct tcb *thread_boot(word_t number, struct space *space, word_t pager, word_t scheduler, word_t ip,
                        word_t sp);

/* A halted thread does not run at user level; an IPC under way completes first. */
void thread_set_halted(struct tcb *t, bool halted);

size_t thread_count(void);
size_t thread_check(void); /* number of violations over all threads, for the whole-state checkers */
