/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/admission.h"

#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/clock.h"
#include "ground/least.h"
#include "ground/progress.h"
#include "policy/shield.h"
#include "room/contract.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "room/slot.h"
#include "serving/outswap.h"
#include "swap/swap_area.h"
#include "tasks/recency.h"
#include "tasks/presence.h"
#include "tasks/task.h"

enum {
    KERNEL_SHARE = 10,      /* pages: what the kernel keeps for a task, its page tables included */
    TASKS_OUT_PER_PAGE = 2, /* of those whose spaces are stripped */
    LEAVING_MAX = 4,        /* on their way out at once */
    LOOKS_MAX = 16,
};

/* Of clock_now.  Who has asked for nothing that long is not at work; so long a task stands at the
 * door before one that is goes out for it; and so long, at most, for there may be nobody who
 * can. */
enum { AT_WORK_TICKS = 2 * SHIELD_TICKS, TURN_TICKS = 500, PATIENCE_TICKS = 4 * TURN_TICKS };

static struct list door; /* through task.order, oldest first: they are out */

void admission_init(void)
{
    list_init(&door);
}

static struct task *first_at_door(void)
{
    return list_is_empty(&door) ? NULL : LIST_ENTRY(door.next, struct task, order);
}

/* Whether so many more may be in memory and at work. */
static bool has_room(uint32_t more)
{
    uint32_t for_kernel = contract_table_room() + kernel_memory_lent(), in = recency_count() + more;
    uint32_t out = task_count() - least(in, task_count());
    uint32_t shares = in * KERNEL_SHARE + out / TASKS_OUT_PER_PAGE;
    if (shares > for_kernel) {
        return false;
    }
    uint32_t fixed =
        frame_counts.image + frame_counts.tables - kernel_memory_lent() + frame_counts.quarantined;
    uint32_t most = (frame_counts.total - fixed - shares) / SHIELDS_PER_TASK;
    return recency_count_since(AT_WORK_TICKS, most + 1) + more <= most;
}

/* ---- out ---- */

static uint32_t idle_for(const struct task *t)
{
    return clock_now() - t->order_at;
}

/* Moves the task out that has been given nothing the longest, if that is as long as this, unless
 * enough are on their way.  False: none is. */
static bool move_one_out(uint32_t idle_ticks)
{
    uint32_t leaving = 0;
    struct task *t = recency_first();
    for (int looked = 0; t && looked < LOOKS_MAX && leaving < LEAVING_MAX; looked++) {
        struct task *next = recency_next(t);
        if (idle_for(t) < idle_ticks) {
            break;
        }
        if (t->state == TASK_MEMORY_GOING_OUT) {
            leaving++;
        } else if (outswap_start(t, false) == OK) {
            return true;
        } else {
            recency_leave(t); /* it may not go; at its next page it is back */
        }
        t = next;
    }
    return leaving > 0;
}

/* On a full disk a task loses its mappings in vain, for it stays in memory: so nobody is sent there
 * only because he is idle. */
bool admission_make_room(bool at_work)
{
    return swap_area_ready() && (at_work || !slot_is_short()) && move_one_out(at_work ? 0 : AT_WORK_TICKS);
}

/* ---- in ---- */

/* False: it stays at the door until a frame is free. */
static bool let_in(struct task *t)
{
    if (outswap_wake(t) != OK) {
        return false;
    }
    recency_use(t);
    return true;
}

static uint32_t waits_for(const struct task *t)
{
    return clock_now() - t->order_at;
}

static bool may_come_in(const struct task *t)
{
    return has_room(1) || !swap_area_ready() || waits_for(t) > PATIENCE_TICKS;
}

bool admission_ask_for(struct task *t)
{
    if (t->state == TASK_MEMORY_OUT && !t->hold && list_is_empty(&t->order)) {
        t->order_at = clock_now();
        list_append(&door, &t->order);
        if (first_at_door() != t || !may_come_in(t) || !let_in(t)) {
            progress_made();
        }
    }
    return t->state == TASK_MEMORY_IN;
}

void admission_forget(struct task *t)
{
    if (t->state == TASK_MEMORY_OUT) {
        list_remove(&t->order);
    } else {
        recency_leave(t);
    }
}

void admission_step(void)
{
    struct task *t;
    while ((t = first_at_door()) != NULL && budget_left() && may_come_in(t) && let_in(t)) {
        budget_spend(BUDGET_LOOK);
    }
    if (!t) {
        return;
    }
    if (!budget_left()) {
        progress_made();
    } else {
        (void)move_one_out(waits_for(t) > TURN_TICKS ? 0 : AT_WORK_TICKS);
    }
}

bool admission_under_way(void)
{
    return !list_is_empty(&door);
}
