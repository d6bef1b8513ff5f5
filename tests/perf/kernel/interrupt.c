/* SPDX-License-Identifier: BSD-2-Clause */
/* From an interrupt to its handler. */
#include "interrupt.h"

#include "bench.h"

enum {
    LINE = 4,
    PORT = 0x3f8,
    ENABLE = PORT + 1,
    IDENTIFY = PORT + 2,
    MODEM = PORT + 4,
    TRANSMITTER_EMPTY = 2,
    LINE_ON = 0xb,
    HANDLER_PRIORITY = 200,
};

static volatile L4_Word_t handled; /* since the last command */

static L4_ThreadId_t line(void)
{
    return L4_GlobalId(LINE, 1);
}

static void out8(unsigned short port, unsigned char value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void quiet(void)
{
    unsigned char value;
    out8(ENABLE, 0);
    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"((unsigned short)IDENTIFY));
}

/* The acknowledgement is outside of what the watch counts: from its return on the next interrupt is
 * waited for. */
void interrupt_handle(L4_ThreadId_t from, L4_Word_t count)
{
    L4_MsgTag_t tag = L4_Ipc(from, line(), L4_Timeouts(L4_ZeroTime, L4_Never), L4_MsgTag(0, 0, 0), 0);
    for (L4_Word_t i = 0; i < count; i++) {
        watch_stop();
        require(L4_Label(tag) == L4_LABEL_INTERRUPT, "interrupt");
        handled++;
        L4_ThreadId_t next = i + 1 < count ? line() : from;
        tag = L4_Ipc(line(), next, L4_Timeouts(L4_Never, L4_Never), L4_MsgTag(0, 0, 0), 0);
    }
}

/* The watch starts with the instruction behind the one that raises the line. */
void interrupt_trigger(L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        watch_start_counters();
        __asm__ volatile("rdtsc\n\t"
                         "subl %%eax, %0\n\t"
                         "movw %1, %%dx\n\t"
                         "movb %2, %%al\n\t"
                         "outb %%al, %%dx"
                         : "+m"(watch.ticks)
                         : "i"(ENABLE), "i"(TRANSMITTER_EMPTY)
                         : "eax", "edx", "memory", "cc");
        watch.ticks -= 4;
        /* Until the handler's pages are there its faults let this thread go on. */
        while (handled <= i) {
            L4_Yield();
        }
        quiet();
    }
}

static void run(L4_Word_t count)
{
    handled = 0; /* also: so that partner can get the page from here */
    command(partner, COMMAND_HANDLE, 1, &count);
    watch = (struct watch){0};
    command(peer, COMMAND_TRIGGER, 1, &count);
    command(partner, COMMAND_ECHO, 0, 0); /* which ends COMMAND_HANDLE */
}

void bench_interrupt(void)
{
    require(L4_Set_Priority(partner, HANDLER_PRIORITY), "priority");
    require(L4_ThreadControl(line(), line(), L4_nilthread, partner, ~0u), "association");
    out8(MODEM, LINE_ON);
    quiet();
    run(1); /* warm-up */
    run(ROUNDS);
    watch_report("irq_to_handler", ROUNDS);
    require(L4_ThreadControl(line(), line(), L4_nilthread, line(), ~0u), "release");
}
