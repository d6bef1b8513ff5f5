/* SPDX-License-Identifier: BSD-2-Clause */
/* For programs whose windows leave physmem's memory for the Segment Map (docs/memory.md) and come
 * back: figures, evictions, segmap's task.  They need `debug on' and a machine with asm=N. */
#pragma once

#include <stdint.h>
#include <string.h>

#include "../let_something_happen.h"
#include "client/physmem.h"
#include "client/task.h"
#include "l4/syscalls.h"

enum { AWAY_POLL_US = 2000, AWAY_POLLS_MAX = 10 * 1000, AWAY_QUIET_POLLS = 100 };

static inline struct memory_info memory(void)
{
    struct memory_info m = {0};
    (void)physmem_memory_info(&m);
    return m;
}

/* 0: there is none. */
static inline L4_Word_t segmap_task(void)
{
    struct task_info info;
    L4_Word_t id = 0;
    while (task_info(id, &info) == OK && strcmp(info.name, "segmap") != 0) {
        id = info.task + 1;
    }
    return task_info(id, &info) == OK ? info.task : 0;
}

static inline struct task_memory memory_of(L4_Word_t task)
{
    L4_Word_t out[sizeof(struct task_memory) / sizeof(L4_Word_t)] = {0};
    struct task_memory m;
    (void)task_debug(PHYSMEM_TASK_INFO, &task, 1, out, sizeof out / sizeof *out);
    memcpy(&m, out, sizeof m);
    return m;
}

/* flags: enum physmem_evict_flag.  *count may be null: how many pages that were. */
static inline enum error evict_task(L4_Word_t task, L4_Word_t flags, L4_Word_t *count)
{
    L4_Word_t in[2] = {task, flags}, out[1] = {0};
    enum error e = ERR_NO_MEMORY;
    for (int i = 0; e == ERR_NO_MEMORY && i < AWAY_POLLS_MAX; i++) {
        e = task_debug(PHYSMEM_DEBUG_EVICT, in, 2, out, 1);
        if (e == ERR_NO_MEMORY) { /* no room for more requests to the disk just now */
            L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
        }
    }
    if (count) {
        *count = out[0];
    }
    return e;
}

static inline void wait_for_swap(void)
{
    for (int i = 0; memory().swap_ready == 0 && i < AWAY_POLLS_MAX; i++) {
        L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
    }
}

/* Until nothing is read or written. */
static inline void wait_for_disk(void)
{
    for (int i = 0; memory().frames_transit > 0 && i < AWAY_POLLS_MAX; i++) {
        L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
    }
}

static inline void away_pause(void)
{
    (void)let_something_happen();
    L4_Sleep(L4_TimePeriod(AWAY_POLL_US));
}

/* Until some windows have left, and no more do.  False: they leave for ever. */
static inline bool wait_until_quiet(void)
{
    L4_Word_t stores = 0;
    int quiet = 0;
    for (int i = 0; quiet < AWAY_QUIET_POLLS && i < AWAY_POLLS_MAX; i++) {
        struct memory_info m = memory();
        quiet = m.stores == stores && stores > 0 ? quiet + 1 : 0;
        stores = m.stores;
        away_pause();
    }
    return quiet == AWAY_QUIET_POLLS;
}
