/* SPDX-License-Identifier: BSD-2-Clause */
/* The contract that makes every wait for a frame end.
 *
 * A page is made only against a promise: pages and tables together never exceed the frames and the
 * usable swap slots, less a reserve.  So whoever waits for a frame gets one: either a frame is
 * free, or some page can be evicted.  Each page, in memory or out, is one promise,
 * each table frame takes one frame away.  However much swap there is, an eighth of the frames
 * never become tables: they hold the pages of what runs.
 *
 * The contract counts the promises itself: page.c tells it of each page, slot.c of the usable
 * slots. The pages of the Segment Map are promised before they are made, as soon as there are slots
 * for them, so that no window is kept from leaving for want of room. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

enum { CONTRACT_RESERVE_FRAMES = 16, CONTRACT_PAGES_LEAST = 32 };

void contract_init(void);

/* The most pages that can be promised now, and how many are. */
uint32_t contract_limit(void);
uint32_t contract_promised(void);

/* So many frames more are to become tables some time, and are sure to.  presence.c alone calls
 * this. */
void contract_promise_tables(uint32_t frames);

/* How many more frames may become tables, if no pages are promised meanwhile. */
uint32_t contract_table_room(void);
/* Whether one more frame may become a table, or one more page be made.  OK; ERR_NO_MEMORY for the
 * table and ERR_NO_ROOM for the page; ERR_BUSY: not before the swap disk is there. */
enum error contract_table(void);
enum error contract_page(void);

/* A page exists from now on, or does no longer.  page.c alone calls these.  At the boot pages are
 * made without asking: their frames were in use before physmem ran. */
void contract_page_made(void);
void contract_page_gone(void);

/* Boot: whether there is to be a Segment Map, for which room is promised. */
void contract_promise_map(bool promise);
/* How many pages it may have; 0: there is to be none, or there are too few slots. */
uint32_t contract_map_pages(void);
uint32_t contract_map_pages_made(void);
/* One more is about to be made. */
void contract_map_page(void);

/* So many slots can be written to now.  slot.c alone calls this. */
void contract_set_slots(uint32_t usable);
/* More slots may come, so that what is full now need not stay so.  swap_area.c alone calls this. */
void contract_await_slots(bool await);
