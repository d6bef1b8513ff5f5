/* SPDX-License-Identifier: BSD-2-Clause */
/* Fault records: for a thread the one fault or call that is parked, and the note about the last
 * fault that went wrong.
 *
 * A record exists while it says something: while a fault or call is parked (waits != WAIT_NOTHING,
 * and it is in the list of serving/parking.h), or a note is kept (note != OK).  It never says
 * both. */
#pragma once

#include "base/list.h"
#include "protocol/error.h"
#include "ground/types.h"

struct task;
struct container;

enum { CALL_WORDS_MAX = 5 }; /* of calls that may be parked */

enum fault_wait {
    WAIT_NOTHING = 0, /* nothing parked */
    WAIT_READY,       /* it is to be tried */
    WAIT_FRAME,       /* or room for one more request to the disk */
    WAIT_DISK,        /* the page is in transit */
    WAIT_SWAP,        /* the page is on the swap disk, which is awaited */
    WAIT_WINDOW,      /* the page's window is away (contents/away.h) */
    WAIT_TURN,        /* its turn, when the kernel has no memory (serving/turn.h) */
    WAIT_TASK,        /* the task is out or on its way out */
    WAIT_END,         /* cannot be served, the task server has been told */
};

struct fault_record {
    struct list hash, of_task;
    struct list parked, queue; /* all parked faults; those that wait for the same (parking.h) */
    union {
        frame_t awaited; /* WAIT_DISK: for the end of this frame's transfer */
        struct {
            struct container *container; /* WAIT_WINDOW: for the window of this place */
            uint32_t page;
        } missed;
    };
    struct task *task;
    L4_ThreadId_t id;

    enum fault_wait waits;
    L4_Word_t call; /* label of the call that waits; 0: it is a fault that does */
    /* The fault, if not WAIT_NOTHING.  A call is no last resort, and has no container. */
    bool last_resort;
    struct container *container;
    union {
        struct {
            uint32_t page;
            L4_Word_t address, ip;
            L4_Word_t access;      /* wanted: L4_Readable ... */
            L4_Word_t rights;      /* given with the page at most */
            uint32_t round, below; /* in which it is; how many its pager needed before
                                      (serving/rounds.h) */
        };
        L4_Word_t words[CALL_WORDS_MAX]; /* of the call: MR1 .. */
    };

    enum error note; /* OK = none */
    L4_Word_t note_address;
};

enum {
    RECORD_FRAMES_KEPT = 2,
    RECORDS_MAX = 256
}; /* per task; a task has at most TASK_THREADS_MAX threads alive */

void fault_record_init(void);
/* Boot: memory for the first records is there for good. */
enum error fault_record_reserve(void);
struct fault_record *fault_record_find(L4_ThreadId_t id); /* NULL: nothing is kept for it */
/* Finds or makes the record. */
enum error fault_record_get(struct task *t, L4_ThreadId_t id, struct fault_record **result);
void fault_record_free(struct fault_record *record);
/* Frees the record if it says nothing. */
void fault_record_trim(struct fault_record *record);
