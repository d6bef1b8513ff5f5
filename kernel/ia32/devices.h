/* SPDX-License-Identifier: BSD-2-Clause */
/* The PC's devices that the kernel itself uses: the interrupt controllers (8259) and the first
 * serial line (16550).
 *
 * A line is masked from pic_init on, until it is unmasked: the timer's by clock.c, the others' by
 * l4 when a handler is there.  Called by trap.c, clock.c, main.c, and for the serial line by the
 * debugger. */
#pragma once

#include "l4/word.h"

enum { IRQ_TIMER = 0, IRQ_CASCADE = 2, IRQ_LINES = 16 };

void pic_init(void);
void pic_mask(word_t line);
void pic_unmask(word_t line);
/* An interrupt of this line has come: was it none?  Then nothing is to be masked or ended. */
bool pic_spurious(word_t line);
void pic_end_of_interrupt(word_t line);

void uart_init(void);
void uart_put(char c); /* waits for room, but not for ever: a line that is absent swallows all */
int uart_get(void);    /* -1: nothing there */
