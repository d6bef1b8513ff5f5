/* SPDX-License-Identifier: BSD-2-Clause */
/* A page table comes free when its last mapping goes.  So mappings are taken away in the order of
 * their places, from where the last cut of the task ended: what lies side by side in a container
 * is, nearly always, side by side in the space too. */
#include "serving/mappings.h"

#include "base/assertion.h"
#include "contents/container.h"
#include "contents/handle.h"
#include "contents/page.h"
#include "ground/budget.h"
#include "policy/shield.h"
#include "serving/admission.h"
#include "room/frame.h"
#include "room/kernel_memory.h"
#include "serving/turn.h"
#include "tasks/presence.h"
#include "tasks/task.h"

/* Places looked at in one cut, if the event's budget goes so far; and rounds over all handles of a
 * task in vain before it is known to have no mappings. */
enum { LOOKS_MAX = 256, ROUNDS_IN_VAIN = 2, TASKS_PER_UNIT = 16 /* of the budget */ };

/* Returns whether it is taken. */
static bool cut_page(struct task *t, frame_t f, bool by_force, struct unmap_batch *b)
{
    if (f == FRAME_NONE || !frame_table[f].mapped) {
        return false;
    }
    if (by_force && (turn_keeps(f) || page_in_transit(f))) { /* it cannot be had now, by nobody */
        return false;
    }
    t->presence->rounds_in_vain = 0;
    if (!by_force && (shield_covers(f) || turn_keeps(f))) { /* later: its asker must have used it */
        return false;
    }
    unmap_batch_add(b, f);
    return true;
}

/* From `foreign` of its presence on, which an outswap uses only while the task is not in memory.
 * Returns whether the task has lost anything. */
static bool cut_some(struct task *t, bool by_force)
{
    struct unmap_batch b;
    struct handle_walk *walk = &t->presence->foreign;
    bool taken = false;
    unmap_batch_init(&b, L4_FullyAccessible);
    for (uint32_t looked = 0; walk->handle && looked < LOOKS_MAX && budget_left(); looked++) {
        struct container *c = walk->handle->container;
        if (!c || !container_find_real(c, &walk->page, container_size(c))) {
            if (!c || walk->page == container_size(c)) {
                handle_walk_on(t);
            }
            continue;
        }
        taken |= cut_page(t, container_frame(c, walk->page++), by_force, &b);
    }
    (void)unmap_batch_flush(&b);
    return taken;
}

/* ERR_KERNEL_MEMORY: the task has no mappings.  *taken: whether it has lost any. */
static enum error cut(struct task *t, bool by_force, bool *taken)
{
    *taken = false;
    ASSERT(t->state == TASK_MEMORY_IN);
    if (!t->presence->foreign.handle) {
        if (t->presence->rounds_in_vain >= ROUNDS_IN_VAIN) {
            t->presence->rounds_in_vain = 0;
            return ERR_KERNEL_MEMORY;
        }
        t->presence->rounds_in_vain++;
        handle_walk_start(t);
    }
    *taken = cut_some(t, by_force);
    return OK;
}

/* The task in memory whose turn it is: that with the next id, in a circle. */
static struct task *next_task(L4_Word_t last, uint32_t *count)
{
    struct task *next = NULL;
    *count = 0;
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, all);
        if (t->state != TASK_MEMORY_IN) {
            continue;
        }
        ++*count;
        if (!next || t->id - last - 1 < next->id - last - 1) { /* what is not later wraps */
            next = t;
        }
    }
    return next;
}

/* One task after the other loses all that it has, but for what it has just been answered with, or,
 * by force, but for what is kept for the turn: a task that goes on faulting must not keep the
 * others from losing theirs. */
static enum error cut_any(bool by_force)
{
    static L4_Word_t last;
    static uint32_t in_vain; /* tasks */
    uint32_t count;
    bool taken;
    struct task *t = next_task(last, &count);
    budget_spend(BUDGET_PLACE + count / TASKS_PER_UNIT);
    if (!t || in_vain > count) {
        in_vain = 0;
        return ERR_KERNEL_MEMORY;
    }
    if (cut(t, by_force, &taken) != OK) {
        in_vain++;
    } else if (t->presence->rounds_in_vain == 0) {
        in_vain = 0;
    }
    last = taken ? last : t->id;
    return OK;
}

enum error mappings_make_room(struct task *t)
{
    bool taken = false;
    enum error e = kernel_memory_relieve();
    if (e != ERR_KERNEL_MEMORY) {
        return e;
    }
    if (t && t->state == TASK_MEMORY_IN) {
        e = cut(t, false, &taken);
    }
    if (!taken && kernel_memory_is_short()) { /* others have what it lacks */
        (void)admission_make_room(false);
        e = cut_any(false);
        e = e == ERR_KERNEL_MEMORY && admission_make_room(true) ? ERR_BUSY : e;
    }
    return e;
}

enum error mappings_make_room_by_force(void)
{
    while (!kernel_memory_for_mapping()) {
        if (!budget_left()) {
            return ERR_BUSY;
        }
        budget_spend(BUDGET_FAULT);
        if (cut_any(true) != OK) {
            return ERR_KERNEL_MEMORY;
        }
    }
    return OK;
}
