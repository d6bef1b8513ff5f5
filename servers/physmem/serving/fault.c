/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/fault.h"

#include "contents/container.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/counters.h"
#include "base/assertion.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "l4/kernel_memory.h"
#include "protocol/physmem.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/set_aside.h"
#include "serving/mappings.h"
#include "serving/admission.h"
#include "serving/parking.h"
#include "serving/provide.h"
#include "serving/refusal.h"
#include "serving/rounds.h"
#include "serving/segment_map.h"
#include "serving/turn.h"
#include "serving/waiting_call.h"
#include "tasks/recency.h"
#include "tasks/task.h"

/* The answer that has been made last. */
static const struct fault_record *answered;
static frame_t answered_frame;

static void make_answer(const struct fault_record *record, frame_t f, struct message *answer)
{
    ASSERT(record->task->state == TASK_MEMORY_IN);
    record->task->faults++;
    record->task->faults_dc += record->last_resort;
    recency_use(record->task);
    answer->label = PHYSMEM_ANSWER;
    answer->words = 0;
    answer->typed_words = 2;
    answer->mr[1] = (record->address & ~(L4_Word_t)(PAGE_SIZE - 1)) | L4_ITEM_MAP | KERNEL_MAP_STEP;
    answer->mr[2] = page_map_item(record->task, f, record->rights);
    rounds_answered(record);
    turn_answered(record, f);
    answered = record;
    answered_frame = f;
}

/* That answer has not been received. */
static void take_back_answer(void)
{
    (void)page_unmap(answered_frame); /* so that only what is really mapped counts as that */
    turn_unanswered(answered);
    rounds_unanswered(answered->task);
}

/* As turn.h says: after all else has been done for the fault, and there is no room for its page. */
static enum error make_room_by_turn(enum fault_wait *waits)
{
    if (!turn_take(answered)) {
        *waits = WAIT_TURN;
        return OK;
    }
    enum error e = mappings_make_room_by_force();
    if (e == ERR_KERNEL_MEMORY) {
        turn_keep_nothing();
        e = mappings_make_room_by_force();
    }
    if (e == ERR_KERNEL_MEMORY) { /* tasks on their way out have all of it, or pages in transit */
        e = mappings_make_room(answered->task);
        return e == ERR_BUSY ? OK : e;
    }
    if (e == ERR_BUSY) {
        *waits = WAIT_READY;
        progress_made();
        return OK;
    }
    return e;
}

/* The kernel has no memory for the answer that has been made last.  *again: there is room for it
 * now.  Otherwise the fault waits for *waits, or, if that is WAIT_NOTHING, comes again by itself.
 * Not OK: it is to be refused. */
__attribute__((cold)) static enum error make_room(enum fault_wait *waits, bool *again)
{
    *waits = WAIT_NOTHING;
    *again = false;
    if (kernel_memory_for_mapping()) { /* the space is at its quota, or stripped */
        enum error e = mappings_make_room(answered->task);
        return e == ERR_BUSY ? OK : e;
    }
    enum error e = kernel_memory_relieve();
    if (e == ERR_KERNEL_MEMORY && !rounds_comes_again(answered) && !turn_serves(answered)) {
        e = mappings_make_room(answered->task);
    }
    if (e == ERR_BUSY) {
        return OK;
    }
    if (e == ERR_KERNEL_MEMORY || !kernel_memory_for_mapping()) {
        e = make_room_by_turn(waits);
    }
    *again = e == OK && *waits == WAIT_NOTHING && kernel_memory_for_mapping();
    return e;
}

/* What came of sending the answer that has been made last.  It is sent again, lest others take the
 * room, if some can be made.  Not OK: the fault is to be refused; else it has been answered, unless
 * it is to wait for *waits. */
__attribute__((cold)) static enum error answer_sent(enum reply_result r, enum fault_wait *waits)
{
    enum { TRIES = 3 };
    struct message answer;
    *waits = WAIT_NOTHING;
    for (int tries = 0; r == REPLY_NO_MEMORY; tries++) {
        bool again;
        take_back_answer();
        enum error e = make_room(waits, &again);
        if (e != OK || *waits != WAIT_NOTHING) {
            return e;
        }
        /* The task may have had to go out for the room. */
        if (!again || tries == TRIES || answered->task->state != TASK_MEMORY_IN) {
            fault_answer_empty(answered->id);
            return OK;
        }
        make_answer(answered, answered_frame, &answer);
        r = platform_reply(answered->id, &answer);
    }
    counters.dropped += r == REPLY_GONE;
    /* Refused: no fault, for whoever has one accepts all pages. */
    return r == REPLY_REFUSED ? ERR_NOT_ACCEPTED : OK;
}

/* Goes as far as it can with the fault in a place of which container_page says `page`: PROVIDE_DONE
 * means that *frame has its page.  If it has to wait, *waits says for what. */
