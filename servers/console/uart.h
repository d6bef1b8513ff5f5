/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port COM1, by port input and output.  The kernel has set speed and format.  Called by
 * main.c only, and after uart_init() has returned true: by the server thread, but for
 * uart_receive(), which the interrupt thread calls if there is one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { UART_IRQ = 4 };

/* False: there is no serial port. */
bool uart_init(void);
/* From now on a received byte raises the interrupt. */
void uart_enable_interrupt(void);
/* RTS: whether the other side of a cable may send.  Up after uart_init(). */
void uart_set_ready(bool now);
/* Takes what has been received, at most count bytes; the interrupt condition is over when it
 * returns less. */
uint32_t uart_receive(uint8_t *bytes, uint32_t count);
/* Whether received bytes were lost since the last call, because nobody took them in time. */
bool uart_overrun(void);
/* Waits for the transmitter. */
void uart_send(uint8_t byte);
