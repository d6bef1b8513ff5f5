/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages: contents with an identity.  A page is its frame while it is in memory, and its slot while
 * it is out; what it is stands in its place's entry (entry.h), or, if logical copies share it, in a
 * record that the entries of all sharers name (shared.h).
 *
 *   state     who may reach the frame             leaves by
 *   out       - (the entry is SLOT)               read: READING; without a slot it is all zero: IN
 *   READING   the disk                            done: IN; damaged: BAD; not read: out
 *   IN        tasks (frame.mapped)                unmapped and clean: out; and dirty: WRITING
 *   WRITING   the disk (nobody is mapped)         done: out, or IN if wanted; not written: IN
 *   lost      - (the entry is BAD)                never; the page can only be replaced
 *
 * What stands in the frame (room/frame.h):
 * - home, number: the page's place, if it is not shared.  If it is, one of the places that name it,
 *   or NULL.  It is in a container of the task that pays for the frame: the one that brought the
 *   page in, or that last used it while the home's task was out.  For a boot module's page that is
 *   shared nobody pays, unless it is wired: its home says only what lies beside it.
 * - A page that is nobody's (page_is_nobodys) has just been made, or was given up while it was in
 *   transit: then the completion frees it.
 * - slot: that holds the contents, or will, or none.  !dirty and no slot: the contents are all
 *   zero.  !dirty and a slot: the slot holds the contents, and the checksum beside the entry is
 *   theirs.  A write through a mapping shows only at an unmap.
 * - shared by more than one place: nobody has the write right.
 * - wanted: a fault has been parked because the page was in transit; it goes with the end of the
 *   transfer.  A page that is wanted stays in memory when its write is done.  It may be wanted in
 *   vain, if the fault has gone.
 * - failures: how often reading it has failed since it went out.
 * - device: a device may reach the frame, because a driver has been told where it lies.  The page
 *   is wired; when it is freed its frame goes into quarantine.
 * - twice: a boot module's page, which tasks may share, and nobody writes to.  It goes to two
 *   slots, where there are two: the second one, slot + twin, is read when the first one cannot be;
 *   twin 0: there is none. */
#pragma once

#include "contents/entry.h"
#include "contents/shared.h"
#include "contents/unmap.h"
#include "contents/window.h"
#include "ground/platform.h"
#include "protocol/error.h"
#include "room/frame.h"

/* Of all pages. */
struct page_totals {
    uint32_t transit; /* READING or WRITING */
    uint32_t spare;   /* IN with a slot, which another page can have */
    uint32_t wired;
    uint32_t twins; /* slots that hold a second copy */
};
extern struct page_totals page_totals;

void page_init(void);

/* A page IN a frame of its own, contents as the frame's, nobody's: the caller puts it into a
 * container. of_map: of the Segment Map, whose pages are promised.  ERR_NO_ROOM: no promise left;
 * ERR_BUSY: no frame just now. */
enum error page_new(frame_t *result, bool of_map);
/* The same for a frame that the caller has (boot). */
void page_new_in_frame(frame_t f);

static inline bool page_in_transit(frame_t f)
{
    return frame_table[f].state == PAGE_READING || frame_table[f].state == PAGE_WRITING;
}

/* Several places name the page. */
static inline bool page_is_shared(frame_t f)
{
    return frame_table[f].shared && shared_find(frame_table[f].id)->refs > 1;
}

static inline bool page_is_nobodys(frame_t f)
{
    return !frame_table[f].shared && !frame_table[f].home;
}

/* Its contents are in memory too, so another page can have its slot. */
static inline bool page_has_spare_slot(frame_t f)
{
    return frame_table[f].state == PAGE_IN && frame_table[f].slot != SLOT_NONE;
}

/* Somebody pays for the frame: the task of the container that is its home. */
static inline bool page_is_paid_for(frame_t f)
{
    const struct frame *p = &frame_table[f];
    return p->home && (!p->shared || !p->twice || p->wired);
}

/* ---- places ----
 *
 * container.c alone calls these. */

/* The entry of a place that has a page, or the record's that it names, and the checksum beside
 * it. */
struct spot {
    entry_t *entry;
    uint32_t *checksum;
};
struct spot page_spot(const struct page_home *h, uint32_t page);

/* The place gets the page of that entry: the page in a frame that is nobody's; or a shared one. */
void page_enter(entry_t entry, struct page_home *h, uint32_t page);
/* The place has given its entry up.  The page goes with the last one, now or when its transfer
 * ends. */
void page_leave(entry_t entry, struct page_home *h, uint32_t page);
/* The place becomes the home of a shared page in memory. */
void page_take_home(frame_t f, struct page_home *h, uint32_t page);
/* The page of the window's i-th place gets a record, which that names.  Errors are those of
 * slab_alloc. */
enum error page_share(struct page_home *h, struct window *w, uint32_t i);
/* The page of the place loses its record, because nobody else names it. */
void page_unshare(struct page_home *h, uint32_t page);
/* Whether it is a boot module's. */
void page_set_twice(const struct page_home *h, uint32_t page, bool twice);
/* The second slot of the page of the place is given up, if it has one and is not in transit. */
bool page_give_twin_up(const struct page_home *h, uint32_t page);

/* ---- pages in memory ---- */

void page_free(frame_t f); /* nobody's, and its transfer is over, if there was one */

/* Only a page that is IN is wired. */
void page_set_wired(frame_t f, bool wired);
/* A fault waits until the transfer ends. */
void page_set_wanted(frame_t f);

/* Where it is to be written: that slot, and another one `twin` behind it, if not 0. */
void page_set_slot(frame_t f, slot_t slot, uint32_t twin);
/* The slot is wanted for another page: IN, contents then only in memory. */
void page_give_slot_up(frame_t f);
/* In transit: the slots are no longer the page's, nor used; the second one alone. */
void page_lose_slot(frame_t f);
void page_lose_twin(frame_t f);

/* Transitions.  Each asserts the state it starts from; a frame that the page leaves is free, but
 * for page_read_abandoned and in page_free. */
/* out -> READING, or IN for one without a slot */
void page_start_read(struct page_home *h, uint32_t page, frame_t f);
void page_fill_zero(struct page_home *h, uint32_t page, frame_t f);
void page_read_done(frame_t f);                    /* READING -> IN */
void page_read_failed(frame_t f);                  /* READING -> out */
void page_read_damaged(frame_t f, enum error why); /* READING -> lost */
void page_read_abandoned(frame_t f);               /* READING -> out, frame quarantined */
void page_read_twin(frame_t f);                    /* READING -> out, its twin the slot */
void page_start_write(frame_t f);                  /* IN, dirty, with slot -> WRITING */
void page_write_done(frame_t f);                   /* WRITING -> IN if wanted, else out */
void page_write_failed(frame_t f);                 /* WRITING -> IN, dirty, without slot */
void page_evict(frame_t f);                        /* IN, clean, not mapped -> out */

/* Does the slot hold what the frame does? */
bool page_is_as_written(frame_t f);
