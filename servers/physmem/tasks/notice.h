/* SPDX-License-Identifier: BSD-2-Clause */
/* What the task server has to hear: kept with the tasks themselves (tasks/presence.h), so that
 * it is never lost; handed out when it pulls. */
#pragma once

#include "ground/platform.h"
#include "protocol/physmem.h"

struct task;

void notice_init(void);
/* False: there is no memory for it just now, because the task is out. */
bool notice_broken(struct task *t, L4_ThreadId_t thread, L4_Word_t address, enum error why, L4_Word_t ip);
/* NOTICE_OUT (error: the outswap failed and the task is in memory) or NOTICE_IN. */
void notice_moved(struct task *t, enum physmem_notice kind, enum error e);

/* There is to be a segmap (serving/segment_map.h). */
void notice_segmap_needed(void);

void notice_pull(L4_ThreadId_t puller);
void notice_supersede(L4_ThreadId_t puller);
/* Answers the pull if there is something to tell. */
void notice_flush(void);
