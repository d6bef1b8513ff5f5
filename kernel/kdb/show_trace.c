/* SPDX-License-Identifier: BSD-2-Clause */
/* The trace and the counters on the console. */
#include "arch.h"
#include "console.h"
#include "counters.h"
#include "ia32/clock.h"
#include "show.h"

enum { LINE_BYTES = 160 };

void show_trace(uint32_t last)
{
    char line[LINE_BYTES];
    uint32_t n = trace_count() - (last < trace_count() ? last : trace_count());
    if (trace_count() == 0) {
        console_put_text("no events: the kernel's command line needs the word trace\n");
    }
    for (; n != trace_count(); n++) {
        const struct trace_event *e = trace_find(n);
        if (e) {
            (void)trace_format(line, sizeof(line), n, e);
            console_put_text(line);
            console_put('\n');
        }
    }
}

/* Stamp and clock of one moment, shortly before a dump: the debugger stops the clock. */
static struct {
    uint64_t stamp, us;
} noted;

void trace_note_clocks(void)
{
    noted.stamp = arch_time_stamp();
    noted.us = arch_clock_us();
}

/* The first line has what is needed to turn stamps into time. */
void show_trace_dump(void)
{
    uint64_t start = trace_start_stamp();
    print("trace begin count=%x start=%x%08x stamp=%x%08x us=%x%08x\n", (unsigned)trace_count(),
          (unsigned)(start >> 32), (unsigned)start, (unsigned)(noted.stamp >> 32), (unsigned)noted.stamp,
          (unsigned)(noted.us >> 32), (unsigned)noted.us);
    show_trace(TRACE_EVENTS);
    print("trace end\n");
}

void show_counters(void)
{
    for (unsigned i = 0; i < KDB_COUNTER_COUNT; i++) {
        print("%10u %s\n", (unsigned)counter_value(i), counter_name(i));
    }
}
