/* SPDX-License-Identifier: BSD-2-Clause */
/* The stop watch (bench.h): ticks, kernel entries, space switches, flushes. */
#include "base/format.h"
#include "bench.h"

struct watch watch;

static L4_Word_t flush_count(void)
{
    return L4_KDB_Counter(KDB_SPACE_SWITCHES) + L4_KDB_Counter(KDB_FULL_FLUSHES) +
           L4_KDB_Counter(KDB_PAGE_FLUSHES);
}

/* Each read of a counter is one entry itself, so the entries are read last here and first there,
 * where the read shows as one. */
void watch_start_counters(void)
{
    watch.flushes -= flush_count();
    watch.switches -= L4_KDB_Counter(KDB_SPACE_SWITCHES);
    watch.entries -= L4_KDB_Counter(KDB_ENTRIES);
}

void watch_stop_counters(void)
{
    watch.entries += L4_KDB_Counter(KDB_ENTRIES) - 1;
    watch.switches += L4_KDB_Counter(KDB_SPACE_SWITCHES);
    watch.flushes += flush_count();
}

void print_figure(const char *name, const char *what, L4_Word_t value, const char *unit)
{
    char line[80];
    format(line, sizeof(line), "bench %s%s %u %s\n", name, what, (unsigned)value, unit);
    L4_KDB_PrintString(line);
}

void watch_report(const char *name, unsigned count)
{
    print_figure(name, "", watch.ticks / count, "instructions");
    print_figure(name, "_entries", watch.entries / count, "entries");
    print_figure(name, "_switches", watch.switches / count, "switches");
    print_figure(name, "_flushes", watch.flushes / count, "flushes");
    watch = (struct watch){0};
}

void fail(const char *what)
{
    char line[80];
    format(line, sizeof(line), "bench-kernel: %s failed, error %u\n", what, (unsigned)L4_ErrorCode());
    L4_KDB_PrintString(line);
    end_machine(1);
}
