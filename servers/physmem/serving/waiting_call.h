/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that have met no free frame while some are on their way, or a window that is away.  Such a
 * call waits in the record of its thread, among the faults that wait for the same
 * (serving/parking.h), and is made again when it is its turn, or the window is there: it has done
 * nothing yet.  It is refused only when nothing can come.  Who asks for what the kernel needs for a
 * task that is out waits in the same way until that comes in. */
#pragma once

#include "ground/platform.h"
#include "contents/container.h"
#include "protocol/error.h"
#include "tasks/fault_record.h"

struct task;

/* Makes a call of which the sender, the label and MR1 .. are known.  WAIT_FRAME or WAIT_WINDOW: it
 * has met no free frame, or the window of *missed is away, and has done nothing. */
typedef enum fault_wait (*waiting_call_maker)(struct task *t, struct message *in, struct message *reply,
                                              struct place *missed);
/* Boot. */
void waiting_call_init(waiting_call_maker maker);

/* OK: the call waits.  Else the answer to it: nothing can come that it could wait for, which is
 * ERR_NO_MEMORY; or there is no memory even for its record, and the caller asks again
 * (ERR_BUSY). */
enum error waiting_call_park(struct task *t, const struct message *in);
/* The same for the window of that place, which is away. */
enum error waiting_call_park_for_window(struct task *t, const struct message *in, const struct place *missed);
/* It comes in the name of a thread of a task that is not in memory, and waits for that.  False:
 * there is no memory for its record. */
bool waiting_call_park_until_in(struct task *t, const struct message *in);
/* It is its turn.  False: it still waits.  Otherwise the record may be gone. */
bool waiting_call_try(struct fault_record *record);
void waiting_call_refuse(struct fault_record *record);
void waiting_call_refuse_with(struct fault_record *record, enum error e);
/* Who would start segmap again does not wait for a window until it is there. */
void waiting_calls_refuse_server(void);
/* Somebody has sent in the thread's name.  It may be in its call all the same, for a forward can be
 * stale: it is told to call again.  If it has left the call for a fault, it faults again. */
void waiting_call_send_back(L4_ThreadId_t id);
