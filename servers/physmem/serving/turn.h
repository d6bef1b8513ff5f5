/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose turn it is while the kernel has no memory for all mappings that are wanted, and can be lent
 * none.
 *
 * One instruction may need six page tables at once (its own, source and destination, each across a
 * border), and the kernel keeps memory for six and their nodes (docs/kernel.md, For an
 * instruction), but not for those of two.  Whoever needs them would take them from each other for
 * ever.  So one thread after the other has the turn.  What it is answered with stays mapped as long
 * as that, and for it mappings are taken from everybody else, shielded or not.
 *
 * Its turn is over when it has been answered so often that it must have got on, or when it has not
 * been answered for a while.  That is the longer, up to a bound, the more turns end like that: it
 * may be a busy processor that keeps who has the turn from getting on. */
#pragma once

#include "l4/types.h"
#include "ground/types.h"
#include "serving/parking.h"
#include "tasks/fault_record.h"

extern L4_ThreadId_t turn_thread; /* who has it; nil: nobody */

enum { TURN_ANSWERS = 12 }; /* six pages, each read first, and then written */

void turn_init(void);

/* Is it the fault of a thread that has the turn, though that may be over?  So is one that the pager
 * of its task has itself, for without that the thread cannot get on; but what the pager is answered
 * with may be taken away. */
bool turn_serves(const struct fault_record *fault);
/* The kernel has no memory for the answer to this fault.  The same, perhaps from now on. */
bool turn_take(const struct fault_record *fault);
void turn_keep(frame_t f); /* for turn_answered alone */
/* An answer with that frame is about to be sent; it could not be sent. */
static inline void turn_answered(const struct fault_record *fault, frame_t f)
{
    if (turn_thread.raw == fault->id.raw) {
        turn_keep(f);
    }
}
void turn_unanswered(const struct fault_record *fault);
/* Must the frame stay mapped? */
bool turn_keeps(frame_t f);
/* Nothing but what is kept is left to be taken: the turn begins anew, with nothing. */
void turn_keep_nothing(void);

/* If somebody waits for the turn (WAIT_TURN) and it is over, the first has it; if the kernel is
 * short no more, all go on. */
void turn_step(void);
/* Somebody waits for it. */
static inline bool turn_is_awaited(void)
{
    return !list_is_empty(&parked_for_turn);
}
