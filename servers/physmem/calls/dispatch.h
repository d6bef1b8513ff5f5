/* SPDX-License-Identifier: BSD-2-Clause */
/* One message in, at most one reply out.  Everything a sender can say goes through here and is
 * checked here or in the calls; nothing of it may do harm to anybody else. */
#pragma once

#include "contents/container.h"
#include "ground/platform.h"
#include "protocol/error.h"

struct task;

/* A call being served.  The handler fills reply->mr[2] ..; reply->words stands at 1. */
struct call {
    struct task *task;        /* the sender's */
    const struct message *in; /* mr[1] .. as many words as the table says */
    struct message *reply;
    bool parked;       /* no reply now */
    bool wants_frame;  /* ERR_BUSY is for want of a free frame, and nothing has been done */
    bool wants_window; /* ERR_BUSY is because the window of `missed` is away; so far likewise */
    struct place missed;
};

typedef enum error (*call_handler)(struct call *c);

/* Boot. */
void dispatch_init(void);
/* main.c alone calls these.  Handles a message and goes on with whatever it makes possible.
 * True: *reply is to be sent to in->from, with a zero time-out, before anything else happens: map
 * items in it are those of pages that are in memory now. */
bool dispatch(const struct message *in, struct message *reply);
/* That could not be done, and this is why. */
void dispatch_failure(const struct message *reply, enum reply_result why);
/* The receive timed out: goes on with what may go on because time has passed, or with what the
 * event before left for want of budget. */
void dispatch_tick(void);

/* Puts one more result into the reply. */
static inline void call_result(struct call *c, L4_Word_t word)
{
    c->reply->mr[++c->reply->words] = word;
}

/* container_calls.c */
enum error call_create(struct call *c);
enum error call_destroy(struct call *c);
enum error call_close(struct call *c);
enum error call_share(struct call *c);
enum error call_copy(struct call *c);
enum error call_zero(struct call *c);
enum error call_punch(struct call *c);
enum error call_stat(struct call *c);
enum error call_map(struct call *c);

/* fault_calls.c.  True: *reply is the answer. */
bool on_kernel_fault(struct task *t, const struct message *in, struct message *reply);
bool on_forward(struct task *t, const struct message *in, struct message *reply);
enum error call_ask(struct call *c);
enum error call_forget_range(struct call *c);
enum error call_forget_thread(struct call *c);

/* task_calls.c: the task server's */
enum error call_task_new(struct call *c);
enum error call_task_delete(struct call *c);
enum error call_wire(struct call *c);
enum error call_set_driver(struct call *c);
enum error call_module(struct call *c);
enum error call_notice_pull(struct call *c);
enum error call_outswap(struct call *c);
enum error call_inswap(struct call *c);
enum error call_phys_addr(struct call *c);
enum error call_check(struct call *c);
enum error call_damage(struct call *c);
enum error call_evict(struct call *c);
enum error call_hold(struct call *c);
enum error call_ports(struct call *c);
enum error call_set_segmap(struct call *c);

/* info_calls.c */
enum error call_memory_info(struct call *c);
enum error call_kernel_memory(struct call *c);
enum error call_task_info(struct call *c);

/* segmap's */
enum error call_segmap_open(struct call *c);
enum error call_segmap_pull(struct call *c);

/* swap_calls.c: the driver's */
enum error call_attach(struct call *c);
enum error call_keep(struct call *c);
enum error call_no_disk(struct call *c);
enum error call_pull(struct call *c);
enum error call_bounce_map(struct call *c);
enum error call_done(struct call *c);
enum error call_next(struct call *c);
