/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map at work: which task is segmap, where its map is, what it is given to do, and
 * which windows are to leave.  physmem never waits for it.
 *
 * While there are more windows than the boot word asm= says, a hand goes over all of them
 * (contents/window.h); those that have not been used since it came by last, and have no page in
 * memory, are stored, and leave.  Without segmap none leaves.  The task server hears that it is
 * needed with the first one that could (NOTICE_SEGMAP), and starts it. */
#pragma once

#include "ground/platform.h"
#include "protocol/error.h"

struct container;
struct place;
struct task;

/* Boot.  windows: how many stay whether used or not. */
void segment_map_init(uint32_t windows);
/* The task is segmap from now on, with the map in that container, which is task 1's.  NULL: there
 * is none any more. */
enum error segment_map_set(struct task *t, struct container *map);
bool segment_map_is(const struct task *t);
bool segment_map_is_there(void);
/* Its task ends; the calls in hand are open again, for the next one. */
void segment_map_gone(void);

/* The place that the address means in segmap. False: it is none of the map. */
bool segment_map_place(L4_Word_t address, struct place *p);
/* SEGMAP_OPEN and SEGMAP_PULL of segmap's. */
void segment_map_open(L4_Word_t *address, L4_Word_t *pages);
enum error segment_map_pull(const struct message *in);

/* The event loop calls it: offers what is wanted, goes on with the hand if this is the first round
 * of the event, and hands calls out. */
void segment_map_step(bool first_round);
/* A window that is wanted finds no memory, so others have to leave as time goes by. */
bool segment_map_wants_tick(void);
