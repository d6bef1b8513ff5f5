/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/contract.h"

#include "base/assertion.h"
#include "protocol/segmap.h"
#include "room/frame.h"
#include "room/set_aside.h"

static uint32_t pages, slots;
static uint32_t map_pages, map_room; /* that the map may have; of these, not made yet */
static uint32_t tables_promised;     /* frames, beside those that are tables */
static bool awaits_slots, has_map;

void contract_init(void)
{
    pages = slots = map_pages = map_room = tables_promised = 0;
    awaits_slots = has_map = false;
}

/* Frames that have no pages. */
static uint32_t without_pages(void)
{
    return frame_counts.image + frame_counts.tables + tables_promised + frame_counts.quarantined;
}

uint32_t contract_limit(void)
{
    uint32_t fixed = without_pages() + CONTRACT_RESERVE_FRAMES + map_room;
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

/* OK, or `full`; but while slots may yet come nothing is full for good.  Then the driver, which is
 * to bring them, may go into the reserve: others may have got what an earlier one had. */
static enum error promise(enum error full)
{
    uint32_t more = awaits_slots && set_aside_is_open() ? 3 * CONTRACT_RESERVE_FRAMES / 4 : 0;
    if (pages + set_aside_from_me() < contract_limit() + more) {
        return OK;
    }
    return awaits_slots ? ERR_BUSY : full;
}

uint32_t contract_table_room(void)
{
    uint32_t fixed = without_pages() + kept_for_pages();
    return frame_counts.total > fixed ? frame_counts.total - fixed : 0;
}

enum error contract_table(void)
{
    if (contract_table_room() == 0 && !set_aside_is_open()) {
        return ERR_NO_MEMORY;
    }
    return promise(ERR_NO_MEMORY);
}

enum error contract_page(void)
{
    return promise(ERR_NO_ROOM);
}

void contract_promise_tables(uint32_t frames)
{
    tables_promised = frames;
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
    uint32_t part = slots / SEGMAP_SLOTS_PER_PAGE;
    if (has_map && part >= SEGMAP_PAGES_LEAST && part > map_pages) {
        map_room += part - map_pages;
        map_pages = part;
    }
}

void contract_promise_map(bool promise)
{
    has_map = promise;
}

uint32_t contract_map_pages(void)
{
    return map_pages;
}

uint32_t contract_map_pages_made(void)
{
    return map_pages - map_room;
}

void contract_map_page(void)
{
    ASSERT(map_room > 0);
    map_room--;
}

void contract_await_slots(bool await)
{
    awaits_slots = await;
}
