/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock, and the page of words that users may read.
 *
 * Invariant: the clock never goes back, whichever of the two counts it; arch_clock_us and the stub
 * of SystemClock in the KIP (entry.S) agree to the microsecond.  main.c starts it; trap.c calls
 * pit_tick, and nobody else writes user_words but descriptor_switch and ipc_fast.S, which write its
 * first word. */
#pragma once

#include "l4/word.h"

/* The page at UTCB_WORD_ADDRESS.  gs:0 is its first word; the rest is for the stub of
 * SystemClock. */
union user_words {
    struct {
        word_t utcb;          /* the current thread's UTCB pointer */
        uint32_t clock_scale; /* us for a tick of the TSC, in 2^-32; 0: the TSC is no clock */
        uint64_t clock_start; /* the TSC when the clock was 0 */
    };
    char bytes[PAGE_BYTES];
};
extern union user_words user_words; /* in descriptor.c */

/* Starts the clock.  cpu_detect has run.  Returns the processor's frequency in kHz; without a TSC a
 * guess. */
word_t clock_init(void);

uint64_t arch_time_stamp(void); /* the finest clock there is, for the trace */

/* ticks * scale / 2^32, of which only the result must fit: right for more than a century of
 * ticks. */
uint64_t clock_scaled(uint64_t ticks, uint32_t scale);

enum { TICK_AT_MOST_US = 1001 };
void pit_init(void); /* one interrupt each TICK_US or a little more */
void pit_tick(void); /* counts one: called by the timer interrupt */
