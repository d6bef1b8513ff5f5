/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters, and their names for the debugger.  The fast path counts apart from the others, in
 * one word for all of them. */
#include "counters.h"

struct counters counters;
uint32_t counter_fast_ipcs[FAST_KINDS], counter_plain_ipcs;

static const char *const names[KDB_COUNTER_COUNT] = {
    [KDB_ENTRIES] = "kernel entries",
    [KDB_IPCS] = "messages",
    [KDB_FAULTS] = "page faults",
    [KDB_EXCEPTIONS] = "other exceptions",
    [KDB_INTERRUPTS] = "interrupts without timer",
    [KDB_THREAD_SWITCHES] = "thread switches",
    [KDB_SPACE_SWITCHES] = "space switches",
    [KDB_FULL_FLUSHES] = "other TLB flushes",
    [KDB_PAGE_FLUSHES] = "TLB entries flushed",
    [KDB_MAPS] = "pages mapped",
    [KDB_UNMAPS] = "mappings removed",
    [KDB_FAST_IPCS] = "messages on the fast path",
    [KDB_PLAIN_IPCS] = "messages on plain paths",
};

uint32_t counter_value(unsigned index)
{
    uint32_t inter = counter_fast_ipcs[FAST_INTER], fast = inter + counter_fast_ipcs[FAST_INTRA];
    assert(index < KDB_COUNTER_COUNT);
    switch (index) {
    case KDB_ENTRIES:
        return counters.entries + fast;
    case KDB_IPCS:
        return counters.ipcs + counter_plain_ipcs + fast;
    case KDB_THREAD_SWITCHES:
        return counters.thread_switches + fast;
    case KDB_SPACE_SWITCHES:
        return counters.space_switches + inter;
    case KDB_FAST_IPCS:
        return fast;
    case KDB_PLAIN_IPCS:
        return counter_plain_ipcs;
    default:
        return ((const uint32_t *)&counters)[index];
    }
}

const char *counter_name(unsigned index)
{
    return names[index];
}
