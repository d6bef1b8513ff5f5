/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated kernel's memory (physmem_sim.h). */
#include "physmem_sim.h"

uint32_t sim_kernel_free = 1000, sim_kernel_pages;

/* Its page tables, each with its entries, and nodes. */
enum { TABLE_BITS = 22, NODES = 256 /* in a page */ };
static uint16_t entries_of[SIM_TASKS][1 << (32 - TABLE_BITS)];
static uint32_t tables, mappings;

/* What it has for mappings: page tables, and pages of nodes. */
static uint32_t cache_pages(void)
{
    return tables + (mappings + NODES - 1) / NODES;
}

void sim_kernel_count(L4_Word_t task, L4_Word_t address, bool added)
{
    uint16_t *entries = &entries_of[task][address >> TABLE_BITS];
    *entries = added ? *entries + 1 : *entries - 1;
    tables = added ? tables + (*entries == 1) : tables - (*entries == 0);
    mappings = added ? mappings + 1 : mappings - 1;
}

bool sim_kernel_can_map(L4_Word_t task, L4_Word_t address)
{
    frame_t frame;
    uint32_t tables_more = entries_of[task][address >> TABLE_BITS] == 0;
    uint32_t needs = tables_more + (mappings % NODES == 0);
    return sim_kernel_pages == 0 || sim_mapping(task, address, &frame) != 0 ||
           needs <= platform_kernel_for_mappings();
}

uint32_t platform_kernel_for_mappings(void)
{
    uint32_t cached = cache_pages();
    return sim_kernel_pages == 0       ? sim_kernel_free
           : sim_kernel_pages > cached ? sim_kernel_pages - cached
                                       : 0;
}

/* What is cached counts as what is kept for mappings (kernel/l4/kmem.h). */
uint32_t platform_kernel_free(void)
{
    enum { FOR_MAPPINGS = 7 };
    uint32_t free = platform_kernel_for_mappings(), cached = cache_pages();
    uint32_t kept = sim_kernel_pages > 0 && cached < FOR_MAPPINGS ? FOR_MAPPINGS - cached : 0;
    return free > kept ? free - kept : 0;
}

bool platform_lend(frame_t f)
{
    SIM_CHECK(!sim_frame_is_mapped(f));
    if (f < 0x100 || sim_kernel_pages > 0) { /* below 1 MiB: it does not want them */
        return false;
    }
    sim_kernel_free++;
    return true;
}

bool platform_reclaim(frame_t f)
{
    SIM_CHECK(!sim_frame_is_mapped(f));
    if (sim_kernel_free == 0 || f % 4 == 0) { /* some are in use */
        return false;
    }
    sim_kernel_free--;
    return true;
}
