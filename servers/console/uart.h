/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port COM1, by port input and output.  The kernel has set speed and format. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { UART_IRQ = 4 };

/* False: there is no serial port. */
bool uart_init(void);
/* From now on a received byte raises the interrupt. */
void uart_enable_interrupt(void);
/* Takes what has been received, at most count bytes; the interrupt condition is over when it returns less. */
uint32_t uart_receive(uint8_t *bytes, uint32_t count);
/* Waits for the transmitter. */
void uart_send(uint8_t byte);
