/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows: the entries of sixteen pages of a container in a row, with the checksums of what they
 * have in slots.
 *
 * A window of which every page is a hole, or every page an implied zero, does not exist, or only
 * until its record in the Segment Map is deleted: that is said by a bit of its group of 64 windows;
 * and a group without windows all of whose pages are what
 * the container says of pages that nothing is known of does not exist either.  So what nobody has
 * touched costs nothing, and what is not there is passed over without being looked at.
 *
 * A window that exists may be away: the Segment Map has its record, and here is only a bit of its
 * group (contents/away.h). */
#pragma once

#include "contents/entry.h"
#include "contents/finder.h"
#include "protocol/error.h"
#include "protocol/segmap.h"
#include "tasks/task.h"

enum { GROUP_WINDOWS = 64, GROUP_PAGES = WINDOW_PAGES * GROUP_WINDOWS };

struct window {
    struct found found; /* marks: a bit for each page of the task's working set (outswap.h) */
    entry_t entries[WINDOW_PAGES];
    uint32_t checksums[WINDOW_PAGES]; /* of the slot, while there is one */
    /* WINDOW_USED: it has been found since the hand came by, so it may have changed; WINDOW_IDLE:
     * it has not; else it has not been found since its record with this version was made. */
    uint32_t version  : 31;
    uint32_t recorded : 1; /* the map may have a record of it, which is out of date */
};

enum { WINDOW_USED = 0, WINDOW_IDLE = 1, WINDOW_VERSIONS /* and above */ };

struct group {
    struct found found;        /* marks: a bit for four windows, some of which left with marks */
    uint32_t there[2];         /* bits: windows that exist; */
    uint32_t holes_or_away[2]; /* of these, those that are away; of the others, holes, not zeros */
};

/* What windows and pages know of their container. */
struct page_home {
    struct page_counts counts;
    struct page_counts *of_owner; /* the sum over the containers of its task */
    uint32_t size_pages;
    entry_t missing;                    /* ENTRY_HOLE or ENTRY_ZERO: the pages of no group */
    uint32_t windows : 20, groups : 12; /* that exist, but for windows that are away: */
    uint32_t away;
};

/* How many words the hash tables take for so many frames; they lie at `heads`, zeroed. */
uint32_t window_heads(uint32_t frames);
void window_init(void *heads, uint32_t frames);

extern struct finder window_finder;

/* Not the one that was found last.  Notes that the window is in use. */
struct window *window_search(const struct page_home *h, uint32_t page);

/* NULL: it does not exist, or is away. */
static inline struct window *window_find(const struct page_home *h, uint32_t page)
{
    struct found *last = window_finder.last;
    bool same = last && last->home == h && last->number == page / WINDOW_PAGES;
    return same ? (struct window *)last : window_search(h, page);
}

static inline uint32_t window_end(const struct page_home *h, uint32_t page)
{
    uint32_t end = (page | (WINDOW_PAGES - 1)) + 1;
    return end < h->size_pages ? end : h->size_pages;
}

static inline uint32_t group_end(const struct page_home *h, uint32_t page)
{
    uint32_t end = (page | (GROUP_PAGES - 1)) + 1;
    return end < h->size_pages ? end : h->size_pages;
}

bool window_has_group(const struct page_home *h, uint32_t page);
/* What a page of a window that does not exist is; ENTRY_AWAY: it exists, and is away. */
entry_t window_blank(const struct page_home *h, uint32_t page);
/* The end of the windows from that page on, in its group, that do not exist; `alike`: and whose
 * pages are what that one is.  The page itself: its window exists. */
uint32_t window_blank_end(const struct page_home *h, uint32_t page, bool alike);
/* The first page at or behind `page` whose window exists and is not away; the end of its group if
 * there is none before. */
uint32_t window_next(const struct page_home *h, uint32_t page);

/* Makes the page's window, which does not exist.  Errors are those of slab_alloc. */
enum error window_make(struct page_home *h, uint32_t page);
/* It says the same of all its pages, hole or zero. */
bool window_is_uniform(const struct window *w);
/* The page's window goes, if it exists and is uniform, and the map has no record of it. */
void window_trim(struct page_home *h, uint32_t page);
/* It goes whatever it says: it has no pages.  They are `blank` from now on. */
void window_drop(struct page_home *h, uint32_t page, entry_t blank);
/* Windows that do not exist, whole ones in one group, are `blank` from now on.  Errors are those of
 * slab_alloc. */
enum error window_set_blank(struct page_home *h, uint32_t first, uint32_t end, entry_t blank);
/* The page's group goes, if it exists: it has no windows. */
void window_drop_group(struct page_home *h, uint32_t page);

/* If windows lie scattered over more frames than there need be, moves some together: where many
 * windows have gone, those that are left would keep the frames.  No window may be in use. */
void window_gather_some(void);
/* They do, as far as is known, and it has not gone over all of them in vain. */
extern bool windows_scattered;

/* ---- windows that are away ---- */

/* All that are here, of all containers. */
uint32_t window_count(void);
/* How many have been made, or have come back, since the boot: counted round. */
uint32_t window_made(void);
/* The same without noting that it is used. */
struct window *window_peek(const struct page_home *h, uint32_t page);
/* From now on it counts as unused until it is found again: it gets the version. */
void window_set_version(struct window *w, uint32_t version);
/* The hand goes on over all windows, by one head of their hash table.  Those that have not been
 * used since it came by last are shown to `idle`, which must not make or free windows. */
void window_hand(void (*idle)(struct window *w));

/* Memory for a window that is to come back.  Errors are those of slab_alloc. */
enum error window_prepare(struct window **result);
void window_unprepare(struct window *w);
/* The window's record is in the map: it is away from now on. */
void window_leave(struct window *w);
/* It is back, in memory that was prepared and has its entries; it was away. */
void window_return(struct page_home *h, uint32_t page, struct window *w);
/* The pages from `page` on, at most to the end of its group, whose windows are away: where they
 * begin, and in *end where they end.  The end of the group twice: there are none. */
uint32_t window_next_away(const struct page_home *h, uint32_t page, uint32_t *end);
/* The first page at or behind `page` whose window is away and has marks, or another of its four;
 * the end of its group if there is none. */
uint32_t window_next_marked(const struct page_home *h, uint32_t page);
/* Those of the page's four windows that are away are taken to have none. */
void window_forget_marks(struct page_home *h, uint32_t page);
/* Some window of the page's group is away. */
bool window_group_is_away(const struct page_home *h, uint32_t page);
/* Windows that are away, whole ones of one group, do not exist any more: they are holes. */
void window_forget_away(struct page_home *h, uint32_t first, uint32_t end);
