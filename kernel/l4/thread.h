/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads by number, and ThreadControl. */
#pragma once

#include "space.h"
#include "tcb.h"

enum {
    SYSTEM_BASE = 16, /* thread numbers below are interrupt lines */
    USER_BASE_NO = 48,
    L4_NUMBER_BITS = 32 - L4_VERSION_BITS, /* what an id can hold */
    THREAD_NUMBER_BITS = 17,               /* what may be used */
    THREAD_COUNT = 1 << THREAD_NUMBER_BITS,
};

/* Before any other use of threads. */
void thread_init(void);

/* What stands in the place of a thread number: never NULL, maybe an INACTIVE dummy, maybe a thread with another
 * version, so compare global_id. */
enum { THREAD_LEAF_BITS = 10 };
extern struct tcb **thread_leaves[1 << (L4_NUMBER_BITS - THREAD_LEAF_BITS)];
static inline struct tcb *thread_slot(word_t global_id)
{
    word_t number = global_id >> L4_VERSION_BITS;
    return thread_leaves[number >> THREAD_LEAF_BITS][number & ((1 << THREAD_LEAF_BITS) - 1)];
}

/* The same for a local id: quickly, if its UTCB is in the first page of the UTCB area.  Never NULL; compare local_id and
 * space, for the id in a UTCB is user memory. */
static inline struct tcb *thread_slot_local(const struct space *space, word_t local_id)
{
    word_t offset = local_id - space->utcb_base;
    const word_t *utcb = (const word_t *)(const void *)(space->utcb_page + offset);
    return thread_slot(offset < PAGE_BYTES ? utcb[UTCB_MY_GLOBAL_ID] : 0);
}

/* The TCB with exactly this global id, active or not; NULL otherwise.  Not interrupt ids. */
struct tcb *thread_find(word_t global_id);

/* The thread that id (local or global) means to caller, active or not; NULL otherwise.  Not interrupt ids. */
struct tcb *thread_find_any(struct tcb *caller, word_t id);

/* The active thread (or associated interrupt line) that id means to t: global or local form. */
struct tcb *thread_resolve(struct tcb *t, word_t id);

/* X.2 ThreadControl.  0, or an error code. */
word_t thread_control(struct tcb *caller, word_t dest, word_t space_spec, word_t scheduler, word_t pager,
                      word_t utcb_location);

/* ThreadControl with nilthread as space. */
word_t thread_delete(struct tcb *caller, word_t dest, word_t pager);

/* Makes and activates a thread of the boot: running at ip without a start message. */
struct tcb *thread_boot(word_t number, struct space *space, word_t pager, word_t scheduler, word_t ip,
                        word_t sp);

void thread_set_halted(struct tcb *t, bool halted);

extern struct space *root_space;

size_t thread_count(void);
size_t thread_check(void); /* number of violations over all threads */
