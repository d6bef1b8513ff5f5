/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel does in steps (kernel/l4/work.h), for tests: step after step, of many lengths,
 * and whole_between() in between. */
#pragma once

#include "l4/long_call.h"
#include "l4/map_item.h"
#include "l4/mapping_db.h"
#include "l4/memory_control.h"
#include "l4/reaper.h"
#include "l4/schedule.h"
#include "l4/space.h"
#include "l4/space_control.h"
#include "l4/tcb.h"
#include "l4/thread_control.h"
#include "l4/work.h"

/* What others do between two steps.  NULL: nothing. */
extern void (*whole_between)(void);

/* The next step: often very short. */
static inline void whole_begin(void)
{
    static uint32_t steps;
    static bool inside;
    if (whole_between && steps && !inside) {
        inside = true;
        whole_between();
        inside = false;
    }
    work_begin();
    work_left = steps % 4 == 3 ? work_left : (int32_t)(steps * 2654435761u >> 23);
    steps++;
}

static inline enum map_result map_whole(struct space *from, struct space *to, word_t base, L4_Fpage_t fpage,
                                        L4_Fpage_t window)
{
    struct map_progress p = {0};
    enum map_result result;
    do {
        whole_begin();
        result = map_item(from, to, base, fpage, window, &p);
    } while (result == MAP_MORE);
    return result;
}

static inline enum map_result map_page_whole(struct space *from, vaddr_t source, struct space *to,
                                             vaddr_t destination, word_t rights, bool grant)
{
    enum map_result result;
    do {
        whole_begin();
        result = map_page(from, source, to, destination, rights, grant);
    } while (result == MAP_MORE);
    return result;
}

static inline word_t unmap_page_whole(struct space *space, vaddr_t address, word_t rights, bool flush)
{
    word_t status = 0, more;
    unmap_begin();
    do {
        whole_begin();
        more = unmap_page(space, address, rights, flush);
        status |= more & L4_FullyAccessible;
    } while (more & UNMAP_MORE);
    return status;
}

static inline word_t unmap_fpage(struct space *space, L4_Fpage_t fpage, bool flush)
{
    struct unmapping u = {.fpage = fpage};
    unmap_begin();
    do {
        whole_begin();
    } while (!unmap_range(space, &u, flush));
    return u.status;
}

static inline void reap_whole(void)
{
    do {
        whole_begin();
    } while (!reaper_step());
}

/* MemoryControl of sigma0's, with the words in c. */
static inline word_t memory_control_whole(struct tcb *caller, struct memory_control *c)
{
    word_t error;
    do {
        error = memory_control(caller, c);
        caller->continuing = CONTINUES_NOTHING;
    } while (error == MEMORY_MORE);
    return error;
}

/* All that have to look through their queues have done so. */
static inline void search_whole(void)
{
    bool again;
    do {
        again = false;
        for (struct space *space = all_spaces; space; space = space->next) {
            for (struct tcb *t = space->threads; t; t = t->space_next) {
                while (tcb_searches(t)) {
                    schedule_remove(t);
                    long_call_continue(t);
                    again = true;
                }
            }
        }
    } while (again);
}

/* space has no threads. */
static inline void space_destroy(struct space *space)
{
    reaper_add(space);
    reap_whole();
}

/* What a control has left to its caller, which is not scheduled meanwhile. */
static inline void rest_whole(struct tcb *caller)
{
    if (caller->continuing) {
        reap_whole();
        caller->continuing = CONTINUES_NOTHING;
    }
}

static inline word_t space_control_whole(struct tcb *caller, struct space_call *c)
{
    word_t error = space_control(caller, c);
    rest_whole(caller);
    return error;
}

/* ThreadControl of a thread that is not scheduled meanwhile. */
static inline word_t control_whole(struct tcb *caller, word_t dest, word_t space, word_t scheduler,
                                   word_t pager, word_t utcb)
{
    word_t error;
    do {
        error = thread_control(caller, dest, space, scheduler, pager, utcb);
        rest_whole(caller);
    } while (error == THREAD_MORE);
    search_whole();
    return error;
}
