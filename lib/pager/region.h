/* SPDX-License-Identifier: BSD-2-Clause */
/* The region table: which ranges of a task's addresses exist, with what rights, and what backs them.
 * Pure: a sorted array in storage that the caller gives; no allocation, no system calls.  The pager thread
 * alone changes it.  Invariants (region_table_check): page aligned, start < end, sorted, no overlap. */
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
};

void region_table_init(struct region_table *t, struct region *storage, uint32_t capacity);
/* Copies the entries into larger storage; the old one is the caller's again. */
void region_table_move(struct region_table *t, struct region *storage, uint32_t capacity);
bool region_table_check(const struct region_table *t);

/* The region that holds the address, or NULL.  Valid until the next change. */
const struct region *region_find(const struct region_table *t, uint32_t address);
/* The first region that ends above the address, or NULL. */
const struct region *region_find_from(const struct region_table *t, uint32_t address);
/* Is any page of [start, end) in a region? */
bool region_overlaps(const struct region_table *t, uint32_t start, uint32_t end);
bool region_uses(const struct region_table *t, enum region_kind kind, handle_t handle);
/* Lowest free range of size bytes in [low, high). */
enum error region_find_free(const struct region_table *t, uint32_t size, uint32_t low, uint32_t high,
                            uint32_t *start);

/* Each of these needs room for at most REGION_SPARE more entries than there are: ERR_NO_MEMORY without
 * it, and nothing is changed then. */
enum { REGION_SPARE = 2 };
/* ERR_ARGUMENT: not aligned or empty; ERR_ALREADY: overlaps. */
enum error region_add(struct region_table *t, const struct region *r);
/* Takes [start, end) out of whatever regions hold parts of it; what is left of a region keeps its pages. */
enum error region_remove(struct region_table *t, uint32_t start, uint32_t end);
/* ERR_HOLE unless every page of [start, end) is in a region. */
enum error region_protect(struct region_table *t, uint32_t start, uint32_t end, uint8_t rights);
