/* SPDX-License-Identifier: BSD-2-Clause */
/* What the debugger shows.  Each function prints and changes nothing, and may be called whatever
 * state the kernel is in, before there are spaces and after a panic too.  Called by debugger.c and
 * panic.c alone. */
#pragma once

#include "l4/tcb.h"
#include "trace.h"

/* ---- threads and spaces (show_threads.c) ---- */

/* A space by its number in `spaces', or by the id of one of its threads.  NULL: neither. */
struct space *show_find_space(word_t number);
/* The number that `spaces' gives it. */
unsigned show_space_number(const struct space *space);

void show_threads(const struct space *only); /* NULL: all */
void show_thread(const struct tcb *t);
void show_spaces(void);
void show_ready(void);
void show_timers(void);

/* ---- memory (show_memory.c) ---- */

void show_map(struct space *space, vaddr_t address);
void show_memory(void);
void show_layout(void);                                    /* the kernel's half of every space */
void show_dump(const struct space *space, word_t address); /* space NULL: kernel addresses only */

/* ---- what happened (show_trace.c) ---- */

void show_trace(uint32_t last);
void show_trace_dump(void);   /* for tools/trace2json */
void trace_note_clocks(void); /* the machine stops here: what its clocks say, for the dump */
void show_counters(void);
