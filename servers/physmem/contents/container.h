/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers: arrays of references to pages.
 *
 * A reference is REF_HOLE, REF_ZERO (implied zero page), or a page (page_ref).  Tables are two
 * levels of 1024 words (one level for at most 1024 pages), made on demand; what has no table is
 * `missing`, or what its place in the root says of the whole leaf.  Beside each page reference one
 * bit remembers whether it is in the task's working set (outswap.h).  The owner is charged for
 * tables as for pages (tasks/account.h).
 *
 * Invariants: real = references to pages; owner->promised = sum of real over its containers; a
 * page's home points only at a place that refers to it.  What a container stops referring to is
 * unmapped first. */
#pragma once

#include "base/list.h"
#include "contents/page.h"
#include "protocol/error.h"
#include "ground/types.h"

struct task;

enum { REF_HOLE = 0, REF_ZERO = 1 };

enum { CONTAINER_PAGES_MAX = 1 << 20 };

struct container {
    struct page_home home;
    struct task *owner; /* who pays */
    struct list of_task;
    struct list handles;
    uint32_t size_pages;
    uint32_t real;
    uint32_t tables;  /* frames taken for them */
    uint32_t missing; /* REF_HOLE or REF_ZERO */
    frame_t root;
    /* Faults that read: the page that would go on with the last run; its length. */
    uint32_t read_next, read_pages;
    uint32_t emptied; /* ending: pages before it are holes */
    bool ending;      /* its handles are as good as dead, and no fault in it is served */
    bool used;        /* handles to it have been used to map it */
    bool foreign;     /* others than its owner may have mapped it */
    bool unmapped;    /* ending: nobody has it mapped any more, but for pages that others share */
    bool designated;
    bool module; /* a boot module: stays without handles */
    /* What it has in memory is wired, or part of it: its owner is wired, or something is kept. */
    bool stays;
};

void container_init(void);
/* An empty container of 1 .. CONTAINER_PAGES_MAX pages, each of which is `missing`, and which the
 * task pays for.  It has no handle yet: its caller makes one or destroys it.  Errors are those of
 * slab_alloc. */
enum error container_create(struct task *owner, uint32_t size_pages, uint32_t missing,
                            struct container **result);
/* Unmaps its pages from everybody and gives them up, as far as the event's budget goes; true: it
 * has none any more.  The container is ending. */
bool container_empty_some(struct container *c);
/* It has no pages, no handles, and no fault is parked in it: serving/ending.c takes care of all
 * that. */
void container_destroy(struct container *c);
/* The task that pays changes. */
void container_move(struct container *c, struct task *owner);

uint32_t container_ref(const struct container *c, uint32_t page);
/* The page there, or NULL for holes and implied zeros. */
struct page *container_page(const struct container *c, uint32_t page);

/* Makes sure that container_set(c, page, ...) needs no memory. */
enum error container_reserve(struct container *c, uint32_t page);
/* Refers to `ref` there; takes over the caller's reference to the page.  The old page is unmapped
 * and put. Needs container_reserve, unless ref is what a missing table stands for.  Quota is the
 * caller's business. */
void container_set(struct container *c, uint32_t page, uint32_t ref);
/* container_set(hole or implied zero) from *page on, before `end`, as far as the event's budget
 * goes, and moves *page on; gives empty tables back. */
enum error container_fill_some(struct container *c, uint32_t *page, uint32_t end, uint32_t ref);
/* The first page behind `page` of which a table tells, or may tell, something else; `page` itself
 * if a table tells of that one. */
uint32_t container_uniform_end(const struct container *c, uint32_t page);

/* The first page >= start that is a real one; size_pages if there is none. */
uint32_t container_next_real(const struct container *c, uint32_t start);

/* The same from *page on, before `end`, as far as the event's budget goes.  True: *page is the
 * place of one; false: it is the end, or the first place that was not looked at. */
bool container_find_real(const struct container *c, uint32_t *page, uint32_t end);

/* The container whose home it is; NULL if it is nobody's. */
struct container *container_of_home(struct page_home *home);
/* That place, which refers to a page, becomes the page's home. */
void container_take_home(struct container *c, uint32_t page);

/* Unmaps every page of the range. */
void container_unmap(struct container *c, uint32_t start, uint32_t end, L4_Word_t rights);
/* The same from *page on, as far as the event's budget goes, and moves *page on.  True: all of them
 * are. */
bool container_unmap_some(struct container *c, uint32_t *page, uint32_t end, L4_Word_t rights);

bool container_working(const struct container *c, uint32_t page);
void container_set_working(struct container *c, uint32_t page, bool working); /* of a real page */
