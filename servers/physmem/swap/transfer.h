/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests to the swap driver, which pulls them one by one and reports each one's end, in any
 * order.
 *
 * A request is free, queued (in the order of the queue), or sent; ids carry a generation, so that a
 * late or second report matches nothing.  The table is static: nothing on the way out needs memory.
 * Some places are kept for reads and some for writes, so that neither kind can stop the other. */
#pragma once

#include "base/list.h"
#include "protocol/error.h"
#include "protocol/swap.h"
#include "ground/platform.h"
#include "ground/types.h"

struct task;

enum request_state { REQUEST_FREE = 0, REQUEST_QUEUED, REQUEST_SENT };

struct request {
    enum request_state state;
    enum swap_op op;
    L4_Word_t id;
    struct list link; /* of those that are free, or of those queued of its kind; SENT: of none */
    uint32_t since;   /* SENT: when (clock_now) */
    slot_t first;
    uint32_t slots;       /* as many as pages, or twice as many: then the pages again */
    uint32_t count;       /* of pages */
    bool lent;            /* the driver may have the frames mapped */
    frame_t header_frame; /* reads the disk's first page instead of pages */
    struct task *outswap;
    frame_t frames[SWAP_RUN_MAX];
};

enum { REQUESTS_MAX = 24, REQUESTS_KEPT = 4 };

void transfer_init(void);
bool transfer_has_room(enum swap_op op);
/* Requests under way for the outswap of t. */
uint32_t transfer_outswap(const struct task *t);
/* Pages one behind the other on the disk, all READING or all WRITING.  There is room.  If they are
 * written twice, their second slots are those behind the last one's first. */
void transfer_submit(enum swap_op op, const frame_t *frames, uint32_t count, struct task *outswap);
void transfer_submit_header(frame_t f);

/* That thread of the driver waits for work from now on; it waits no longer, because it has sent
 * something else. */
void transfer_pull(L4_ThreadId_t driver);
/* The same for one that is idle: it gets the next request before one that has pulled.  To be
 * called only when none is under way. */
void transfer_work(L4_ThreadId_t driver);
bool transfer_is_under_way(void); /* some have been sent */
void transfer_supersede(L4_ThreadId_t driver);
/* Hands the first queued request to a waiting driver: reads go before writes, each kind in its
 * order.  Its next pull gets the request if it does not wait after all. */
void transfer_kick(void);
/* Tests: nothing is handed out for so many ticks from now on; 0 ends that.  What is queued stays
 * so. */
void transfer_hold(uint32_t ticks);
bool transfer_is_held(void);

/* For how long the request that was sent first has been under way; 0 if there is none. */
uint32_t transfer_age(void);
/* Asks a driver that pulls to reset its devices; nothing happens if it does not pull. */
void transfer_ask_reset(void);

/* A driver without DMA maps the frames of that request.  NULL: no such request has been sent;
 * otherwise its frames are taken back from the driver before anything else is done with the
 * request. */
const struct request *transfer_lend(L4_Word_t id);
/* The frame for the request's i-th slot. */
frame_t transfer_frame(const struct request *r, uint32_t i);

/* The driver reports that request.  NULL: no such request has been sent, the report is counted as
 * dropped.  The request is free now; what is returned says what it was, until the next one is
 * submitted. */
const struct request *transfer_end(L4_Word_t id);
/* How many requests have ended so since the boot; goes round. */
uint32_t transfer_ended(void);
/* The driver is gone: none of its threads waits any more. */
void transfer_forget_driver(void);
/* The same: frees one request after the other, NULL behind the last one.  *sent: its device may
 * still be at work on it. */
const struct request *transfer_abandon(bool *sent);

/* The task is going: its requests stay, nobody asks for them. */
void transfer_forget_task(const struct task *t);
uint32_t transfer_pages_writing(void);
bool transfer_is_idle(void);
/* For check.c: each request in use, NULL for a free one. */
const struct request *transfer_request(uint32_t index);
