/* SPDX-License-Identifier: BSD-2-Clause */
/* Room set aside for whoever brings back what others wait for: so many frames, and as many
 * promises.
 *
 * While the swap disk is awaited (swap/swap_area.h), memory may fill up, and nothing can be
 * evicted. Then the driver still has to get what it needs; and so has a segmap that is to come
 * instead of one that has ended.  So frame.c and contract.c leave what is set aside to events that
 * are open: those of messages from the task server, which starts both, and from them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum set_aside_for { SET_ASIDE_FOR_DRIVER, SET_ASIDE_FOR_SEGMAP, SET_ASIDE_PARTS };

void set_aside_init(void);
/* So much from now on. */
void set_aside(enum set_aside_for whom, uint32_t frames);
/* dispatch.c alone calls this, around the message of an event. */
void set_aside_open(bool open);
bool set_aside_is_open(void);
/* What the present event has to leave. */
uint32_t set_aside_from_me(void);
/* How many free frames an allocation that would leave `leave` has to leave, because of what is set
 * aside.  It is all there is to be had for those it is for. */
uint32_t set_aside_leave(uint32_t leave);
