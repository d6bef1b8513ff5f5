/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/parking.h"

#include "contents/container.h"
#include "contents/page.h"
#include "base/assertion.h"
#include "room/frame.h"
#include "swap/transfer.h"
#include "tasks/task.h"

struct list parked_faults;
static uint32_t count_parked;

void parking_init(void)
{
    list_init(&parked_faults);
    count_parked = 0;
}

void fault_park(struct fault_record *record, const struct fault_record *fault)
{
    ASSERT(record->waits == WAIT_NOTHING && record->note == OK && list_is_empty(&record->parked));
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
    record->waits = fault->waits;
    list_append(&parked_faults, &record->parked);
    count_parked++;
}

void fault_unpark(struct fault_record *record)
{
    ASSERT(record->waits != WAIT_NOTHING && !list_is_empty(&record->parked) && count_parked > 0);
    list_remove(&record->parked);
    record->waits = WAIT_NOTHING;
    record->container = NULL;
    count_parked--;
}

void fault_park_for_end(struct fault_record *record)
{
    ASSERT(record->waits != WAIT_NOTHING && record->last_resort);
    record->waits = WAIT_END;
    record->container = NULL;
}

uint32_t parking_count(void)
{
    return count_parked;
}

/* Also: nothing that would let it go on has been missed. */
static bool is_well_formed(const struct fault_record *record)
{
    if (fault_record_find(record->id) != record || task_find(record->task->id) != record->task ||
        record->note != OK) {
        return false;
    }
    if (record->waits == WAIT_END) {
        return record->last_resort && !record->container;
    }
    if (!record->container || record->page >= record->container->size_pages ||
        record->waits == WAIT_NOTHING) {
        return false;
    }
    if (record->waits == WAIT_DISK) {
        const struct page *p = container_page(record->container, record->page);
        return p && page_in_transit(p);
    }
    if (record->waits == WAIT_TASK) {
        return record->task->state != TASK_MEMORY_IN;
    }
    return frame_counts.free <= frame_low_mark() || !transfer_has_room(SWAP_READ);
}

uint32_t parking_check(void)
{
    uint32_t bad = 0, count = 0;
    for (struct list *i = parked_faults.next; i != &parked_faults; i = i->next) {
        bad += !is_well_formed(parked_fault(i));
        count++;
    }
    return bad + (count != count_parked);
}
