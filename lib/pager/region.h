/* SPDX-License-Identifier: BSD-2-Clause */
/* The region table: which ranges of a task's addresses exist, with what rights, and what backs
 * them.  Pure: it is a sorted array in storage that the caller gives; nothing is allocated, and no
 * system call is made.  The first thread calls it until the hand-over, the pager thread alone after
 * it.  Invariants (region_table_check): regions are page aligned, start < end, sorted, and do not
 * overlap. */
#pragma once

#include "protocol/error.h"
#include "protocol/ids.h"

enum region_kind {
    REGION_GUARD = 0,      /* nothing there, and nothing else may be put there */
    REGION_DESIGNATED = 1, /* the designated container, 1:1 */
    REGION_ANONYMOUS = 2,  /* a container that the pager made for this region */
    REGION_CONTAINER = 3,  /* a container whose handle somebody gave */
    REGION_KINDS
};

struct region {
    uint32_t start, end; /* half open, page aligned */
    uint32_t page;       /* page of the container at start */
    handle_t handle;
    uint8_t kind;   /* enum region_kind */
    uint8_t rights; /* L4_Readable | L4_Writable | L4_eXecutable; 0 = no access */
};

struct region_table {
    struct region *entries; /* sorted by start */
    uint32_t count, capacity;
    /* What is known from a search: between these addresses there is no free range of so many bytes,
     * so the next search for as many or more need not look there.  0 bytes: nothing is known. */
    struct {
        uint32_t start, end, bytes;
    } full;
};

void region_table_init(struct region_table *t, struct region *storage, uint32_t capacity);
/* Copies the entries into larger storage; the old storage is the caller's again. */
void region_table_move(struct region_table *t, struct region *storage, uint32_t capacity);
bool region_table_check(const struct region_table *t);

/* Returns the region that holds the address, or NULL.  The pointer is valid until the next
 * change. */
const struct region *region_find(const struct region_table *t, uint32_t address);
/* Returns the first region that ends above the address, or NULL; valid as long. */
const struct region *region_find_from(const struct region_table *t, uint32_t address);
/* Returns whether any page of [start, end) is in a region. */
bool region_overlaps(const struct region_table *t, uint32_t start, uint32_t end);
bool region_uses(const struct region_table *t, enum region_kind kind, handle_t handle);
/* Finds the lowest free range of size bytes in [low, high); ERR_NO_ROOM if there is none. */
enum error region_find_free(struct region_table *t, uint32_t size, uint32_t low, uint32_t high,
                            uint32_t *start);

/* Each of these needs room for at most REGION_SPARE more entries than there are.  Without it the
 * answer is ERR_NO_MEMORY, and nothing is changed. */
enum { REGION_SPARE = 2 };
/* ERR_ARGUMENT if the region is empty or not aligned, ERR_ALREADY if it overlaps another one. */
enum error region_add(struct region_table *t, const struct region *r);
/* Takes [start, end) out of whatever regions hold parts of it.  What is left of a region keeps its
 * pages. */
enum error region_remove(struct region_table *t, uint32_t start, uint32_t end);
/* ERR_HOLE unless every page of [start, end) is in a region. */
enum error region_protect(struct region_table *t, uint32_t start, uint32_t end, uint8_t rights);
