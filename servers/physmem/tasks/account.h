/* SPDX-License-Identifier: BSD-2-Clause */
/* Accounts: what is charged to tasks, in pages, and how much it may be.
 *
 * A task with a quota has an account of its own, and the whole quota is charged to its creator's
 * account as long as the task's account exists; a task without one is charged to its creator's.  So
 * a bound holds for everything below it in the tree of creators, and a charge costs the same
 * however deep the tree is.  An account lives until the last task that is charged to it, and the
 * last account below it, have gone: what a task leaves behind is still charged to its creator.
 *
 * Charged are the references that containers hold to pages, the tables of containers, and the
 * bytes of small records, in whole pages.  The account of task 1 has no bound.
 *
 * Tables that are in memory have a bound besides, in frames: all below an account may have half as
 * many as all below the account above, and below that of task 1 half of the frames that there
 * are. */
#pragma once

#include "protocol/error.h"
#include "ground/types.h"

struct account {
    struct account *above; /* of the creator; NULL: of task 1 */
    uint32_t quota;        /* pages; 0 = no bound */
    uint32_t pages, bytes; /* charged; the accounts below with their whole quota */
    uint32_t users;        /* tasks, and accounts below */
    uint32_t tables;       /* of these pages, with those of all accounts below */
    uint32_t tables_max;
};

/* An account below, with a bound, for one user; what its user brings along is charged above until
 * now, and moves.  Errors are ERR_QUOTA, if the bound or the bound of the account above is too low,
 * and those of slab_alloc.  With a quota of 0 there is no account below: *result is `above`, with
 * one user more. */
enum error account_open(struct account *above, uint32_t quota, uint32_t brought, struct account **result);
/* One user less; with the last one it goes, and what it took from the one above. */
void account_close(struct account *a);

/* May that much more be charged?  OK or ERR_QUOTA. */
enum error account_quota_allows(const struct account *a, uint32_t pages, uint32_t bytes);
static inline enum error account_allows(const struct account *a, uint32_t pages, uint32_t bytes)
{
    return a->quota == 0 ? OK : account_quota_allows(a, pages, bytes);
}
void account_charge(struct account *a, uint32_t pages, uint32_t bytes);
void account_refund(struct account *a, uint32_t pages, uint32_t bytes);

/* The same for a table, which is one page and in memory: OK or ERR_QUOTA. */
enum error account_allows_table(const struct account *a);
/* So many tables more are in memory, or, round 2^32, less.  The accounts above count them, too. */
void account_count_tables(struct account *a, uint32_t change);

/* All that is charged, in pages. */
uint32_t account_used(const struct account *a);
