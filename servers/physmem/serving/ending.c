/* SPDX-License-Identifier: BSD-2-Clause */
#include "serving/ending.h"

#include "contents/container.h"
#include "contents/handle.h"
#include "contents/module.h"
#include "contents/task_pages.h"
#include "base/assertion.h"
#include "ground/progress.h"
#include "policy/shield.h"
#include "serving/forget.h"
#include "room/frame.h"
#include "room/set_aside.h"
#include "swap/driver.h"
#include "swap/swap_area.h"
#include "swap/transfer.h"
#include "tasks/task.h"

/* A driver that starts takes tables and kernel memory, too. */
enum { DRIVER_FRAMES_MORE = 16 };

void container_end(struct container *c)
{
    fault_refuse_container(c, ERR_DEAD);
    module_forget(c);
    handle_kill_all(c);
    container_destroy(c);
}

void handle_close(struct handle *h)
{
    struct container *c = h->container;
    struct task *t = h->task;
    bool used = h->used;
    handle_free(h);
    if (c && list_is_empty(&c->handles) && !c->module) {
        container_end(c);
    } else if (c && used) {
        fault_forget_container(t, c);
        container_unmap(c, 0, c->size_pages, L4_FullyAccessible);
    }
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
}

static uint32_t end_containers(struct task *t)
{
    uint32_t count = 0;
    while (!list_is_empty(&t->containers)) {
        container_end(LIST_ENTRY(t->containers.next, struct container, of_task));
        count++;
    }
    return count;
}

/* A driver that is to come instead of one that has ended gets as much room as that one had;
 * `before` frames were in use by nobody, or by its device, before it ended. */
static void set_aside_for_next(uint32_t before)
{
    uint32_t freed = frame_counts.free + frame_counts.quarantined - before;
    if (swap_area_awaited()) {
        set_aside(freed + DRIVER_FRAMES_MORE + SWAP_AREA_FRAMES);
    }
}

uint32_t task_end(struct task *t)
{
    ASSERT(t->id != TASK_ID_SYSTEM);
    bool is_driver = driver_is(t);
    if (is_driver) {
        driver_gone();
    }
    uint32_t before = frame_counts.free + frame_counts.quarantined;
    fault_forget_task(t);
    transfer_forget_task(t);
    if (t->wired) {
        unwire(t);
    }
    uint32_t containers = end_containers(t);
    while (!list_is_empty(&t->handles)) {
        handle_close(LIST_ENTRY(t->handles.next, struct handle, of_task));
    }
    while (!list_is_empty(&t->paid)) { /* those that it has made for others */
        handle_close(LIST_ENTRY(t->paid.next, struct handle, of_payer));
    }
    ASSERT(list_is_empty(&t->records) && list_is_empty(&t->containers));
    shield_drop_all(t);
    task_free(t);
    if (is_driver) {
        set_aside_for_next(before);
    }
    progress_made();
    return containers;
}
