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

/* vmstat.c: a line about the machine's memory; every line also notices children that have ended. */
void vmstat_start(void);
void vmstat_line(void);
/* Prints lines for so many seconds, or until all children have ended: false then. */
bool vmstat_for(unsigned seconds);

/* outswap.c: moves one child out and back, showing how. */
struct outswap_result {
    const struct child *child; /* NULL: nobody was left to be moved */
    L4_Word_t frames_before, frames_dc_before, frames_out, frames_after;
    enum error error;
};
void show_outswap(struct outswap_result *result);
