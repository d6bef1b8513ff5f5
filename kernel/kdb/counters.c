/* SPDX-License-Identifier: BSD-2-Clause */
#include "counters.h"

struct counters counters;

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
    return ((const uint32_t *)&counters)[index];
}

const char *counter_name(unsigned index)
{
    return names[index];
}
