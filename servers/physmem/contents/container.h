/* SPDX-License-Identifier: BSD-2-Clause */
/* Containers: arrays of entries (entry.h), which lie in windows (window.h).  The owner is charged
 * for windows as for pages (tasks/account.h).
 *
 * Invariants: real = entries that say that there is a page; owner->promised = sum of real over its
 * containers.  What a container gives up is unmapped first.  At the end of each event no window
 * is uniform, hole or zero, but for those that the Segment Map may have a record of, and its
 * own. */
#pragma once

#include "base/list.h"
#include "contents/page.h"
#include "protocol/error.h"
#include "ground/types.h"

struct task;

/* Of the windows that are away (contents/away.h). */
struct away_counts {
    uint32_t real;    /* places that have a page */
    uint32_t pages;   /* of these, with a page that is not shared; */
    uint32_t swapped; /* and that lies in a slot */
};

enum { CONTAINER_PAGES_MAX = 1 << 20 };

struct container {
    struct page_home home; /* first: container_of_home */
    struct task *owner;    /* who pays */
    struct list of_task;
    union {
        struct list handles;
        struct list left; /* ending: among those of which only windows that are away are left */
    };
    uint32_t real;
    struct away_counts away;
    uint32_t away_charged; /* bytes of windows, in the owner's count of those that are away */
    uint32_t copied;       /* goes on when places of it get pages of others */
    union {
        struct {                            /* pages that were read for faults: */
            uint32_t read_first, read_next; /* where the last run began, what would go on with it */
        };
        uint32_t emptied; /* ending: pages before it are holes */
    };
    uint16_t read_pages; /* how long that run was to be */
    bool ending     : 1; /* its handles are as good as dead, and no fault in it is served */
    bool used       : 1; /* handles to it have been used to map it */
    bool foreign    : 1; /* others than its owner may have mapped it */
    bool unmapped   : 1; /* ending: nobody has it mapped, but for pages that others share */
    bool designated : 1;
    bool module     : 1; /* a boot module: stays without handles */
    bool map        : 1; /* the Segment Map: room is promised, its windows stay (contract.h) */
    bool recorded   : 1; /* the Segment Map may have records of it */
    /* What it has in memory is wired, or part of it: its owner is wired, or something is kept. */
    bool stays : 1;
};

struct place {
    struct container *container;
    uint32_t page;
};

void container_init(void);
/* An empty container of 1 .. CONTAINER_PAGES_MAX pages, each of which is `missing`, and which the
 * task pays for.  It has no handle yet: its caller makes one or destroys it.  Errors are those of
 * slab_alloc. */
enum error container_create(struct task *owner, uint32_t size_pages, entry_t missing,
                            struct container **result);
/* It is ending, and has no pages, no handles, and no fault is parked in it: serving/ending.c takes
 * care of all that.  But windows of it are away: it is left behind until those have gone. */
void container_leave_behind(struct container *c);
/* Nothing of it is away either. */
void container_destroy(struct container *c);
/* Names it in the Segment Map, as long as it is there.  The other way round nothing is known of
 * whether it is. */
uint32_t container_number(const struct container *c);
struct container *container_numbered(uint32_t number);
/* The task that pays changes. */
void container_move(struct container *c, struct task *owner);

static inline uint32_t container_size(const struct container *c)
{
    return c->home.size_pages;
}

/* What its windows take: those that are away as much as the others, of which their records may
 * take up to nearly twice as much. */
uint32_t container_table_bytes(const struct container *c);
/* May it take what a window and a group more need?  OK or ERR_QUOTA. */
enum error container_tables_allowed(const struct container *c);
/* They took so much before; the owner is charged for what they take now. */
void container_charge_tables(struct container *c, uint32_t before);

entry_t container_entry(const struct container *c, uint32_t page);
/* The same, or if it is SHARED what the record says: the page there. */
entry_t container_page(const struct container *c, uint32_t page);
/* The page's frame, if it is in memory or in transit, or FRAME_NONE. */
static inline frame_t container_frame(const struct container *c, uint32_t page)
{
    return entry_frame(container_page(c, page));
}

/* The space into which alone the container was mapped is gone, and its mappings with it; the page
 * is mapped for others, who share it. */
static inline bool container_stays_mapped(const struct container *c, frame_t f)
{
    return c->unmapped && page_is_shared(f);
}

/* The page of a window that is away is given up; the entry was its. */
void container_give_up(struct container *c, uint32_t page, entry_t entry);

/* Makes sure that container_set(c, page, ...) needs no memory. */
enum error container_reserve(struct container *c, uint32_t page);
/* The window is not needed if it says the same of all its pages: after container_set, or after
 * container_reserve in vain. */
void container_trim(struct container *c, uint32_t page);
/* The entry there is that one from now on: HOLE, ZERO, a frame that is nobody's, or a SHARED page.
 * The old page is unmapped and given up.  Needs container_reserve.  Quota is the caller's
 * business. */
void container_set(struct container *c, uint32_t page, entry_t entry);
/* The same for a frame in the place of an implied zero, of which it makes sure itself.  Errors are
 * those of container_reserve. */
enum error container_enter(struct container *c, uint32_t page, frame_t f);
/* So many entries of it that were none of pages have become some (page_enter). */
void container_count_entered(struct container *c, uint32_t pages);
/* The first page >= start that is a real one; the size if there is none. */
uint32_t container_next_real(const struct container *c, uint32_t start);

/* The same from *page on, before `end`, as far as the event's budget goes.  True: *page is the
 * place of one; false: it is the end, or the first place that was not looked at. */
bool container_find_real(const struct container *c, uint32_t *page, uint32_t end);

/* The container whose home it is; NULL if it is nobody's. */
static inline struct container *container_of_home(struct page_home *home)
{
    return (struct container *)home;
}

/* Unmaps every page of the range.  False: some may still be mapped, and go with another event
 * (unmap.h). */
bool container_unmap(struct container *c, uint32_t start, uint32_t end, L4_Word_t rights);
/* The same from *page on, as far as the event's budget goes, and moves *page on.  True: all of them
 * are. */
bool container_unmap_some(struct container *c, uint32_t *page, uint32_t end, L4_Word_t rights);

bool container_working(const struct container *c, uint32_t page);
void container_set_working(struct container *c, uint32_t page, bool working); /* of a real page */
