/* SPDX-License-Identifier: BSD-2-Clause */
/* A program of the system that is started again whenever it ends, unless it ends again and again
 * and does nothing in between.  The main loop's thread alone calls it, which waits for nobody
 * meanwhile but physmem. */
#pragma once

#include "client/physmem.h"
#include "program.h"

struct restart {
    const char *what; /* in messages */
    struct program_start start;
    L4_Word_t (*work)(const struct memory_info *); /* counts what has been done with it */
    L4_Word_t task;                                /* 0: there is none */
    unsigned futile;                               /* ends in a row without work in between */
    L4_Word_t worked;                              /* at its last end */
    L4_Word64_t said;                              /* when its end was reported last */
    unsigned ends_unsaid;                          /* since then */
};

/* Starts it; where memory is short just now, some moments later. */
enum error restart_begin(struct restart *r);
/* A task has ended, `killed` if by somebody else.  If it was this one it is started again, as long
 * as that is of use.  False: it was not, or it has been given up: why has been said. */
bool restart_ended(struct restart *r, L4_Word_t task, bool killed);
