/* SPDX-License-Identifier: BSD-2-Clause */
/* Serving faults: a fault is answered in the event that makes its page available, parked until then
 * (parking.h), or refused (refusal.h). */
#pragma once

#include "protocol/error.h"

#include "ground/platform.h"

struct fault_record;

/* A fault arrived: *fault says whose (task, id) and what; nothing is kept for that thread.  It is
 * served at once if that is possible, and parked if not.  True: it has been served, and *reply is
 * the answer, which is to be sent before anything else happens; *fault stays as it is so long. */
bool fault_arrive(struct fault_record *fault, struct message *reply);
/* That answer could not be sent. */
void fault_answer_failed(enum reply_result why);
/* One that is wrong in itself. */
void fault_refuse_arrived(const struct fault_record *fault, enum error why);

/* Goes on with parked faults that may be able to, as far as the event's budget allows: those that
 * are ready, then those that wait for a frame, until the first of them gets none. */
void fault_serve_all(void);
/* Nothing will ever free a frame: the oldest fault that waits for one is refused. */
void fault_refuse_hopeless(void);
