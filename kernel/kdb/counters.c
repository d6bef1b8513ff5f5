/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters, and their names for the debugger.  The fast path counts apart from the others, in
 * one word for all of them. */
#include "counters.h"

struct counters counters;
uint32_t counter_fast_ipcs[FAST_KINDS];

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
};

uint32_t counter_value(unsigned index)
{
    assert(index < KDB_COUNTER_COUNT);
    bool in_fast_path = index == KDB_ENTRIES || index == KDB_IPCS || index == KDB_THREAD_SWITCHES;
    uint32_t value = ((const uint32_t *)&counters)[index];
    if (in_fast_path || index == KDB_SPACE_SWITCHES) {
        value += counter_fast_ipcs[FAST_INTER];
    }
    return in_fast_path ? value + counter_fast_ipcs[FAST_INTRA] : value;
}

const char *counter_name(unsigned index)
{
    return names[index];
}
