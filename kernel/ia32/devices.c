/* SPDX-License-Identifier: BSD-2-Clause */
/* The PC's interrupt controllers (8259), timer (8254) and first serial line (16550). */
#include "cpu.h"

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
    masked = (uint16_t)(masked | 1u << line);
    write_masks();
}

void pic_unmask(word_t line)
{
    masked = (uint16_t)(masked & ~(1u << line));
    write_masks();
}

/* Lines 7 and 15 without their in-service bit: nothing happened. */
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
        outb(PIC1, PIC_EOI); /* the cascade did happen */
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
    return line >= 16 || line == IRQ_TIMER || line == IRQ_CASCADE;
}

/* ---- 8254 ---- */

enum { PIT_HZ = 1193182, PIT_DIVISOR = 1193, PIT_CHANNEL0 = 0x40, PIT_COMMAND = 0x43 };

static uint64_t clock_us;
static uint32_t clock_fraction; /* in 2^-32 us */

void pit_init(void)
{
    outb(PIT_COMMAND, 0x34); /* channel 0, rate generator */
    outb(PIT_CHANNEL0, PIT_DIVISOR & 0xff);
    outb(PIT_CHANNEL0, PIT_DIVISOR >> 8);
    pic_unmask(IRQ_TIMER);
}

/* One tick is 1193 / 1193182 s = 999.847... us. */
void pit_tick(void)
{
    enum { WHOLE_US = 999 };
    static const uint32_t fraction = 3639841717u; /* 0.847467 * 2^32 */
    uint32_t before = clock_fraction;
    clock_fraction += fraction;
    clock_us += WHOLE_US + (clock_fraction < before ? 1u : 0u);
}

uint64_t arch_clock_us(void)
{
    return clock_us;
}

uint64_t arch_time_stamp(void)
{
    return cpu.tsc ? cpu_tsc() : clock_us;
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
