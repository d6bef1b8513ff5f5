/* SPDX-License-Identifier: BSD-2-Clause */
/* What physmem knows of a task only while it is in memory or on its way, or while there is
 * something to tell about it.  A task that is out, and of which nothing is to be told, has none.
 *
 * Its memory is promised from the task's making on (room/contract.h), and charged to it: so no task
 * has to stay out for want of it, and a frame that is free is all that it may have to wait for. */
#pragma once

#include "base/list.h"
#include "protocol/error.h"
#include "ground/types.h"
#include "l4/types.h"

struct container;
struct handle;
struct task;

enum { SHIELDS_PER_TASK = 12, ANSWERS_PER_TASK = 12 };

/* Frames just answered: no victims for a while.  At most SHIELDS_PER_TASK, the oldest gives way. */
struct shield_ring {
    frame_t frames[SHIELDS_PER_TASK]; /* FRAME_NONE = the place is free */
    uint32_t next;
};

/* To whom the pages mapped last were given, and for which places (serving/rounds.h). */
struct answer_ring {
    struct answer {
        L4_Word_t thread;                  /* 0 = nobody's fault */
        const struct container *container; /* the place: a name, it may have gone */
        uint32_t copied;                   /* container.copied */
        uint32_t page, round, at;
    } entries[ANSWERS_PER_TASK];
    uint32_t next;
};

/* How far a walk over all pages of the task has come: the next place to be looked at.  NULL: at the
 * end.  A container that goes takes the walk on to the next one. */
struct sweep {
    struct container *container;
    uint32_t page;
};

/* The same over its handles: which is next, and the page of its container; NULL: at the end. */
struct handle_walk {
    struct handle *handle;
    uint32_t page;
};

struct task_notices { /* what the task server has not yet pulled; in order */
    uint8_t moved[2]; /* NOTICE_OUT and NOTICE_IN, oldest first; 0 = none */
    bool broken, broken_told;
    L4_Word_t out_error; /* of NOTICE_OUT */
    L4_Word_t broken_thread, broken_address, broken_error, broken_ip;
};

/* The note about a fault whose thread could get no record. */
struct spare_note {
    L4_Word_t thread, address;
    enum error error;
};

struct presence {
    struct list moving;         /* on its way out or in (serving/outswap.c) ... */
    struct task *task;          /* ... whose it is then */
    struct sweep sweep;         /* of the outswap or inswap under way */
    struct handle_walk foreign; /* of the outswap under way: what others own and it has mapped; of
                                   the last cut (serving/mappings.h) of a task in memory */
    uint8_t rounds_in_vain;     /* of cuts, over all handles: nothing was mapped */
    bool windows_first;         /* of an inswap: windows have to come back from the Segment Map */
    /* When the sweep began: transfers that had ended (transfer_ended), and the time (clock_now). */
    uint32_t sweep_ended, sweep_since;
    uint32_t outswap_errors;  /* writes that failed since the outswap began */
    uint32_t outswap_at;      /* when an outswap last took pages of it, or it came in */
    uint32_t outswap_budget;  /* pages that may still be written for it */
    uint32_t designated_left; /* pages at the end of its DC, still to be looked at by
                                 outswap_designated */
    /* Whose last-resort fault was answered last, 0 = it has forwarded another's fault since; and
     * the most rounds that one of its own took (serving/rounds.h). */
    L4_Word_t last_resort_thread;
    uint32_t last_resort_rounds;
    struct spare_note spare_note;
    struct shield_ring shields;
    struct answer_ring answers;
    struct task_notices notices;
};

void presence_init(void);
/* One more task, which has none yet, or one less.  Whether it can be promised one: OK, or an error
 * of contract_table. */
enum error presence_promise(void);
void presence_promise_end(void);

/* Of a task to which it is promised, if *p is NULL.  Errors are those of table_frame_alloc; the
 * promise leaves ERR_BUSY of them. */
enum error presence_make(struct presence **p);
/* Something is to be told, or has been told that must not be told twice. */
bool presence_says_something(const struct presence *p);
/* If it is not NULL; it is then. */
void presence_free(struct presence **p);
