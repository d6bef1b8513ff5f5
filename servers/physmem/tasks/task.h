/* SPDX-License-Identifier: BSD-2-Clause */
/* What physmem knows of each task.  The task server makes and ends tasks; task 1 exists from the
 * boot on and never ends. */
#pragma once

#include "base/list.h"
#include "protocol/physmem.h"
#include "ground/types.h"

struct account;
struct container;
struct presence;

/* What each task is charged for in pages, besides its records: what the kernel keeps for a space
 * with its first thread. */
enum { TASK_KERNEL_PAGES = 4 };

/* Of the pages that are at home in a container, or in the containers of a task
 * (contents/page.h). */
struct page_counts {
    uint32_t pages;
    uint32_t resident, wired; /* with a frame; of these, wired */
    uint32_t swapped;         /* in a slot only */
};

struct task {
    struct list all;
    struct task *hash; /* the next in its chain */
    /* In memory: among those that may go out, and when it was last given a page (recency.h).  Out:
     * at the door, and since when (serving/admission.h). */
    struct list order;
    uint32_t order_at;      /* clock_now */
    struct list containers; /* that it owns ... */
    struct list left;       /* ... and that have ended, but for windows that are away */
    struct list handles;
    struct list paid;          /* handles that it has made, its own and those of others */
    struct list records;       /* fault records kept for its threads */
    struct presence *presence; /* NULL: it is out, and nothing is to be told about it */
    struct container *dc;      /* NULL once it has been destroyed */
    L4_Word_t id;
    struct task *creator; /* or, when that one has ended, its creator; NULL: task 1 */
    L4_ThreadId_t thread; /* of it, which has asked for a page last, for itself or another */
    uint32_t faults, faults_dc;
    uint32_t next_handle;
    struct account *account;  /* to which everything that follows is charged */
    struct page_counts pages; /* that it pays for */
    uint32_t promised;        /* references of its containers to pages */
    uint32_t table_bytes;     /* of the windows of its containers ... */
    uint32_t away_bytes;      /* ... and of these, of windows that are away */
    uint32_t record_bytes;    /* of its containers and of the handles that it has made */
    uint16_t created;         /* tasks whose creator it is */
    uint16_t record_count, paid_count;
    enum task_memory_state state : 8;
    bool wired                   : 1;
    bool permanent               : 1; /* its windows never leave (contents/away.h) */
    bool ending                  : 1; /* only its deletion goes on */
    bool gone                    : 1; /* it has ended; `left` alone remains, and who pays */
    bool hold                    : 1; /* OUT: only INSWAP brings it back */
    bool inswapping              : 1; /* its working set is on the way in */
    bool own_account             : 1; /* nobody else's that has not been made by it */
};

extern struct list task_list; /* every task, through `all`; those that have left, too */
uint32_t task_count(void);    /* but for those */

void task_init(void);
/* Callers have checked the id.  The creator's account bears what the new task has, or its quota,
 * if that is not 0; `brought` pages of it are charged there already and will be moved.  Errors are
 * those of slab_alloc and account_open.  Task 1 has no creator. */
enum error task_create(L4_Word_t id, struct task *creator, uint32_t quota, uint32_t brought,
                       struct task **result);
/* Whether it has a presence (tasks/presence.h) once all is told; it goes if not. */
bool task_needs_presence(const struct task *t);
void task_trim_presence(struct task *t);
/* It has ended: its number is anybody's. */
void task_leave(struct task *t);
void task_free(struct task *t);       /* it has left, and owns nothing any more */
struct task *task_find(L4_Word_t id); /* NULL: no such task */
/* Has it made that task, or has one that it has made?  So it has itself. */
bool task_has_made(const struct task *who, const struct task *t);

/* May its containers refer to that many pages more?  OK or ERR_QUOTA.  A page that two of them
 * share counts in both, and breaking a copy costs no quota. */
enum error task_quota_allows(const struct task *t, uint32_t extra);
/* The same for so many more bytes of windows, not more than a frame's, and for a small record. */
enum error task_tables_allowed(const struct task *t, uint32_t bytes);
enum error task_record_allowed(const struct task *t, uint32_t bytes);

void task_charge_pages(struct task *t, uint32_t pages);
void task_refund_pages(struct task *t, uint32_t pages);
/* What its windows take has changed by so much, round 2^32. */
void task_change_tables(struct task *t, uint32_t bytes, uint32_t away_bytes);
/* So many whole frames are charged for so many bytes. */
uint32_t task_table_frames(uint32_t bytes);
void task_charge_record(struct task *t, uint32_t bytes);
void task_refund_record(struct task *t, uint32_t bytes);
/* All that the task itself is charged for, in pages. */
uint32_t task_charged(const struct task *t);
