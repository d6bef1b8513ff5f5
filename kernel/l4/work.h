/* SPDX-License-Identifier: BSD-2-Clause */
/* How long the kernel works without a window for interrupts.
 *
 * What can take long is done in steps.  A step begins with work_begin(); whoever does something in
 * a loop says with work_done() what it has cost, in instructions, more or less, and stops when
 * work_over().  The caller then leaves everything in TCBs and in lists that are whole again, makes
 * its thread `continuing' (tcb.h), and the scheduler opens a window before the thread goes on
 * (schedule.c, long_call.h).  So no stretch is longer than WORK_STEP and the largest thing that is
 * done in one piece, which is at most as long again. */
#pragma once

#include "word.h"

enum {
    WORK_STEP = 6000,
    WORK_NODE = 90,    /* a mapping taken away */
    WORK_VISIT = 50,   /* a mapping whose status is taken */
    WORK_PASS = 6,     /* a node of a list looked at */
    WORK_PLACE = 12,   /* a place of the thread table looked at */
    WORK_INDEX = 300,  /* an entry of the index found, made or taken away */
    WORK_ENTRY = 4,    /* an entry of a page table looked at */
    WORK_PAGE = 150,   /* a page of a range, whatever is done with it */
    WORK_MAP = 250,    /* a page mapped */
    WORK_SPAN = 150,   /* of a string, beside the copying */
    WORK_ABORT = 250,  /* a thread's IPC ended */
    WORK_TABLE = 1500, /* a page of the kernel's cleared or filled */
};

extern int32_t work_left; /* of this step */

static inline void work_begin(void)
{
    work_left = WORK_STEP;
}

static inline void work_done(int32_t cost)
{
    work_left -= cost;
}

static inline bool work_over(void)
{
    return work_left <= 0;
}
