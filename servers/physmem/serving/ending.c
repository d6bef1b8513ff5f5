/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/ending.h"

#include "contents/away.h"
#include "contents/container.h"
#include "contents/fill.h"
#include "contents/handle.h"
#include "contents/module.h"
#include "contents/task_pages.h"
#include "base/assertion.h"
#include "ground/budget.h"
#include "ground/progress.h"
#include "policy/shield.h"
#include "serving/admission.h"
#include "serving/forget.h"
#include "serving/segment_map.h"
#include "room/set_aside.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/task.h"

static void start_ending(struct container *c)
{
    ASSERT(!c->ending);
    c->ending = true;
    c->emptied = 0;
    if (c->owner->dc == c) {
        c->owner->dc = NULL;
    }
    module_forget(c);
}

bool container_end(struct container *c, struct handle *h)
{
    if (!c->ending) {
        start_ending(c);
    }
    if (!fault_refuse_container(c, ERR_DEAD) || !container_empty_some(c) || !handle_kill_some(c, h)) {
        return false;
    }
    if (away_is_left(c)) {
        away_leave_behind(c);
    } else {
        away_forget_container(c);
        container_destroy(c);
    }
    return true;
}

static bool is_last_handle(const struct handle *h)
{
    return h->container->handles.next == &h->of_container && h->of_container.next == &h->container->handles;
}

bool handle_give_up(struct handle *h)
{
    uint32_t page = h->unmapped;
    h->closing = true;
    bool done = fault_forget_container(h->task, h->container) &&
                container_unmap_some(h->container, &page, container_size(h->container), L4_FullyAccessible);
    h->unmapped = page & ((1u << 22) - 1);
    return done;
}

void handle_keep(struct handle *h)
{
    ASSERT(h->closing);
    h->closing = false;
    h->unmapped = 0;
}

bool handle_close(struct handle *h)
{
    struct container *c = h->container;
    if (c && !c->module && is_last_handle(h)) {
        if (!container_end(c, h)) {
            return false;
        }
    } else if (c && h->used && !handle_give_up(h)) {
        return false;
    }
    handle_free(h);
    return true;
}

/* Pages that only a wired task kept in memory may be evicted again. */
static void unwire(struct task *t)
{
    t->wired = false;
    task_set_wired(t, false);
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        struct task *other = LIST_ENTRY(i, struct task, all);
        if (other->wired) {
            task_set_wired(other, true); /* what they share is theirs to keep */
        }
    }
    kept_set_wired();
}

/* A driver or segmap that is to come instead of this one gets as much room as this one has, and
 * more. */
static void set_aside_for_next(const struct task *t, enum set_aside_for whom)
{
    set_aside(whom, t->promised + task_table_frames(t->table_bytes) + SWAP_AREA_FRAMES);
}

/* Nothing is served for the task any more. */
static void task_start_ending(struct task *t)
{
    ASSERT(!t->ending);
    t->ending = true;
    if (driver_is(t)) {
        driver_gone();
        if (swap_area_awaited()) {
            set_aside_for_next(t, SET_ASIDE_FOR_DRIVER);
        }
    }
    if (segment_map_is(t)) {
        segment_map_gone();
        set_aside_for_next(t, SET_ASIDE_FOR_SEGMAP);
    }
    fault_forget_task(t);
    transfer_forget_task(t);
    shield_drop_all(t);
    admission_forget(t);
    if (t->wired) {
        unwire(t);
    }
}

static bool end_containers(struct task *t, uint32_t *count)
{
    while (!list_is_empty(&t->containers)) {
        struct container *c = LIST_ENTRY(t->containers.next, struct container, of_task);
        c->unmapped = !c->foreign;
        if (!container_end(c, NULL)) {
            return false;
        }
        ++*count;
    }
    return true;
}

/* What was mapped through its handles went with its space. */
static bool end_handles(struct task *t)
{
    while (!list_is_empty(&t->handles)) {
        struct handle *h = LIST_ENTRY(t->handles.next, struct handle, of_task);
        h->used = false;
        budget_spend(BUDGET_LOOK);
        if (!budget_left() || !handle_close(h)) {
            return false;
        }
    }
    return true;
}

/* Those that it has made for others. */
static bool end_paid(struct task *t)
{
    while (!list_is_empty(&t->paid)) {
        budget_spend(BUDGET_LOOK);
        if (!budget_left() || !handle_close(LIST_ENTRY(t->paid.next, struct handle, of_payer))) {
            return false;
        }
    }
    return true;
}

bool task_end(struct task *t, uint32_t *containers)
{
    ASSERT(t->id != TASK_ID_SYSTEM);
    if (!t->ending) {
        task_start_ending(t);
    }
    if (!end_containers(t, containers) || !end_handles(t) || !end_paid(t)) {
        return false;
    }
    task_leave(t);
    if (list_is_empty(&t->left)) {
        task_free(t);
    }
    progress_made();
    return true;
}
