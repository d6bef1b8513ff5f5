/* SPDX-License-Identifier: BSD-2-Clause */
/* The bookkeeper of the random IPC test: knows what each actor is doing and what must come of it.
 *
 * Each message has a serial number in MR1.  Told of every end of an IPC, it checks that each
 * message arrives at most once, at whom it was for, from whom it should seem to be, in the order in
 * which the receiver's senders queued up; that a sender is told success if and only if it arrived;
 * and that errors have a cause. */
#pragma once

#include "mock.h"

enum {
    ACTORS = 8,
    SPACES = 3,
    LINE = 5,
    LINE_ID = LINE << L4_VERSION_BITS | 1,
    FIRST_NUMBER = USER_BASE_NO + 10,
    NOBODY = -1,
    ANYBODY = -2,
    ANY_LOCAL = -3,
    THE_LINE = -4,
    NEVER = 0,
    ZERO = 0x400,
    ERROR = L4_TAG_ERROR,
};

enum fate { NO_MESSAGE, PENDING, ARRIVED, CUT, FAILED };

struct actor {
    struct tcb *t; /* NULL: does not exist */
    word_t version;
    int space;

    enum fate fate;         /* of the message it sends */
    uint32_t serial, stamp; /* stamp: when it queued up; 0 = not yet */
    int to;
    word_t virtual_id, tag;
    bool fault; /* in a page fault: the kernel sends and waits in its name */

    word_t from_spec, send_time, receive_time;
    int retargeted; /* propagation made it wait for another one */
    ticks_t since;  /* when it blocked, in its present phase */
    uint8_t last_state;
};

struct book {
    struct actor actors[ACTORS];
    struct tcb *root;
    uint32_t last_stamp;
    unsigned interrupts_pending;
    bool aborting; /* this kernel entry may end the IPC of anybody */
    bool donated;  /* the current thread may run by a ThreadSwitch */
    unsigned arrivals, cuts, propagated, timeouts;
};

extern struct book book;

word_t id_of(const struct actor *a);
word_t local_id(const struct actor *a);
int index_of(const struct tcb *t);
/* What an id means to an actor: an index, or NOBODY. */
int resolve(const struct actor *a, word_t id);

/* For mock_on_ipc_return. */
void book_ipc_return(struct tcb *t, word_t from, word_t tag);

/* After each kernel entry: the state of all threads. */
void book_check(void);
