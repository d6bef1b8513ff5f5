/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread table: from thread numbers and ids to TCBs.
 *
 * It has two levels and holds no NULL, so that a lookup is two loads and one comparison of ids.  A
 * number without a thread has `thread_nobody' in its place, a TCB that is INACTIVE for ever and has
 * the id 0.  A leaf of 1024 numbers appears when the first of them is used, and stays; numbers
 * whose leaf is not there yet share one leaf of nobodies.
 *
 * Invariant: the place of a number holds nobody, or the one TCB whose global_id has that number.
 * Who looks a thread up compares the whole id, because the thread that is there may have another
 * version.
 *
 * Every part of the kernel may look threads up.  Only thread.c changes the table. */
#pragma once

#include "space.h"
#include "tcb.h"

enum {
    SYSTEM_BASE = 16, /* thread numbers below are interrupt lines */
    USER_BASE_NO = 48,
    L4_NUMBER_BITS = 32 - L4_VERSION_BITS, /* what an id can hold */
    THREAD_NUMBER_BITS = 17,               /* what may be used */
    THREAD_COUNT = 1 << THREAD_NUMBER_BITS,
    THREAD_LEAF_BITS = 10,
    THREAD_LEAF_ENTRIES = 1 << THREAD_LEAF_BITS,
    THREAD_LEAVES = 1 << (L4_NUMBER_BITS - THREAD_LEAF_BITS),
};

/* For the inline functions below alone. */
extern struct tcb **thread_leaves[THREAD_LEAVES];
extern struct tcb *thread_empty_leaf[THREAD_LEAF_ENTRIES];
extern struct tcb thread_nobody;
RARE bool thread_leaf_make(struct tcb ***leaf);

/* Comes before any other use of threads. */
void thread_table_init(void);

static inline struct tcb **thread_place(word_t global_id)
{
    word_t number = global_id >> L4_VERSION_BITS;
    return &thread_leaves[number >> THREAD_LEAF_BITS][number & (THREAD_LEAF_ENTRIES - 1)];
}

/* The place for a new thread, with its leaf.  false: there is no kernel memory for the leaf. */
static inline bool thread_place_make(word_t global_id, struct tcb ***place)
{
    struct tcb ***leaf = &thread_leaves[global_id >> (L4_VERSION_BITS + THREAD_LEAF_BITS)];
    if (*leaf == thread_empty_leaf && !thread_leaf_make(leaf)) {
        return false;
    }
    *place = thread_place(global_id);
    debug_assert(*leaf != thread_empty_leaf);
    return true;
}

/* What stands in the place of a thread number: never NULL, but it may be nobody, or a thread with
 * another version. */
static inline struct tcb *thread_slot(word_t global_id)
{
    return *thread_place(global_id);
}

/* The same for a local id: quickly, if its UTCB is in the first page of the UTCB area.  Never
 * NULL.  The caller compares local_id and space, because the id in a UTCB is user memory. */
static inline struct tcb *thread_slot_local(const struct space *space, word_t local_id)
{
    word_t offset = local_id - space->utcb_base;
    const word_t *utcb = (const word_t *)(const void *)(space->utcb_page + offset);
    return thread_slot(offset < PAGE_BYTES ? utcb[UTCB_MY_GLOBAL_ID] : 0);
}

/* The thread with exactly this global id, active or not.  NULL: there is none, or the id is that of
 * an interrupt line. */
static inline struct tcb *thread_find(word_t global_id)
{
    struct tcb *t = thread_slot(global_id);
    return t->global_id == global_id && t != &thread_nobody ? t : NULL;
}

/* The active thread of this space with exactly this local id.  NULL: there is none. */
struct tcb *thread_find_local(const struct space *space, word_t local_id);

/* The thread that an id (local or global) means to caller, active or not.  NULL: there is none, or
 * the id is that of an interrupt line. */
static inline struct tcb *thread_find_any(const struct tcb *caller, word_t id)
{
    return tcb_id_is_local(id) ? thread_find_local(caller->space, id) : thread_find(id);
}

/* The active thread, or the interrupt line, that an id (local or global) means to t.  NULL: there
 * is none. */
struct tcb *thread_resolve(const struct tcb *t, word_t id);
