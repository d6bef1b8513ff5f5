/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/parking.h"

#include "base/assertion.h"
#include "contents/arrivals.h"
#include "contents/container.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "ground/mem.h"
#include "ground/progress.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/set_aside.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/task.h"

enum { BUCKETS = 32 };

struct list parked_faults;
struct list parked_for_turn;
static struct list ready, for_frame, for_swap, for_disk[BUCKETS], for_window[BUCKETS];
static uint32_t count_parked, count_for_window;
static uint32_t offered;         /* buckets, counted round */
static uint32_t unoffered;       /* how many are still to be offered */
static struct place call_missed; /* of the call that is about to wait for a window */

void parking_init(void)
{
    list_init(&parked_faults);
    list_init(&ready);
    list_init(&for_frame);
    list_init(&for_swap);
    list_init(&parked_for_turn);
    for (int i = 0; i < BUCKETS; i++) {
        list_init(&for_disk[i]);
        list_init(&for_window[i]);
    }
    count_parked = count_for_window = offered = unoffered = 0;
}

/* ---- queues ---- */

static struct fault_record *queued_fault(const struct list *i)
{
    return LIST_ENTRY(i, struct fault_record, queue);
}

static struct list *bucket(frame_t f)
{
    return &for_disk[f % BUCKETS];
}

static struct list *window_bucket(const struct container *c, uint32_t page)
{
    return &for_window[(container_number(c) + page / WINDOW_PAGES) % BUCKETS];
}

static struct list *queue_of(struct fault_record *record)
{
    switch (record->waits) {
    case WAIT_READY:
        return &ready;
    case WAIT_FRAME:
        return &for_frame;
    case WAIT_SWAP:
        return &for_swap;
    case WAIT_TURN:
        return &parked_for_turn;
    case WAIT_DISK:
        return bucket(record->awaited);
    case WAIT_WINDOW:
        return window_bucket(record->missed.container, record->missed.page);
    case WAIT_NOTHING:
    case WAIT_TASK:
    case WAIT_END:
        break;
    }
    return NULL;
}

static void enter_queue(struct fault_record *record, enum fault_wait waits)
{
    ASSERT(list_is_empty(&record->queue));
    record->waits = waits;
    if (waits == WAIT_WINDOW) {
        count_for_window++;
        record->missed.container = record->container ? record->container : call_missed.container;
        record->missed.page = record->container ? record->page : call_missed.page;
    }
    if (waits == WAIT_DISK) {
        record->awaited = container_frame(record->container, record->page);
        ASSERT(page_in_transit(record->awaited) && frame_table[record->awaited].wanted);
    }
    struct list *queue = queue_of(record);
    if (queue && (waits == WAIT_FRAME || waits == WAIT_TURN) && set_aside_is_open()) {
        list_prepend(queue, &record->queue); /* in front of the others */
    } else if (queue) {
        list_append(queue, &record->queue);
    }
    if (waits == WAIT_FRAME) {
        frame_waiters_add();
    }
}

static void leave_queue(struct fault_record *record)
{
    if (record->waits == WAIT_FRAME) {
        frame_waiters_remove();
    }
    count_for_window -= record->waits == WAIT_WINDOW;
    list_remove(&record->queue);
    list_init(&record->queue);
    record->awaited = FRAME_NONE;
}

/* ---- parking ---- */

static void park(struct fault_record *record, enum fault_wait waits)
{
    ASSERT(record->waits == WAIT_NOTHING && record->note == OK && list_is_empty(&record->parked));
    list_append(&parked_faults, &record->parked);
    count_parked++;
    enter_queue(record, waits);
}

void fault_park(struct fault_record *record, const struct fault_record *fault)
{
    ASSERT(fault->waits != WAIT_NOTHING && (fault->container || fault->waits == WAIT_END));
    record->last_resort = fault->last_resort;
    record->container = fault->container;
    record->page = fault->page;
    record->address = fault->address;
    record->ip = fault->ip;
    record->access = fault->access;
    record->rights = fault->rights;
    record->round = fault->round;
    record->below = fault->below;
    park(record, fault->waits);
}

void call_park(struct fault_record *record, enum fault_wait waits, const struct place *missed,
               L4_Word_t label, const L4_Word_t *words, uint32_t count)
{
    ASSERT(missed || waits != WAIT_WINDOW);
    call_missed = missed ? *missed : call_missed;
    ASSERT(label != 0 && count <= CALL_WORDS_MAX && !record->container);
    record->call = label;
    record->last_resort = false;
    memcpy(record->words, words, count * sizeof *words);
    park(record, waits);
}

void fault_unpark(struct fault_record *record)
{
    ASSERT(record->waits != WAIT_NOTHING && !list_is_empty(&record->parked) && count_parked > 0);
    leave_queue(record);
    list_remove(&record->parked);
    record->waits = WAIT_NOTHING;
    record->container = NULL;
    record->call = 0;
    count_parked--;
}

void fault_wait(struct fault_record *record, enum fault_wait waits)
{
    ASSERT(record->waits != WAIT_NOTHING && record->waits != WAIT_END && waits != WAIT_NOTHING);
    leave_queue(record);
    enter_queue(record, waits);
}

void call_wait_for_window(struct fault_record *record, const struct place *missed)
{
    call_missed = *missed;
    fault_wait(record, WAIT_WINDOW);
}

void fault_park_for_end(struct fault_record *record)
{
    ASSERT(record->last_resort);
    fault_wait(record, WAIT_END);
    record->container = NULL;
}

uint32_t parking_for_swap(void)
{
    uint32_t count = 0;
    for (const struct list *i = for_swap.next; i != &for_swap; i = i->next) {
        count++;
    }
    return count;
}

