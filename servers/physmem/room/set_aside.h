/* SPDX-License-Identifier: BSD-2-Clause */
/* Room set aside for whoever brings the swap disk: so many frames, and as many promises.
 *
 * While the disk is awaited (swap/swap_area.h), memory may fill up, and nothing can be evicted.
 * Then the driver still has to get what it needs.  So frame.c and contract.c leave what is set
 * aside to events that are open: those of messages from the task server, which starts the driver,
 * and from the driver itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

void set_aside_init(void);
/* So much from now on. */
void set_aside(uint32_t frames);
/* dispatch.c alone calls this, around the message of an event. */
void set_aside_open(bool open);
bool set_aside_is_open(void);
/* What the present event has to leave. */
uint32_t set_aside_from_me(void);
/* How many free frames an allocation that would leave `leave` has to leave, because of what is set
 * aside.  It is all there is to be had for those it is for. */
uint32_t set_aside_leave(uint32_t leave);
