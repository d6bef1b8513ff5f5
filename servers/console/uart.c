/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers of a 16550, at the ports of COM1. */
#include "uart.h"

#include "base/assertion.h"
#include "client/task.h"

enum {
    BASE = 0x3f8,
    PORTS_LOG2 = 3,
    DATA = BASE,
    INTERRUPT_ENABLE = BASE + 1,
    INTERRUPT_ID = BASE + 2, /* written: FIFO control */
    MODEM_CONTROL = BASE + 4,
    LINE_STATUS = BASE + 5,
    SCRATCH = BASE + 7,
};

enum {
    ENABLE_RECEIVED = 1,
    FIFO_ENABLE = 1,
    FIFO_TRIGGER_14 = 0xc0, /* the interrupt comes with 14 bytes, or some time after the last one */
    FIFO_WORKS = 0xc0,
    MODEM_DTR_OUT2 = 0x09, /* OUT2 lets the interrupt through */
    MODEM_RTS = 0x02,      /* the other side may send */
    STATUS_RECEIVED = 0x01,
    STATUS_OVERRUN = 0x02, /* a byte came and the FIFO was full; reading clears the bit */
    STATUS_SEND_EMPTY = 0x20,
    STATUS_ALL_SENT = 0x40,
    FIFO_BYTES = 16,
    TRIES = 1000000, /* a port that never gets ready must not stop the machine */
};

static uint32_t burst = 1; /* bytes the transmitter takes when it is empty */
static uint32_t burst_left;
static bool ready;            /* RTS is up */
static volatile bool overrun; /* set by whoever receives, cleared by the server thread */

static uint8_t port_in(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static void port_out(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static void wait_for(uint8_t status)
{
    for (uint32_t i = 0; i < TRIES && (port_in(LINE_STATUS) & status) == 0; i++) {
    }
}

bool uart_init(void)
{
    if (task_ports(BASE, PORTS_LOG2) != OK) {
        return false;
    }
    port_out(SCRATCH, 0x5a);
    if (port_in(SCRATCH) != 0x5a) {
        return false;
    }
    wait_for(STATUS_ALL_SENT); /* what the kernel has written must not get lost */
    port_out(INTERRUPT_ENABLE, 0);
    port_out(INTERRUPT_ID, FIFO_ENABLE | FIFO_TRIGGER_14);
    if ((port_in(INTERRUPT_ID) & FIFO_WORKS) == FIFO_WORKS) {
        burst = FIFO_BYTES;
    }
    port_out(MODEM_CONTROL, MODEM_DTR_OUT2 | MODEM_RTS);
    ready = true;
    return true;
}

void uart_enable_interrupt(void)
{
    port_out(INTERRUPT_ENABLE, ENABLE_RECEIVED);
}

void uart_set_ready(bool now)
{
    if (now != ready) {
        ready = now;
        port_out(MODEM_CONTROL, MODEM_DTR_OUT2 | (now ? MODEM_RTS : 0));
    }
}

uint32_t uart_receive(uint8_t *bytes, uint32_t count)
{
    uint32_t got = 0;
    (void)port_in(INTERRUPT_ID);
    while (got < count) {
        uint8_t status = port_in(LINE_STATUS);
        if ((status & STATUS_OVERRUN) != 0) {
            overrun = true;
        }
        if ((status & STATUS_RECEIVED) == 0) {
            break;
        }
        bytes[got++] = port_in(DATA);
    }
    return got;
}

bool uart_overrun(void)
{
    bool seen = overrun;
    overrun = false;
    return seen;
}

void uart_send(uint8_t byte)
{
    /* The kernel's debugger writes to the port too, but always waits until it is empty. */
    if (burst_left == 0 || (port_in(LINE_STATUS) & STATUS_SEND_EMPTY) != 0) {
        wait_for(STATUS_SEND_EMPTY);
        burst_left = burst;
    }
    ASSERT(burst_left > 0 && burst_left <= FIFO_BYTES);
    burst_left--;
    port_out(DATA, byte);
}
