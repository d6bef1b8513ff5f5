/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames: who uses each one.
 *
 * Every frame of conventional memory is of exactly one kind; a free one is in the free list and in
 * nothing else. A frame goes back to the list only when nothing can reach it: not mapped, not under
 * I/O. */
#pragma once

#include "ground/types.h"

struct page_home;

enum frame_kind {
    FRAME_ABSENT = 0, /* no memory, or not ours */
    FRAME_FREE,
    FRAME_IMAGE,       /* physmem's own program, frame table, boot records */
    FRAME_TABLE,       /* taken for physmem's own tables */
    FRAME_PAGE,        /* holds a page, also while it is read or written */
    FRAME_QUARANTINED, /* the device of a driver that died may still reach it */
};

enum page_state { PAGE_NONE = 0, PAGE_IN, PAGE_READING, PAGE_WRITING };

/* Twenty bytes: there is one of these for each frame, and it never leaves memory. */
struct frame {
    union {
        struct page_home *home; /* FRAME_PAGE */
        frame_t next;           /* FRAME_FREE, FRAME_QUARANTINED */
    };
    /* The page that it holds, if the state is not PAGE_NONE: contents/page.h says what it means. */
    uint32_t number : 20, state : 2;
    bool shared : 1, dirty : 1, wanted : 1, wired : 1, device : 1, twice : 1;
    uint32_t failures : 2;
    bool mapped       : 1;                  /* somebody may have it mapped ... */
    bool writable     : 1;                  /* ... with the write right */
    uint32_t slot : 20, twin : 5, kind : 3; /* enum frame_kind */
    uint32_t id : 29, age : 3;              /* of its record; the policy's (room/policy.h) */
    uint16_t shield_end;                    /* platform_clock(): no victim before; 0 = none */
    uint16_t shields;                       /* places that name it (policy/shield.h) */
};

/* How many free frames an allocation must leave, by its purpose. */
enum {
    FRAMES_LEFT_BY_TABLE = 0,
    /* What a fault leaves is for tables, so that a shortage of frames fails no call. */
    FRAMES_LEFT_BY_FAULT = 8,
};

extern struct frame *frame_table; /* [frame_table_count], indexed by frame_t */
extern uint32_t frame_table_count;

struct frame_counts {
    uint32_t total, free, image, tables;
    uint32_t free_low; /* of those that are free: below 1 MiB, and no good for the kernel */
    uint32_t quarantined;
};
extern struct frame_counts frame_counts;

/* Replacement starts below low and goes on up to high. */
uint32_t frame_low_mark(void);
uint32_t frame_high_mark(void);

/* Boot: the table lies at `table` (count entries, zeroed); then every frame gets its kind once. */
void frame_init(struct frame *table, uint32_t count);
void frame_add(frame_t f, enum frame_kind kind);

/* FRAME_NONE if not more than `leave` frames are free, and those that are set aside
 * (room/set_aside.h).  The contents are what they were.  For a table it is one that the kernel
 * could be lent, if any is free. */
frame_t frame_alloc(uint32_t leave, enum frame_kind kind);
void frame_free(frame_t f);
/* A frame that a dead driver's device may still reach: not used until a driver has reset the
 * device.  All of them are free again then. */
void frame_quarantine(frame_t f);
void frame_quarantine_end(void);

/* Faults that wait for a frame (serving/parking.c counts them): replacement takes care that so many
 * frames more become free. */
void frame_waiters_add(void);
void frame_waiters_remove(void);
uint32_t frame_waiters(void);

/* For check.c: the head of the list of free frames below 1 MiB, or of the others. */
frame_t frame_first_free(bool low);
