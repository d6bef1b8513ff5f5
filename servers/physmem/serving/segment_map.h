/* SPDX-License-Identifier: BSD-2-Clause */
/* The Segment Map at work: which task is segmap, where its map is, what it is given to do, and
 * which windows are to leave.  physmem never waits for it.
 *
 * While there are more windows than a bound, a hand goes over all of them (contents/window.h);
 * those that have not been used since it came by last, and have no page in memory, are stored, and
 * leave.  Without segmap none leaves.  The task server hears that it is needed (NOTICE_SEGMAP) when
 * there are half as many, while there is memory to start it. */
#pragma once

#include "ground/platform.h"
#include "protocol/error.h"

struct container;
struct place;
struct task;

/* Boot.  windows: how many stay whether used or not; 0: all. */
void segment_map_init(uint32_t windows);
/* The task is segmap from now on, with the map in that container, which is task 1's and for whose
 * pages room is promised.  NULL: there is none any more.  ERR_ALREADY: another task is. */
enum error segment_map_set(struct task *t, struct container *map);
bool segment_map_is(const struct task *t);
bool segment_map_is_there(void);
/* How many windows stay; 0: all, for nothing else was asked for, or the swap disk is small. */
uint32_t segment_map_windows_stay(void);
/* What is set aside is for this task (room/set_aside.h): it is segmap, the swap driver, or the task
 * server, which starts them. */
bool segment_map_set_aside_for(const struct task *t);
/* Its task ends; the calls in hand are open again, for the next one. */
void segment_map_gone(void);

/* The place that the address means in segmap. False: it is none of the map. */
bool segment_map_place(L4_Word_t address, struct place *p);
/* SEGMAP_OPEN and SEGMAP_PULL of segmap's. */
void segment_map_open(L4_Word_t *address, L4_Word_t *pages);
enum error segment_map_pull(const struct message *in);

/* The event loop calls it: makes the map's windows, which never leave; offers what is wanted, goes
 * on with the hand if this is the first round of the event, and hands calls out. */
void segment_map_step(bool first_round);
/* Said by the last step: a window that is wanted finds no memory, so others have to leave as time
 * goes by; or it is too early for calls that are open. */
extern bool segment_map_wants_tick;
