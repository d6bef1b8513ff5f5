/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows that are away: the Segment Map has their records (protocol/segmap.h), and physmem knows
 * only that they are away, by a bit of their group, and what all of a container's come to.
 *
 *   here     ENTRY of each page                     leaves: no page of it is in memory, it has not
 *                                                   been used for a while, its record is stored
 *   away     ENTRY_AWAY; nobody has it mapped       returns: somebody waits for it
 *
 * What is in transit, wired or mapped is in a frame, so it is of a window that is here.  The record
 * of a window that is here is out of date.  A container that ends drops the records of those that
 * are away, which frees what they name, and then has all others of its records forgotten. */
#pragma once

#include "contents/container.h"
#include "segmap_calls/segmap_calls.h"

extern struct segmap_calls away_calls;
/* Slots named by windows that are away, and how often they name shared records; containers that are
 * left behind. */
struct away_totals {
    uint32_t slots, shared, left;
};
extern struct away_totals away_totals;

/* `hooks` are those of below, and what those above do about who waits. */
void away_init(const struct segmap_hooks *hooks);

/* ---- for whoever needs a window ---- */

/* Something at that place is not there just now.  If it is the window, for it is away, opens its
 * LOOKUP, and away_missed tells.  Returns ERR_BUSY. */
enum error away_miss(const struct container *c, uint32_t page);
/* Takes what has been missed last, if that was in this event. */
bool away_missed(struct place *p);
void away_forget_missed(void);
/* It is of the window that was missed last: somebody may ask again and again. */
bool away_is_polled(const struct place *p);
/* The place's window is away, and is not about to be dropped. */
bool away_can_come(const struct place *p);
/* Opens its LOOKUP then.  Whether there is a place for one more. */
bool away_look_up(const struct place *p);
bool away_has_place(enum open_kind kind);
/* One has found none, or has ended in vain: whoever waits has to open it again.  Who sees to that
 * clears it. */
extern bool away_forgetful;
struct place away_place(struct window_key key);
/* Opens LOOKUPs for some of the container's windows that have pages of the working set, of which
 * `page` is the first: its task comes in.  False: there is no segmap just now. */
bool away_expect(struct container *c, uint32_t page);
/* There is one, and no place for one more LOOKUP: the end of one is told as progress. */
bool away_is_busy(void);
/* It is one of those that were expected last. */
bool away_is_expected(const struct place *p);
/* It cannot be had. */
void away_expect_no_more(const struct place *p);

/* Whether there is a segmap. */
void away_set_served(bool is);

/* ---- leaving ---- */

/* It could leave, were its record stored. */
bool away_may_leave(const struct window *w);
void away_store(const struct window *w);

/* ---- a container that ends ---- */

/* Something of it is left in the map, or may be. */
bool away_is_left(const struct container *c);
/* Nothing else is left of it, no handle either.  Its owner pays for it until that has gone, even
 * if he has ended; but whoever ends it need not wait. */
void away_leave_behind(struct container *c);
/* Goes on with those: offers DROPs, and destroys what nothing is left of. */
void away_end_some(void);
void away_forget_container(const struct container *c);

/* ---- hooks (segmap_calls.h) ---- */

bool away_set_aside(struct window_key key);
void away_put_back(struct window_key key);
bool away_record(struct window_key key, struct window_record *r);
/* False: it makes no sense, and the window stays away. */
bool away_add(const struct window_record *r);
void away_stored(struct window_key key, uint32_t version);
void away_refused(struct window_key key, uint32_t version);
void away_dropped(uint32_t container, uint32_t first, uint32_t end);
void away_forgotten(uint32_t container);
void away_freed(uint32_t container, const uint32_t *entries, uint32_t count);
