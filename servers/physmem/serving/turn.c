/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/turn.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "room/kernel_memory.h"
#include "serving/parking.h"
#include "tasks/fault_record.h"

/* Of clock_now. */
enum { PATIENCE_LEAST = 20, PATIENCE_MOST = 640 };

L4_ThreadId_t turn_thread;
static struct {
    frame_t kept[TURN_ANSWERS];
    uint32_t count;
    uint32_t since; /* it began, or the thread was answered */
} turn;
static uint32_t patience;

void turn_init(void)
{
    turn_thread = L4_nilthread;
    turn.count = 0;
    patience = PATIENCE_LEAST;
}

static void give(L4_ThreadId_t thread)
{
    turn_thread = thread;
    turn.count = 0;
    turn.since = clock_now();
}

static bool is_taken(void)
{
    return !L4_IsNilThread(turn_thread);
}

static bool has_got_on(void)
{
    return turn.count == TURN_ANSWERS;
}

static bool is_late(void)
{
    return clock_now() - turn.since > patience;
}

/* Ends the turn if it is over. */
static void end_if_over(void)
{
    if (!is_taken()) {
        return;
    }
    if (has_got_on()) {
        patience = PATIENCE_LEAST;
        turn_thread = L4_nilthread;
    } else if (is_late()) {
        patience = patience * 2 < PATIENCE_MOST ? patience * 2 : PATIENCE_MOST;
        turn_thread = L4_nilthread;
    }
}

static bool is_its(const struct fault_record *fault)
{
    return L4_IsThreadEqual(turn_thread, fault->id);
}

bool turn_serves(const struct fault_record *fault)
{
    return is_its(fault) ||
           (is_taken() && fault->last_resort && L4_Version(turn_thread) == L4_Version(fault->id));
}

bool turn_take(const struct fault_record *fault)
{
    end_if_over();
    if (!is_taken() && !turn_is_awaited()) {
        give(fault->id);
    }
    return turn_serves(fault);
}

void turn_keep(frame_t f)
{
    if (!has_got_on()) {
        turn.kept[turn.count++] = f;
        turn.since = clock_now();
    }
}

void turn_unanswered(const struct fault_record *fault)
{
    if (is_its(fault) && turn.count > 0) {
        turn.count--;
    }
}

bool turn_keeps(frame_t f)
{
    uint32_t i = 0;
    while (i < turn.count && turn.kept[i] != f) {
        i++;
    }
    return is_taken() && i < turn.count && !has_got_on() && !is_late();
}

void turn_keep_nothing(void)
{
    turn.count = 0;
}

void turn_step(void)
{
    if (!turn_is_awaited()) {
        return;
    }
    if (!kernel_memory_is_short()) {
        turn_thread = L4_nilthread;
        while (turn_is_awaited() && budget_left()) { /* the others with the next event */
            parking_make_ready(parking_first_for_turn());
            budget_spend(BUDGET_LOOK);
        }
        return;
    }
    end_if_over();
    if (!is_taken()) {
        struct fault_record *first = parking_first_for_turn();
        give(first->id);
        parking_make_ready(first);
    }
}