static enum provided attempt(struct fault_record *record, entry_t page, frame_t *frame,
                             enum fault_wait *waits, enum error *why)
{
    budget_spend(BUDGET_FAULT);
    if (record->container->ending) {
        *why = ERR_DEAD;
        return PROVIDE_REFUSED;
    }
    if (!admission_ask(record->task)) {
        *waits = WAIT_TASK;
        return PROVIDE_WAIT_FRAME;
    }
    bool write = (record->access & L4_Writable) != 0;
    enum provided b = page_provide(record->container, record->page, page, write, frame, why);
    switch (b) {
    case PROVIDE_WAIT_DISK:
        *waits = WAIT_DISK;
        break;
    case PROVIDE_WAIT_SWAP:
        *waits = WAIT_SWAP;
        break;
    case PROVIDE_WAIT_WINDOW:
        *waits = WAIT_WINDOW;
        break;
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_REFUSED:
    case PROVIDE_DONE:
        *waits = WAIT_FRAME;
        break;
    }
    return b;
}

/* Serves a parked fault as far as it goes now.  The record may be gone afterwards.  False: it still
 * waits for a frame. */
static bool go_on(struct fault_record *record)
{
    struct message answer;
    frame_t f;
    enum error why = OK;
    enum fault_wait waits = WAIT_NOTHING;
    ASSERT(record->waits == WAIT_READY || record->waits == WAIT_FRAME);
    switch (attempt(record, container_page(record->container, record->page), &f, &waits, &why)) {
    case PROVIDE_DONE:
        make_answer(record, f, &answer);
        why = answer_sent(platform_reply(record->id, &answer), &waits);
        if (why != OK) {
            fault_refuse(record, why);
            return true;
        }
        if (waits != WAIT_NOTHING) {
            fault_wait(record, waits);
            return true;
        }
        fault_unpark(record);
        fault_record_trim(record);
        return true;
    case PROVIDE_REFUSED:
        fault_refuse(record, why);
        return true;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
    case PROVIDE_WAIT_WINDOW:
        break;
    }
    if (waits == WAIT_FRAME && record->waits == WAIT_FRAME) {
        return false; /* it stays where it is: the first */
    }
    fault_wait(record, waits);
    return waits != WAIT_FRAME;
}

static bool serve(struct fault_record *record)
{
    set_aside_open(segment_map_set_aside_for(record->task));
    bool done = record->call != 0 ? waiting_call_try(record) : go_on(record);
    set_aside_open(false);
    return done;
}

/* The fault has to wait and gets a record.  Without memory for one it is answered empty, and comes
 * again until it need not wait, or there is a record. */
static void park_new(const struct fault_record *fault)
{
    struct fault_record *record;
    enum error e = fault_record_get(fault->task, fault->id, &record);
    ASSERT(fault->waits != WAIT_NOTHING && fault->waits != WAIT_END);
    if (e == OK) {
        fault_park(record, fault);
    } else {
        fault_answer_empty(fault->id);
    }
}

/* If others wait for frames they come first, but for what is set aside for the present event. */
static bool must_queue(const struct fault_record *fault, entry_t page)
{
    return frame_waiters() > 0 && !set_aside_is_open() &&
           page_needs_frame(page, (fault->access & L4_Writable) != 0);
}

bool fault_arrive(struct fault_record *fault, struct message *reply)
{
    frame_t f;
    enum error why = ERR_DEAD;
    enum provided b = PROVIDE_REFUSED;
    entry_t page = fault->container ? container_page(fault->container, fault->page) : ENTRY_HOLE;
    counters.faults++;
    rounds_arrived(fault, page);
    fault->waits = WAIT_FRAME;
    if (fault->container) {
        b = must_queue(fault, page) ? PROVIDE_WAIT_FRAME : attempt(fault, page, &f, &fault->waits, &why);
    }
    switch (b) {
    case PROVIDE_DONE:
        make_answer(fault, f, reply);
        return true;
    case PROVIDE_REFUSED:
        fault_refuse_new(fault, why);
        break;
    case PROVIDE_WAIT_DISK:
    case PROVIDE_WAIT_FRAME:
    case PROVIDE_WAIT_SWAP:
    case PROVIDE_WAIT_WINDOW:
        park_new(fault);
        break;
    }
    return false;
}

void fault_answer_failed(enum reply_result why)
{
    struct fault_record fault = *answered;
    enum error e = answer_sent(why, &fault.waits);
    if (e != OK) {
        fault_refuse_new(&fault, e);
    } else if (fault.waits != WAIT_NOTHING) {
        park_new(&fault);
    }
}

void fault_refuse_arrived(const struct fault_record *fault, enum error why)
{
    counters.faults++;
    fault_refuse_new(fault, why);
}

void fault_serve_all(void)
{
    struct fault_record *record;
    parking_collect();
    while (budget_left() && (record = parking_first_ready()) != NULL) {
        (void)serve(record);
    }
    while (budget_left() && (record = parking_first_for_frame()) != NULL && serve(record)) {
    }
    if (!budget_left() && (parking_first_ready() || parking_first_for_frame())) {
        progress_made();
    }
}

void fault_refuse_hopeless(void)
{
    struct fault_record *record = parking_first_for_frame();
    if (!record) {
        return;
    }
    if (record->call != 0) {
        waiting_call_refuse(record);
    } else {
        fault_refuse(record, ERR_NO_ROOM);
    }
    progress_made();
}
