/* SPDX-License-Identifier: BSD-2-Clause */
/* How much one event may still do.
 *
 * Work that can be long goes on in pieces: whoever does a piece spends what it costs, and leaves
 * the rest for the next event as soon as the budget is spent.  The event loop then does not wait
 * for a message, it only looks whether one has come (serving/event.h).  So no message waits long
 * for another one's work. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A unit is about a hundred instructions. */
enum {
    BUDGET_EVENT = 300,
    BUDGET_FAULT = 8,     /* a fault that is answered, with its message */
    BUDGET_CALL = 8,      /* a call is handed out to segmap, or its result counted */
    BUDGET_CHECKSUM = 12, /* one page's checksum, or the clearing or copying of a page */
    BUDGET_PLACE = 1,     /* a place of a container is looked at */
    BUDGET_LOOK = 3,      /* some entries of a container, or some frames, are looked at */
    BUDGET_FRAME = 3,     /* a page gets a frame, or loses it */
    BUDGET_COPY = 4,      /* a reference is copied */
    /* A frame is taken from everybody, or its bits are read; and for each place that names its
     * page. */
    BUDGET_UNMAP = 3,
    BUDGET_MAPPING = 1,
    BUDGET_STEP = 60, /* of an Unmap (platform.h) */
    /* What must be left for a batch of frames that are sampled, and for a run of pages that go out.
     * A run costs more, and the event goes on beyond its end for it. */
    BUDGET_BATCH = 150,
    BUDGET_RUN = 230,
};

/* The event loop alone calls this, at the start of each event. */
void budget_start(void);

void budget_spend(uint32_t units);
bool budget_left(void);
/* Whether so much is left.  If not, what is left is spent: the rest is for the next event. */
bool budget_allows(uint32_t units);
