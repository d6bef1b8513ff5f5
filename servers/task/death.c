/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of a task is one sequence, in task_end: threads, memory, names, children, and the parent
 * hears of it. */
#include "death.h"

#include <stddef.h>

#include "base/assertion.h"
#include "base/exception.h"
#include "client/physmem.h"
#include "client/rpc.h"
#include "driver.h"
#include "l4/syscalls.h"
#include "log.h"
#include "machine.h"
#include "name.h"
#include "request.h"
#include "segmap.h"
#include "thread.h"

void wait_cancel(L4_ThreadId_t waiter)
{
    L4_Word_t id = thread_waits_for(waiter);
    if (id == 0) {
        return;
    }
    struct task *child = task_find(id);
    ASSERT(child && L4_IsThreadEqual(child->waiter, waiter));
    child->waiter = L4_nilthread;
    thread_set_wait(waiter, 0);
}

static void store_status(const struct task *task, L4_Word_t out[4])
{
    out[0] = task->status;
    out[1] = task->end;
    out[2] = task->address;
    out[3] = task->cause;
}

/* Tells the parent if it waits.  Returns true if it has heard of the end, so that the record can
 * go. */
static bool tell_waiter(struct task *task)
{
    L4_ThreadId_t waiter = task->waiter;
    if (L4_IsNilThread(waiter)) {
        return false;
    }
    L4_Word_t out[4];
    ASSERT(task->state == TASK_ENDED && L4_Version(waiter) == task->parent);
    ASSERT(thread_waits_for(waiter) == task->id);
    store_status(task, out);
    wait_cancel(waiter);
    L4_LoadMR(1, OK);
    for (unsigned i = 0; i < 4; i++) {
        L4_LoadMR(2 + i, out[i]);
    }
    /* This fails if its wait has been cancelled meanwhile; the parent may ask again then. */
    return L4_IpcSucceeded(L4_Reply(waiter, L4_MsgTag(TASK_REPLY, 5, 0)));
}

bool death_is_pending(void)
{
    return task_living_orphan() != NULL;
}

void death_go_on(void)
{
    struct task *orphan = task_living_orphan();
    if (!orphan) {
        return;
    }
    log_task_info(orphan, "its parent has ended: task ended");
    task_end(orphan, &(struct task_ending){.status = STATUS_SIGNAL + SIGNAL_HUP, .end = TASK_END_ORPHAN});
}

void task_end(struct task *task, const struct task_ending *ending)
{
    struct task_memory_freed freed = {0};
    ASSERT(task->state == TASK_RUNNING);
    thread_stop_all(task);
    enum error e = physmem_task_delete(task->id, &freed);
    if (e != OK) {
        log_task_failure(task, "physmem does not take its memory back: %s", error_text(e));
    }
    thread_free_all(task);
    name_forget_task(task->id);
    task_has_ended(task);
    task->status = (uint8_t)ending->status;
    task->end = (uint8_t)ending->end;
    task->address = ending->address;
    task->cause = ending->cause;
    task_leave_children(task);
    if (task->kind == KIND_MAIN) {
        machine_end(task->status);
    }
    if (task->kind == KIND_SERVER) {
        log_task_failure(task, "the server has ended with status %u; its clients get errors from now on",
                         (unsigned)task->status);
    }
    enum task_kind kind = (enum task_kind)task->kind;
    L4_Word_t id = task->id;
    bool killed = task->end == TASK_END_KILLED;
    if (task->parent == TASK_ID_SYSTEM || tell_waiter(task)) {
        task_free(task);
    }
    if (kind == KIND_SEGMAP) {
        segmap_ended(id, killed);
    } else if (kind == KIND_DRIVER && !driver_ended(id, killed)) {
        log_failure("a driver has ended with status %u; nothing comes back from its disk: boot again",
                    (unsigned)ending->status);
    }
}

enum error on_exit(struct request *r)
{
    if (r->in_count > 1) {
        char text[4 * TASK_LAST_WORDS + 1];
        rpc_unpack(text, r->in + 1, r->in_count - 1);
        log_task_failure(r->task, "%s", text);
    }
    task_end(r->task, &(struct task_ending){.status = r->in[0] & 0xff, .end = TASK_END_EXIT});
    r->silent = true;
    return OK;
}

static enum error kill(struct request *r, struct task *victim, L4_Word_t status)
{
    r->silent = victim == r->task;
    task_end(victim, &(struct task_ending){.status = status & 0xff, .end = TASK_END_KILLED});
    return OK;
}

enum error on_kill(struct request *r)
{
    struct task *victim = task_find(r->in[0]);
    if (!victim) {
        return ERR_NO_TASK;
    }
    if (!task_has_rights(r->task, victim)) {
        return ERR_PERMISSION;
    }
    if (victim->state == TASK_ENDED) {
        return ERR_ALREADY;
    }
    return kill(r, victim, r->in[1]);
}

enum error on_debug_kill(struct request *r)
{
    struct task *victim = task_find(r->in[1]);
    return victim && victim->state == TASK_RUNNING ? kill(r, victim, STATUS_SIGNAL) : ERR_NO_TASK;
}

enum error on_wait(struct request *r)
{
    struct task *child = task_find(r->in[0]);
    if (!child) {
        return ERR_NO_TASK;
    }
    if (child->parent != r->task->id) {
        return ERR_PERMISSION;
    }
    if (child->state == TASK_ENDED) {
        store_status(child, r->out);
        r->out_count = 4;
        task_free(child);
        return OK;
    }
    if (!L4_IsNilThread(child->waiter)) {
        return ERR_BUSY; /* another thread waits for it */
    }
    ASSERT(child->state == TASK_RUNNING && child != r->task);
    child->waiter = r->sender;
    thread_set_wait(r->sender, child->id);
    r->silent = true;
    return OK;
}
