/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults that wait, and calls that wait for a frame (serving/waiting_call.h); at most one of each
 * thread.  The record of the thread (fault_record.h) holds it, and says for what it waits.  Only
 * living tasks' faults are parked, on living containers.
 *
 * Besides the list of all, oldest first, a parked fault is in at most one queue:
 *
 *   waits       queue                                             leaves it for
 *   WAIT_READY  the faults to be tried, first come first served   whatever the trial says
 *   WAIT_DISK   one of its page, found by a hash                  READY, when the transfer ends
 *   WAIT_FRAME  the one for frames, first come first served, but  DISK, or answered; only the first
 *               first of all those for whom frames are set aside  is tried
 *   WAIT_WINDOW one of its window, found by a hash                READY, when the window is here
 *   WAIT_SWAP   one                                               READY, when the disk is there or
 *                                                                 given up
 *   WAIT_TURN   one, in the same order                            READY, when it has the turn
 *                                                                 (serving/turn.h)
 *   WAIT_TASK   none: the task's records are gone through         READY, when the task has moved
 *   WAIT_END    none                                              never
 *
 * So the end of a transfer costs as much as there are faults that waited for it, however many
 * others are parked. */
#pragma once

#include "base/list.h"
#include "ground/types.h"
#include "tasks/fault_record.h"

struct place;
struct task;

extern struct list parked_faults; /* through fault_record.parked */
extern struct list parked_for_turn;

void parking_init(void);

static inline struct fault_record *parked_fault(struct list *i)
{
    return LIST_ENTRY(i, struct fault_record, parked);
}

/* A record of a thread that has nothing parked gets the fault, in the state that it has reached. */
void fault_park(struct fault_record *record, const struct fault_record *fault);
/* The same for a call with these words; missed: for the window of which place, if it is for one. */
void call_park(struct fault_record *record, enum fault_wait waits, const struct place *missed,
               L4_Word_t label, const L4_Word_t *words, uint32_t count);
/* The fault or call waits no longer; the record stays. */
void fault_unpark(struct fault_record *record);
/* A parked fault waits for something else from now on, as the last of its queue. */
void fault_wait(struct fault_record *record, enum fault_wait waits);
/* A parked call waits for the window of that place from now on. */
void call_wait_for_window(struct fault_record *record, const struct place *missed);
/* It waits for nothing but the end of its task now. */
void fault_park_for_end(struct fault_record *record);

/* The window of that place is here, or will not come: who waits for it is tried. */
void parking_window_moved(const struct place *p);
/* The first one who waits for it, or NULL. */
struct fault_record *parking_for_window(const struct place *p);
/* Shows the places of those who wait for windows to `look`, as long as that returns true: of all,
 * or of those that the event's budget did not reach before. */
void parking_offer_windows(bool all, bool (*look)(const struct place *p));
/* The task is in memory again, or has just gone out: its faults are to be tried. */
void parking_task_moved(struct task *t);
/* Looks which faults can go on because of transfers that have ended and places that have changed.
 * Then: the first one to be tried; the first one that waits for a frame; NULL: there is none. */
void parking_collect(void);
struct fault_record *parking_first_ready(void);
struct fault_record *parking_first_for_frame(void);
/* The first one that waits for its turn; it is to be tried. */
struct fault_record *parking_first_for_turn(void);
void parking_make_ready(struct fault_record *record);

uint32_t parking_count(void);
/* Those that wait for the swap disk.  It counts them. */
uint32_t parking_for_swap(void);
/* Every parked fault is well formed, and nothing that would let it go on has been missed; returns
 * the number of violations (check.c). */
uint32_t parking_check(void);
