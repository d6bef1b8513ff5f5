/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries: what is known of a page, in a word.  A place of a container has one, and so has a shared
 * record (shared.h).
 *
 *   HOLE        no page: a fault there is refused
 *   ZERO        an implied zero page: it is made when it is touched
 *   FRAME f     in memory, or on its way in or out; all else stands in the frame (room/frame.h)
 *   SLOT s      out; without a slot it is all zero
 *   SHARED id   whatever that record says, which other places name as well; never in a record
 *   BAD why     lost; it can only be replaced
 *   AWAY        its window is not in physmem's memory, so nothing is known of it but that; never in
 *               a window or record */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

typedef uint32_t entry_t;

enum entry_kind { KIND_HOLE = 0, KIND_ZERO, KIND_FRAME, KIND_SLOT, KIND_SHARED, KIND_BAD, KIND_AWAY };
/* All others say more. */
enum { ENTRY_HOLE = KIND_HOLE, ENTRY_ZERO = KIND_ZERO, ENTRY_AWAY = KIND_AWAY };

enum { ENTRY_KIND_BITS = 3, ENTRY_SLOT_BITS = 20, ENTRY_TWIN_BITS = 5, ENTRY_FAILURE_BITS = 2 };

/* What is known of a page that is out.  twin: the second copy lies so many slots behind the first,
 * 0 = there is none; twice: there is to be one; failures: so often reading has failed. */
struct out_page {
    uint32_t slot : ENTRY_SLOT_BITS, twin : ENTRY_TWIN_BITS, failures : ENTRY_FAILURE_BITS, twice : 1;
};

static inline enum entry_kind entry_kind(entry_t e)
{
    return (enum entry_kind)(e & ((1u << ENTRY_KIND_BITS) - 1));
}

static inline uint32_t entry_number(entry_t e)
{
    return e >> ENTRY_KIND_BITS;
}

static inline entry_t entry_make(enum entry_kind kind, uint32_t number)
{
    return number << ENTRY_KIND_BITS | kind;
}

/* There is a page, in memory or out, or there may be one: AWAY. */
static inline bool entry_is_real(entry_t e)
{
    return e > ENTRY_ZERO;
}

static inline entry_t entry_of_frame(frame_t f)
{
    return entry_make(KIND_FRAME, f);
}

static inline entry_t entry_of_out(struct out_page p)
{
    uint32_t twin = (uint32_t)p.twin << ENTRY_SLOT_BITS;
    uint32_t failures = (uint32_t)p.failures << (ENTRY_SLOT_BITS + ENTRY_TWIN_BITS);
    uint32_t twice = (uint32_t)p.twice << (ENTRY_SLOT_BITS + ENTRY_TWIN_BITS + ENTRY_FAILURE_BITS);
    return entry_make(KIND_SLOT, p.slot | twin | failures | twice);
}

static inline struct out_page entry_out(entry_t e)
{
    uint32_t n = entry_number(e);
    struct out_page p;
    p.slot = n & ((1u << ENTRY_SLOT_BITS) - 1);
    p.twin = n >> ENTRY_SLOT_BITS & ((1u << ENTRY_TWIN_BITS) - 1);
    p.failures = n >> (ENTRY_SLOT_BITS + ENTRY_TWIN_BITS) & ((1u << ENTRY_FAILURE_BITS) - 1);
    p.twice = n >> (ENTRY_SLOT_BITS + ENTRY_TWIN_BITS + ENTRY_FAILURE_BITS) & 1;
    return p;
}

/* The slot of a page that is out; SLOT_NONE: it is not, or it is all zero. */
static inline slot_t entry_slot(entry_t e)
{
    return entry_kind(e) == KIND_SLOT ? entry_number(e) & ((1u << ENTRY_SLOT_BITS) - 1) : SLOT_NONE;
}

/* The frame of a page that is in memory or in transit; FRAME_NONE: it is neither. */
static inline frame_t entry_frame(entry_t e)
{
    return entry_kind(e) == KIND_FRAME ? entry_number(e) : FRAME_NONE;
}
