/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/contract.h"

#include "base/assertion.h"
#include "room/frame.h"

static uint32_t pages, slots;

void contract_init(void)
{
    pages = slots = 0;
}

uint32_t contract_limit(void)
{
    uint32_t fixed =
        frame_counts.image + frame_counts.tables + frame_counts.quarantined + CONTRACT_RESERVE_FRAMES;
    uint32_t most = frame_counts.total + slots;
    return most > fixed ? most - fixed : 0;
}

uint32_t contract_promised(void)
{
    return pages;
}

/* Frames that never become tables, however much swap there is: the pages of what runs. */
static uint32_t kept_for_pages(void)
{
    uint32_t part = frame_counts.total / 8;
    return part > CONTRACT_PAGES_LEAST ? part : CONTRACT_PAGES_LEAST;
}

bool contract_table_allowed(void)
{
    uint32_t fixed = frame_counts.image + frame_counts.tables + frame_counts.quarantined;
    return pages < contract_limit() && fixed + kept_for_pages() < frame_counts.total;
}

enum error contract_page(void)
{
    return pages < contract_limit() ? OK : ERR_NO_ROOM;
}

void contract_page_made(void)
{
    pages++;
}

void contract_page_gone(void)
{
    ASSERT(pages > 0);
    pages--;
}

void contract_set_slots(uint32_t usable)
{
    slots = usable;
}
