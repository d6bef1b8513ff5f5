/* SPDX-License-Identifier: BSD-2-Clause */
/* The swap driver: which task it is, the disk it brings, the requests it ends, and its own end.
 * The task server names it; it pulls its work itself (transfer.h). */
#pragma once

#include "protocol/error.h"
#include "protocol/swap.h"
#include "ground/types.h"

struct task;

void driver_init(void);
/* The task is the driver from now on; another one before it is gone. */
void driver_set(struct task *t);
bool driver_is(const struct task *t);
/* It announces its disk, after it has reset its devices: page 0 is read, as soon as no request is
 * left of a driver before it; then swap_area.c decides.  ERR_ARGUMENT, ERR_ALREADY,
 * ERR_NO_MEMORY. */
enum error driver_attach(uint32_t disk_pages, uint32_t run_max);
/* It reports a request: `done` pages, from the first on, were moved well; e is OK or ERR_IO.
 * ERR_ARGUMENT: no such request has been sent. */
enum error driver_report(L4_Word_t id, enum error e, uint32_t done);
/* Looks whether a request is overdue: then the driver is asked to reset its devices, and reported
 * broken if that does not help.  To be called every few seconds. */
void driver_look(void);
/* It has ended: all its requests end too, as far as the event's budget goes, and the disk is
 * awaited until another one brings it. */
void driver_gone(void);
/* Goes on with that, and with what waits for its end.  The event loop calls it. */
void driver_abandon_some(void);
