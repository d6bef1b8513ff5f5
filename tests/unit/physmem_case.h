/* SPDX-License-Identifier: BSD-2-Clause */
/* What physmem's tests of single cases share beside the machine (physmem_sim.h): results that are
 * counted, the task server's thread, and what it asks. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "physmem_sim.h"
#include "protocol/physmem.h"

static const L4_ThreadId_t root = {(USER_BASE + 2) << L4_VERSION_BITS | 1};
static int cases_passed;

/* All that physmem holds true is checked, too. */
static inline void passed(const char *what)
{
    sim_check();
    printf("ok %d - %s\n", ++cases_passed, what);
}

static inline int end_cases(void)
{
    printf("1..%d\n", cases_passed);
    return 0;
}

/* The thread of a task that makes calls. */
static inline L4_ThreadId_t caller(L4_Word_t task)
{
    return sim_id(task, 40);
}

static inline struct memory_info memory(void)
{
    struct memory_info m;
    SIM_CHECK(sim_call(root, PHYSMEM_MEMORY_INFO, 0) == OK);
    SIM_CHECK(sim_reply.words == 1 + sizeof m / 4);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m;
}

static inline struct task_memory info(L4_Word_t task)
{
    struct task_memory m;
    SIM_CHECK(sim_call(root, PHYSMEM_TASK_INFO, 1, task) == OK);
    memcpy(&m, &sim_reply.mr[2], sizeof m);
    return m;
}

/* A fault in a container, and `wait` until it is served, a hundred times at most; gives what the
 * page is mapped to, or NULL if there is none. */
static inline L4_Word_t *touch_page(L4_Word_t task, L4_Word_t handle, L4_Word_t page, bool write,
                                    void (*wait)(void))
{
    L4_ThreadId_t thread = sim_id(task, 7);
    L4_Word_t address = TASK_REGIONS_BASE + (page << PAGE_SHIFT);
    frame_t frame;
    sim_space_clear(task);
    sim_forward(sim_id(task, 0), thread, address, handle, page, write, 7);
    for (int i = 0; i < 100 && sim_thread(thread)->waits; i++) {
        wait();
    }
    if (!sim_thread(thread)->mapped || !sim_mapping(task, address, &frame)) {
        return NULL;
    }
    sim_touch(frame, write);
    return platform_memory(frame << PAGE_SHIFT);
}

/* The kind of the next notice to the task server; 0: there is none yet, and it waits for one. */
static inline L4_Word_t next_notice(void)
{
    L4_ThreadId_t puller = sim_id(1, 90);
    if (!sim_thread(puller)->waits && !sim_thread(puller)->pulled) {
        sim_send(puller, PHYSMEM_NOTICE_PULL, 0);
    }
    if (!sim_thread(puller)->pulled) {
        return 0;
    }
    sim_thread(puller)->pulled = false;
    return sim_thread(puller)->message.mr[2];
}
