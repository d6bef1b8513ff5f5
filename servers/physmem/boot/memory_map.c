/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/memory_map.h"

/* The frames that lie wholly in bytes low .. high - 1. */
static struct range frames_inside(L4_Word_t low, L4_Word_t high)
{
    frame_t start = low / PAGE_SIZE + (low % PAGE_SIZE != 0);
    return (struct range){start, high / PAGE_SIZE};
}

static uint32_t memdesc_count(const struct kip *kip)
{
    return kip->memory_info & 0xffff;
}

static const struct kip_memdesc *memdesc(const struct kip *kip, uint32_t i)
{
    const char *base = (const char *)kip + (kip->memory_info >> 16);
    return (const struct kip_memdesc *)(const void *)base + i;
}

static bool memdesc_is_conventional(const struct kip_memdesc *d)
{
    return (d->low & 0xf) == MEMDESC_CONVENTIONAL;
}

static struct range memdesc_range(const struct kip_memdesc *d)
{
    L4_Word_t low = d->low & ~0x3ffu, high = (d->high | 0x3ff) + 1;
    if (high == 0) { /* the end of the address space: the last page has no end, and is no memory */
        high = ~(L4_Word_t)(PAGE_SIZE - 1);
    }
    return memdesc_is_conventional(d) ? frames_inside(low, high) : frames_touched(low, high);
}

/* Later descriptors override earlier ones. */
bool frame_is_conventional(const struct kip *kip, frame_t f)
{
    bool conventional = false;
    for (uint32_t i = 0; i < memdesc_count(kip); i++) {
        const struct kip_memdesc *d = memdesc(kip, i);
        if (!(d->low & MEMDESC_VIRTUAL) && in_range(f, memdesc_range(d))) {
            conventional = memdesc_is_conventional(d) || (d->low & 0xff) == MEMDESC_MODULE;
        }
    }
    return conventional;
}

struct range memory_map_loan(const struct kip *kip)
{
    for (uint32_t i = 0; i < memdesc_count(kip); i++) {
        const struct kip_memdesc *d = memdesc(kip, i);
        if ((d->low & 0x2ff) == MEMDESC_LOAN) {
            return memdesc_range(d);
        }
    }
    return (struct range){0, 0};
}

frame_t memory_map_end(const struct kip *kip)
{
    frame_t top = 0;
    for (uint32_t i = 0; i < memdesc_count(kip); i++) {
        const struct kip_memdesc *d = memdesc(kip, i);
        struct range r = memdesc_range(d);
        if (!(d->low & MEMDESC_VIRTUAL) && memdesc_is_conventional(d) && r.end > top) {
            top = r.end;
        }
    }
    return top;
}
