/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole tasks out of memory and back.
 *
 *   IN --start--> GOING_OUT --last page gone--> OUT --INSWAP, or a fault unless held--> IN (working
 *   set on its way)
 *                     `--no slot, dead disk--> IN
 *
 * While a task is not IN its faults are parked and nothing is mapped for it.  Every page that only
 * its containers refer to goes; pages shared with other tasks are only unmapped.  Those that were
 * in memory are marked in the containers (container_working) and read again, clustered, at the
 * inswap. */
#pragma once

#include "protocol/error.h"
#include "ground/types.h"

struct task;

void outswap_init(void);

enum error outswap_start(struct task *t, bool hold);
/* Evicts its designated container; the task stays IN. */
enum error outswap_designated(struct task *t);
/* ERR_ALREADY and ERR_BUSY: it is not out.  If it still is, there is no memory for its presence
 * just now, and the error is of presence_make. */
enum error outswap_wake(struct task *t);
/* Goes on with every task that is on its way, as far as requests and frames allow. */
void outswap_step_all(void);
bool outswap_under_way(void);
