/* SPDX-License-Identifier: BSD-2-Clause */
#include "kip_page.h"

#include "thread.h"

#include <string.h>

enum {
    PROC_DESC_OFFSET = 0x120,
    KERNEL_DESC_OFFSET = 0x130,
    MEMORY_DESC_OFFSET = 0x180,
    MEMORY_DESC_MAX = 64,
    STUBS_OFFSET = 0x400, /* the system-call stubs of ia32/entry.S come here */
    API_VERSION = 0x84050000,
    KERNEL_ID = 0x50 << 24,
    GENERATION = 26 << 9 | 11 << 5 | 21,
    UTCB_ALIGN_LOG2 = 9,
};

_Static_assert(MEMORY_DESC_OFFSET + MEMORY_DESC_MAX * sizeof(struct kip_memdesc) <= STUBS_OFFSET,
               "memory descriptors end before the stubs");

static union {
    struct kip kip;
    char bytes[PAGE_BYTES];
} page SEALED_PAGES;

struct kip *kip_page(void)
{
    return &page.kip;
}

void kip_add_memory(word_t type, uint64_t start, uint64_t end)
{
    word_t n = page.kip.memory_info & 0xffff;
    if (n == MEMORY_DESC_MAX || start >= end) {
        return;
    }
    struct kip_memdesc *d = (struct kip_memdesc *)(void *)(page.bytes + MEMORY_DESC_OFFSET) + n;
    d->low = (word_t)(start & ~0x3ffull) | type;
    d->high = (word_t)((end - 1) & ~0x3ffull);
    page.kip.memory_info++;
}

static void kernel_descriptor(void)
{
    word_t *d = (word_t *)(void *)(page.bytes + KERNEL_DESC_OFFSET);
    d[0] = KERNEL_ID;
    d[1] = GENERATION;
    d[2] = 1u << 16; /* version 0.1.0 */
    memcpy(&d[3], "PiFi", 4);
    /* version string, then an empty list of features (interface.md 2.3: clients misread any
     * other) */
    memcpy(&d[4], "Pilotfish 0.1\0", 15);
}

void kip_init(word_t processor_khz)
{
    struct kip *k = &page.kip;
    assert(k->memory_info == 0);
    k->magic = KIP_MAGIC;
    k->api_version = API_VERSION;
    k->kernel_desc = KERNEL_DESC_OFFSET;
    k->memory_info = (word_t)MEMORY_DESC_OFFSET << 16;
    k->utcb_info = PAGE_BITS << 16 | UTCB_ALIGN_LOG2 << 10 | 1;
    k->kip_area_info = PAGE_BITS;
    k->proc_desc = PROC_DESC_OFFSET;
    k->clock_info = 0;
    k->thread_info = (word_t)USER_BASE_NO << 20 | SYSTEM_BASE << 8 | THREAD_NUMBER_BITS;
    k->page_info = 1u << PAGE_BITS | L4_ReadWriteOnly;
    k->processor_info = 4u << 28;
    ((word_t *)(void *)(page.bytes + PROC_DESC_OFFSET))[1] = processor_khz;
    kernel_descriptor();
}
