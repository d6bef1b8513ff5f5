/* SPDX-License-Identifier: BSD-2-Clause */
#include "reaper.h"

#include "ipc.h"
#include "schedule.h"
#include "space.h"
#include "thread.h"
#include "work.h"

struct space *reaper_spaces;
struct tcb *reaper_threads;

void reaper_add_thread(struct tcb *t)
{
    debug_assert(!tcb_active(t) && !t->queued);
    t->next = reaper_threads;
    reaper_threads = t;
}

/* What is no end of a thread stands in the list as one of these, so that nobody has another place
 * to look at. */
static struct tcb renamed /* partner: who; global_id: its old one; queue_stamp: when */,
    look /* from_spec: the number of the next thread */;

RARE void reaper_add_renamed(struct tcb *t, word_t old_id)
{
    assert(!reaper_threads);
    renamed.partner = t;
    renamed.global_id = old_id;
    renamed.awaiter = t->awaiter;
    renamed.queue_stamp = ipc_next_stamp();
    t->awaiter = 0;
    renamed.next = NULL;
    reaper_threads = &renamed;
}

RARE void reaper_look_again(void)
{
    struct tcb **end = &reaper_threads;
    while (*end && *end != &look) {
        end = &(*end)->next;
    }
    look.from_spec = 0;
    if (!*end) {
        look.next = NULL;
        *end = &look;
    }
}

RARE void reaper_begin(struct tcb *caller)
{
    work_begin();
    if (!reaper_step()) {
        caller->continuing = CONTINUES_REAPING;
        schedule_look_closely();
    }
}

/* One of the list, until it is done.  false: the step is over. */
static bool thread_step(struct tcb *t)
{
    if (t == &renamed) {
        return ipc_forget_id_step(t);
    }
    if (t == &look) {
        return ipc_look_again_step(&t->from_spec);
    }
    return ipc_forget_step(t);
}

void reaper_add(struct space *space)
{
    space_leave_list(space);
    space->next = reaper_spaces;
    reaper_spaces = space;
}

RARE bool reaper_step(void)
{
    struct space *space;
    struct tcb *t;
    while ((t = reaper_threads) != NULL) {
        if (!thread_step(t)) {
            return false;
        }
        reaper_threads = t->next;
        if (t != &renamed && t != &look && t->ipc_kind != IPC_INTERRUPT) {
            thread_delete(t); /* nobody sends to it any more */
        }
        if (work_over()) {
            return false;
        }
    }
    while ((space = reaper_spaces) != NULL) {
        struct space *next = space->next;
        if (!space_destroy_step(space)) {
            return false;
        }
        reaper_spaces = next;
    }
    return true;
}
