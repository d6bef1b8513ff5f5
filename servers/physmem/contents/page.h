/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages: contents with an identity, shared by the containers that logical copies made share them.
 *
 *   state     frame  who may reach it            leaves by
 *   OUT       none   -                           read: READING; without a slot it is all zero: IN
 *   READING   yes    the disk                    done: IN; damaged: BAD; not read: OUT
 *   IN        yes    tasks (frame.mapped)        unmapped and clean: OUT; and dirty: WRITING
 *   WRITING   yes    the disk (nobody is mapped) done: OUT, or IN if wanted; not written: IN
 *   BAD       none   -                           never; the page can only be replaced
 *
 * Invariants:
 * - refs = references in containers.  0 only in READING and WRITING: then the completion frees the
 *   page.
 * - refs > 1: nobody has the write right.
 * - !dirty and no slot: the contents are all zero.  !dirty and a slot: the slot holds the contents,
 *   and checksum is theirs.  OUT and BAD are never dirty.  A write through a mapping shows only at
 *   an unmap.
 * - wanted: a fault has been parked because the page was in transit; it goes with the end of the
 *   transfer.  A page that is wanted stays in memory when its write is done.  It may be wanted in
 *   vain, if the fault has gone.
 * - error: in BAD what has made it so; else how often reading it has failed since it went out.
 * - device: a device may reach the frame, because a driver has been told where it lies.  The page
 *   is wired; when it is freed its frame goes into quarantine.
 * - twice: a boot module's page, which tasks may share, and nobody writes to.  It goes to two
 *   slots, where there are two: the second one, slot + twin, is read when the first one cannot be;
 *   twin 0: there is none.
 * - home: one place that refers to the page, or NULL; it is in a container of the task that pays
 *   for the frame: the one that brought the page in, or that last used it while the home's task was
 *   out. */
#pragma once

#include "protocol/error.h"
#include "ground/platform.h"
#include "ground/types.h"
#include "tasks/task.h"

/* What pages tell the container that is their home. */
struct page_home {
    struct page_counts counts;
    struct page_counts *of_owner; /* the sum over the containers of its task */
};

enum { PAGE_HOME_BITS = 20, PAGE_SLOT_BITS = 24 };

enum page_state { PAGE_OUT = 1, PAGE_READING, PAGE_IN, PAGE_WRITING, PAGE_BAD };

struct page {
    uint16_t refs, mark; /* mark: scratch, zero between events */
    frame_t frame;
    slot_t slot : PAGE_SLOT_BITS;
    uint32_t twin : 5, twice : 1;
    uint32_t checksum;
    struct page_home *home; /* of a container: container_of_home */
    uint32_t home_page : PAGE_HOME_BITS, state : 3, dirty : 1, wired : 1, wanted : 1, device : 1, error : 5;
};

enum { PAGE_REFS_MAX = 0xffff };

/* Of all pages. */
struct page_totals {
    uint32_t transit; /* READING or WRITING */
    uint32_t spare;   /* IN with a slot, which another page can have */
    uint32_t wired;
    uint32_t twins; /* slots that hold a second copy */
};
extern struct page_totals page_totals;

/* A reference to a page as it stands in a container: a number above REF_ZERO, the same on any
 * machine. */
uint32_t page_ref(const struct page *p);
struct page *page_of_ref(uint32_t ref);

void page_init(void);

/* A page IN a frame of its own, contents as the frame's, refs 0: the caller puts it into a
 * container. ERR_NO_ROOM: no promise left; ERR_BUSY: no frame just now; ERR_NO_MEMORY. */
enum error page_new(struct page **result);
/* The same for a frame that the caller has (boot). */
enum error page_new_in_frame(frame_t f, struct page **result);

void page_get(struct page *p);
void page_put(struct page *p);  /* the last reference frees it, now or when its transfer ends */
void page_free(struct page *p); /* refs == 0, not in transit */

static inline bool page_in_transit(const struct page *p)
{
    return p->state == PAGE_READING || p->state == PAGE_WRITING;
}

/* The page's home changes: p->home and p->home_page are set, or p->home will be NULL.  container.c
 * alone calls these. */
void page_enter_home(struct page *p, struct page_home *home, uint32_t page);
void page_leave_home(struct page *p);

/* Only a page that is IN is wired. */
void page_set_wired(struct page *p, bool wired);

/* Where it is to be written: that slot, and another one `twin` behind it, if not 0. */
void page_set_slot(struct page *p, slot_t slot, uint32_t twin);
/* The second slot is given up, if there is one; it is the caller's. */
void page_give_twin_up(struct page *p);
void page_forget_twin(struct page *p);
/* Whether it is a boot module's. */
void page_set_twice(struct page *p, bool twice);

/* A fault waits until the transfer ends. */
void page_set_wanted(struct page *p);

static inline bool page_has_frame(const struct page *p)
{
    return p->frame != FRAME_NONE;
}

/* Its contents are in memory too, so another page can have its slot. */
static inline bool page_has_spare_slot(const struct page *p)
{
    return p->state == PAGE_IN && p->slot != SLOT_NONE;
}

/* Takes the frame away from everybody who has it mapped, and learns whether it was written. */
void page_unmap(struct page *p);

/* The same for many: collects frames and unmaps them together. */
struct unmap_batch {
    L4_Word_t rights;
    uint32_t count;
    frame_t frames[UNMAP_BATCH_MAX];
};
/* Any page; one that is not mapped is skipped. */
void unmap_batch_add(struct unmap_batch *b, struct page *p);
void unmap_batch_flush(struct unmap_batch *b);
/* One frame's status: the write is noted in its page. Returns whether it was touched at all. */
bool page_note_status(frame_t f, L4_Word_t status);

/* Transitions.  Each asserts the state it starts from; a frame that the page leaves is free, but
 * for page_read_abandoned and in page_free. */
void page_start_read(struct page *p, frame_t f);        /* OUT -> READING */
void page_read_done(struct page *p);                    /* READING -> IN */
void page_read_failed(struct page *p);                  /* READING -> OUT */
void page_read_damaged(struct page *p, enum error why); /* READING -> BAD */
void page_read_abandoned(struct page *p);               /* READING -> OUT, frame quarantined */
void page_read_twin(struct page *p);                    /* READING -> OUT, its twin the slot */
void page_fill_zero(struct page *p, frame_t f);         /* OUT without slot -> IN */
void page_start_write(struct page *p);                  /* IN, dirty, with slot -> WRITING */
void page_write_done(struct page *p);                   /* WRITING -> IN if wanted, else OUT */
void page_write_failed(struct page *p);                 /* WRITING -> IN, dirty, without slot */
void page_evict(struct page *p);                        /* IN, clean, not mapped -> OUT */
/* The slot is wanted for another page: IN, contents then only in memory. */
void page_give_slot_up(struct page *p);

/* 32 bits over the contents of a frame. */
uint32_t page_checksum(frame_t f);