uint32_t parking_count(void)
{
    return count_parked;
}

/* ---- going on ---- */

void parking_make_ready(struct fault_record *record)
{
    fault_wait(record, WAIT_READY);
    progress_made();
}

void parking_task_moved(struct task *t)
{
    for (struct list *i = t->records.next; i != &t->records; i = i->next) {
        struct fault_record *record = LIST_ENTRY(i, struct fault_record, of_task);
        if (record->waits == WAIT_TASK) {
            parking_make_ready(record);
        }
    }
}

/* The page's transfer has ended: whoever has waited for it, in the order in which they came. */
static void page_arrived(frame_t f)
{
    struct list *queue = bucket(f);
    for (struct list *i = queue->next, *next; i != queue; i = next) {
        next = i->next;
        if (queued_fault(i)->awaited == f) {
            parking_make_ready(queued_fault(i));
        }
    }
}

static bool waits_for(const struct fault_record *record, const struct place *p)
{
    return record->missed.container == p->container &&
           record->missed.page / WINDOW_PAGES == p->page / WINDOW_PAGES;
}

void parking_window_moved(const struct place *p)
{
    struct list *queue = window_bucket(p->container, p->page);
    for (struct list *i = queue->next, *next; i != queue; i = next) {
        next = i->next;
        if (waits_for(queued_fault(i), p)) {
            parking_make_ready(queued_fault(i));
        }
    }
}

struct fault_record *parking_for_window(const struct place *p)
{
    struct list *queue = window_bucket(p->container, p->page), *i = queue->next;
    while (i != queue && !waits_for(queued_fault(i), p)) {
        i = i->next;
    }
    return i != queue ? queued_fault(i) : NULL;
}

static bool offer_bucket(const struct list *queue, bool (*look)(const struct place *p))
{
    const struct list *i = queue->next;
    bool more = true;
    for (; i != queue && more; i = i->next) {
        const struct fault_record *record = queued_fault(i);
        more = look(&(struct place){record->missed.container, record->missed.page});
    }
    return more;
}

void parking_offer_windows(bool all, bool (*look)(const struct place *p))
{
    bool more = true;
    unoffered = count_for_window == 0 ? 0 : all ? BUCKETS : unoffered;
    while (unoffered > 0 && more) {
        bool done = offer_bucket(&for_window[offered % BUCKETS], look);
        budget_spend(BUDGET_PLACE);
        unoffered -= done;
        offered += done;
        more = done && budget_left();
    }
    if (unoffered > 0 && !budget_left()) {
        progress_made();
    }
}

static void all_arrived(void)
{
    for (struct list *i = parked_faults.next; i != &parked_faults; i = i->next) {
        if (parked_fault(i)->waits == WAIT_DISK) {
            parking_make_ready(parked_fault(i));
        }
    }
}

/* The swap disk is there, or will never be. */
static void swap_decided(void)
{
    while (!list_is_empty(&for_swap)) {
        parking_make_ready(queued_fault(for_swap.next));
    }
}

void parking_collect(void)
{
    if (!swap_area_awaited()) {
        swap_decided();
    }
    frame_t frames[ARRIVALS_MAX];
    uint32_t count;
    bool complete = arrivals_take(frames, &count);
    if (progress_take_place_changed() || !complete) {
        all_arrived();
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        page_arrived(frames[i]);
    }
}

static struct fault_record *first_of(struct list *queue)
{
    return list_is_empty(queue) ? NULL : queued_fault(queue->next);
}

struct fault_record *parking_first_ready(void)
{
    return first_of(&ready);
}

struct fault_record *parking_first_for_frame(void)
{
    return first_of(&for_frame);
}

struct fault_record *parking_first_for_turn(void)
{
    return first_of(&parked_for_turn);
}

/* ---- checking ---- */

static bool is_missed(const struct fault_record *record)
{
    switch (record->waits) {
    case WAIT_DISK:
        return container_frame(record->container, record->page) != record->awaited ||
               !page_in_transit(record->awaited) || !frame_table[record->awaited].wanted;
    case WAIT_SWAP:
        return !swap_area_awaited() && !progress_pending();
    case WAIT_WINDOW:
        return container_entry(record->missed.container, record->missed.page) != ENTRY_AWAY;
    case WAIT_TASK:
        return record->task->state == TASK_MEMORY_IN;
    case WAIT_FRAME:
        return record == parking_first_for_frame() && contract_page() == OK &&
               frame_counts.free > frame_low_mark() + set_aside_from_me() && transfer_has_room(SWAP_READ);
    case WAIT_READY:
        return !progress_pending();
    case WAIT_TURN: /* a tick comes in any case */
        return false;
    case WAIT_NOTHING:
    case WAIT_END:
        break;
    }
    return true;
}

static bool is_well_formed(const struct fault_record *record)
{
    if (fault_record_find(record->id) != record || task_find(record->task->id) != record->task ||
        record->note != OK) {
        return false;
    }
    if (record->waits == WAIT_END) {
        return record->last_resort && !record->container;
    }
    if (record->call != 0) {
        return record->waits != WAIT_DISK && record->waits != WAIT_SWAP && !record->container &&
               !is_missed(record);
    }
    return record->container && record->page < container_size(record->container) && !is_missed(record);
}

uint32_t parking_check(void)
{
    uint32_t bad = 0, count = 0, waiting = 0;
    for (struct list *i = parked_faults.next; i != &parked_faults; i = i->next) {
        bad += !is_well_formed(parked_fault(i));
        waiting += parked_fault(i)->waits == WAIT_FRAME;
        count++;
    }
    return bad + (count != count_parked) + (waiting != frame_waiters());
}
