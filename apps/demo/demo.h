/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the files of the demo; one thread runs all of it. */
#pragma once

#include "client/task.h"
#include "plan.h"

enum child_state { CHILD_LEFT_OUT, CHILD_FAILED, CHILD_RUNS, CHILD_ENDED };

struct child {
    const struct plan_entry *plan;
    uint32_t pages;    /* hog: pages of 4 KiB */
    uint32_t expected; /* the result it must come to; hello: 0, it has none */
    enum child_state state;
    L4_Word_t task;
    struct task_status status;
};

extern struct child children[PLAN_COUNT];

/* spawn.c: starts what the child's plan says, and sets its task and state. */
enum error spawn(struct child *child);

/* vmstat.c: lines about the machine's memory; notices children that have ended. */
void notice_ended(void);
void vmstat_start(void);
/* Prints a line a second for so many seconds, or until that many hogs at most are running. */
void vmstat_for(unsigned seconds, unsigned hogs);

/* outswap.c: moves one child out and back, showing how. */
struct outswap_result {
    const struct child *child; /* NULL if nobody was left, or it ended before it was out */
    L4_Word_t frames_before, frames_dc_before, frames_out;
    L4_Word_t frames_after; /* most seen in the first second */
    enum error error;
};
void show_outswap(struct outswap_result *result);
