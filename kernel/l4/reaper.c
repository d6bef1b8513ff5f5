/* SPDX-License-Identifier: BSD-2-Clause */
#include "reaper.h"

#include "ipc.h"
#include "space.h"
#include "thread.h"

struct space *reaper_spaces;
struct tcb *reaper_threads;

void reaper_add_thread(struct tcb *t)
{
    debug_assert(!tcb_active(t) && !t->queued);
    t->next = reaper_threads;
    reaper_threads = t;
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
        if (!ipc_forget_step(t)) {
            return false;
        }
        reaper_threads = t->next;
        thread_delete(t); /* nobody sends to it any more */
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
