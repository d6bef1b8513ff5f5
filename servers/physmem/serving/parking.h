/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults that wait, in the order in which they came; at most one of each thread.  The record of the
 * thread (fault_record.h) holds the fault, and says for what it waits.  Only living tasks' faults
 * are parked, on living containers. */
#pragma once

#include "base/list.h"
#include "ground/types.h"
#include "tasks/fault_record.h"

extern struct list parked_faults; /* oldest first, through fault_record.parked */

void parking_init(void);

static inline struct fault_record *parked_fault(struct list *i)
{
    return LIST_ENTRY(i, struct fault_record, parked);
}

/* A record of a thread that has nothing parked gets the fault, in the state that it has reached. */
void fault_park(struct fault_record *record, const struct fault_record *fault);
/* The fault waits no longer; the record stays. */
void fault_unpark(struct fault_record *record);
/* It waits for nothing but the end of its task now. */
void fault_park_for_end(struct fault_record *record);

uint32_t parking_count(void);
/* Every parked fault is well formed, and nothing that would let it go on has been missed; returns
 * the number of violations (check.c). */
uint32_t parking_check(void);
