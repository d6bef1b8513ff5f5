/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the demo. */
#pragma once

#include "client/task.h"
#include "plan.h"

enum child_state { CHILD_FAILED, CHILD_RUNS, CHILD_ENDED };

struct child {
    const struct plan_entry *plan;
    enum child_state state;
    L4_Word_t task;
    struct task_status status;
};

extern struct child children[PLAN_COUNT];

/* spawn.c: starts what the plan's entry says. */
enum error spawn(const struct plan_entry *p, L4_Word_t *task);

/* vmstat.c: lines about the machine's memory; notices children that have ended. */
void vmstat_start(void);
/* Prints a line a second for so many seconds, or until that many hogs at most are running. */
void vmstat_for(unsigned seconds, unsigned hogs);

/* outswap.c: moves one child out and back, showing how. */
struct outswap_result {
    const struct child *child; /* NULL: nobody was left to be moved */
    L4_Word_t frames_before, frames_dc_before, frames_out,
        frames_after; /* after: most seen in the first second */
    enum error error;
};
void show_outswap(struct outswap_result *result);
