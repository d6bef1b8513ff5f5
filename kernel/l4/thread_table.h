/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread table: from thread numbers and ids to TCBs.
 *
 * It is one array and holds no NULL, so that a lookup is one load and one comparison of ids.  A
 * number without a thread has `thread_nobody' in its place, a TCB that is INACTIVE for ever and has
 * the id 0.  The array has a place for each number that an id can hold, 1 MiB, but only addresses
 * for most of them: a leaf of 1024 numbers is a page of its own while there are threads among them,
 * charged to the root task, whose calls choose the numbers; all other leaves show one page of
 * nobodies.
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
    SIGMA0_ID = USER_BASE_NO << L4_VERSION_BITS | 1, /* of its first thread */
    L4_NUMBER_BITS = 32 - L4_VERSION_BITS,           /* what an id can hold */
    THREAD_NUMBER_BITS = 17,                         /* what may be used */
    THREAD_COUNT = 1 << THREAD_NUMBER_BITS,
    THREAD_LEAF_BITS = 10,
    THREAD_LEAF_ENTRIES = 1 << THREAD_LEAF_BITS,
    THREAD_LEAVES = THREAD_COUNT >> THREAD_LEAF_BITS, /* that can hold threads */
};

/* For the functions here and arch.h alone. */
extern struct tcb *thread_table[1 << L4_NUMBER_BITS];
extern struct tcb thread_nobody;
struct thread_leaf {
    void *page;      /* NULL: the one of nobodies */
    uint32_t in_use; /* threads */
};
extern struct thread_leaf thread_leaves[THREAD_LEAVES];
RARE bool thread_leaf_make(word_t index);
RARE void thread_leaf_free(word_t index);

/* Comes before any other use of threads. */
void thread_table_init(void);

static inline struct tcb **thread_place(word_t global_id)
{
    return &thread_table[global_id >> L4_VERSION_BITS];
}

/* A thread with this number, which nobody has, is about to be entered.  false: there is no kernel
 * memory for its place. */
static inline bool thread_place_take(word_t global_id)
{
    word_t index = global_id >> (L4_VERSION_BITS + THREAD_LEAF_BITS);
    debug_assert(index < THREAD_LEAVES);
    if (!thread_leaves[index].page && !thread_leaf_make(index)) {
        return false;
    }
    thread_leaves[index].in_use++;
    return true;
}

/* The number is nobody's any more, or has not been entered. */
static inline void thread_place_give(word_t global_id)
{
    word_t index = global_id >> (L4_VERSION_BITS + THREAD_LEAF_BITS);
    *thread_place(global_id) = &thread_nobody;
    if (--thread_leaves[index].in_use == 0) {
        thread_leaf_free(index);
    }
}

/* What stands in the place of a thread number: never NULL, but it may be nobody, or a thread with
 * another version. */
static inline struct tcb *thread_slot(word_t global_id)
{
    return *thread_place(global_id);
}

/* A walk over the whole table, from *next = 0 to THREAD_COUNT: who has that number.  *next becomes
 * the next one that a thread may have; where a leaf is missing, nobody has any of its numbers. */
static inline struct tcb *thread_next(word_t *next)
{
    word_t number = *next;
    if (!thread_leaves[number >> THREAD_LEAF_BITS].page) {
        *next = (number | (THREAD_LEAF_ENTRIES - 1)) + 1;
        return &thread_nobody;
    }
    *next = number + 1;
    return thread_table[number];
}

/* As thread_slot, for a local id: quickly, if its UTCB is in the first page of the UTCB area.
 * Never NULL.  The caller compares local_id and space, because the id in a UTCB is user memory. */
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
