/* SPDX-License-Identifier: BSD-2-Clause */
/* A message of protocol/task.h while it is served, and who serves it.  Called by main.c only, which
 * has checked the sender and the number of words.  A handler returns the error that goes out as
 * MR1; it checks every word of the message, for the sender may be anybody. */
#pragma once

#include "protocol/error.h"
#include "task_table.h"

enum { REQUEST_IN_MAX = 63, REQUEST_OUT_MAX = 32 };

struct request {
    L4_ThreadId_t sender;
    struct task *task; /* the sender's; running */
    unsigned in_count, out_count;
    L4_Word_t in[REQUEST_IN_MAX];   /* MR1..; behind in_count they are not set */
    L4_Word_t out[REQUEST_OUT_MAX]; /* MR2.. of the reply; nor these behind out_count */
    L4_Fpage_t map;                 /* goes along with the reply as a map item, if not nil */
    bool silent;                    /* there is no reply: the sender is parked, or is no more */
};

/* create.c */
enum error on_create(struct request *r);
/* death.c */
enum error on_exit(struct request *r);
enum error on_kill(struct request *r);
enum error on_debug_kill(struct request *r);
enum error on_wait(struct request *r);
/* on_task.c */
enum error on_info(struct request *r);
enum error on_outswap(struct request *r);
enum error on_inswap(struct request *r);
enum error on_shutdown(struct request *r);
enum error on_debug(struct request *r);
/* on_thread.c */
enum error on_thread_create(struct request *r);
enum error on_thread_delete(struct request *r);
enum error on_phys_addr(struct request *r);
enum error on_interrupt(struct request *r);
/* ports.c */
enum error on_ports(struct request *r);
/* file.c */
enum error on_file(struct request *r);
enum error on_module(struct request *r);
/* name.c */
enum error on_register(struct request *r);
enum error on_lookup(struct request *r);
