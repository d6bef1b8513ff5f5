/* SPDX-License-Identifier: BSD-2-Clause */
/* Drives the two 8259 and the 16550 by their ports.  The masks of the lines are kept here, because
 * a read of the controller would cost more. */
#include "devices.h"

#include "arch.h"
#include "entry.h"
#include "io.h"

/* ---- 8259 ---- */

enum { PIC1 = 0x20, PIC2 = 0xa0, PIC_EOI = 0x20, PIC_READ_ISR = 0x0b };

static uint16_t masked = 0xffff;

static void write_masks(void)
{
    outb(PIC1 + 1, (uint8_t)masked);
    outb(PIC2 + 1, (uint8_t)(masked >> 8));
}

void pic_init(void)
{
    outb(PIC1, 0x11);
    outb(PIC2, 0x11);
    outb(PIC1 + 1, VECTOR_IRQ_BASE);
    outb(PIC2 + 1, VECTOR_IRQ_BASE + 8);
    outb(PIC1 + 1, 1 << IRQ_CASCADE);
    outb(PIC2 + 1, IRQ_CASCADE);
    outb(PIC1 + 1, 1);
    outb(PIC2 + 1, 1);
    masked = (uint16_t) ~(1u << IRQ_CASCADE);
    write_masks();
}

void pic_mask(word_t line)
{
    debug_assert(line < IRQ_LINES && line != IRQ_CASCADE);
    masked = (uint16_t)(masked | 1u << line);
    write_masks();
}

void pic_unmask(word_t line)
{
    debug_assert(line < IRQ_LINES && line != IRQ_CASCADE);
    masked = (uint16_t)(masked & ~(1u << line));
    write_masks();
}

/* An interrupt of line 7 or 15 without its in-service bit is none: the controller has only lost a
 * request. */
bool pic_spurious(word_t line)
{
    if (line != 7 && line != 15) {
        return false;
    }
    uint16_t port = line == 7 ? PIC1 : PIC2;
    outb(port, PIC_READ_ISR);
    if (inb(port) & 0x80) {
        return false;
    }
    if (line == 15) {
        outb(PIC1, PIC_EOI); /* the cascade has happened */
    }
    return true;
}

void pic_end_of_interrupt(word_t line)
{
    if (line >= 8) {
        outb(PIC2, PIC_EOI);
    }
    outb(PIC1, PIC_EOI);
}

void arch_interrupt_enable(word_t line)
{
    pic_unmask(line);
}

void arch_interrupt_disable(word_t line)
{
    pic_mask(line);
}

bool arch_interrupt_reserved(word_t line)
{
    return line >= IRQ_LINES || line == IRQ_TIMER || line == IRQ_CASCADE;
}

/* ---- 16550 ---- */

enum { COM1 = 0x3f8, UART_LSR = 5, LSR_DATA = 1, LSR_THR_EMPTY = 0x20 };

void uart_init(void)
{
    outb(COM1 + 3, 0x80);
    outb(COM1 + 0, 1); /* 115200 baud */
    outb(COM1 + 1, 0);
    outb(COM1 + 3, 3); /* 8N1 */
    outb(COM1 + 1, 0);
    outb(COM1 + 2, 7);
    outb(COM1 + 4, 0x0b);
}

void uart_put(char c)
{
    for (unsigned i = 0; i < 100000 && !(inb(COM1 + UART_LSR) & LSR_THR_EMPTY); i++) {
    }
    outb(COM1, (uint8_t)c);
}

int uart_get(void)
{
    return inb(COM1 + UART_LSR) & LSR_DATA ? inb(COM1) : -1;
}
