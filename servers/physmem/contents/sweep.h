/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over all pages of a task that go on from event to event (struct sweep in presence.h). */
#pragma once

#include "ground/types.h"

struct container;
struct task;

enum swept {
    SWEPT_PAGE, /* a page: *c, *page is the place */
    SWEPT_MORE, /* the event's budget is spent */
    SWEPT_ALL,  /* every place has been looked at */
};

void sweep_start(struct task *t);
/* Goes on with the next container. */
void sweep_to_next(struct task *t);
/* Goes on to the next place that refers to a page, and behind it. */
enum swept sweep_next(struct task *t, struct container **c, uint32_t *page);
