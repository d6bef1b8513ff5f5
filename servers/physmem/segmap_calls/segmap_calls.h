/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls for segmap: what is open, what segmap has in hand, and what its pulls say
 * (protocol/segmap.h).  It knows nothing of windows; those who have them are asked by hooks.
 *
 * Nothing waits here.  Two tables are bounded and forget: a LOOKUP or STORE that finds no place is
 * offered again by whoever still wants it, when the event settles.  tests/model/segment_map.pml is
 * the argument. */
#pragma once

#include "protocol/segmap.h"

enum { CALLS_OF_KIND_MAX = 16, PAGES_ALL = WINDOWS_MAX * WINDOW_PAGES };

/* What physmem does about its windows.  None of them may call this module. */
struct segmap_hooks {
    /* A thread waits for the window, which is not there.  False: its LOOKUP is forgotten.  The
     * container may be another one by now that has the same number. */
    bool (*wanted)(struct window_key key);
    /* A LOOKUP is about to be handed out: sets room aside for the window.  False: not now. */
    bool (*set_aside)(struct window_key key);
    /* The LOOKUP has ended without `add`: it may be offered again. */
    void (*put_back)(struct window_key key);
    /* Fills the record of a window that is to leave, with its present version. False: it stays. */
    bool (*record)(struct window_key key, struct window_record *r);
    /* The window comes, without entries if the map has no record of it; it takes what was set
     * aside.  If its container has been destroyed, that is given back and nothing else done. */
    void (*add)(const struct window_record *r);
    /* The map's page cannot be made out: whoever waits for the window gets an error.  What was set
     * aside has been put back. */
    void (*unreadable)(struct window_key key);
    /* The map has the record with this version: the window may go if it still has this version. */
    void (*stored)(struct window_key key, uint32_t version);
    /* The map has no room for it, or is damaged: the window stays if it still has this version. */
    void (*refused)(struct window_key key, uint32_t version);
    /* Nothing is left of these pages, and all batches have been counted. */
    void (*dropped)(uint32_t container, uint32_t first, uint32_t end);
    /* The map is damaged there, and nothing has changed: who opened the DROP or FORGET may do so
     * again, for a page that cannot be read now may be whole again some day. */
    void (*not_dropped)(void);
    /* Nothing is left of the container at all. */
    void (*forgotten)(uint32_t container);
    /* These entries are freed, of pages of the container. */
    void (*freed)(uint32_t container, const uint32_t *entries, uint32_t count);
};

struct open_call {
    enum open_kind { CALL_LOOKUP, CALL_STORE, CALL_DROP, CALL_FORGET, CALL_KINDS } kind : 8;
    uint32_t place : 8;             /* among those in hand, from 1 on; 0: in none */
    uint32_t container, first, end; /* pages */
    uint32_t version;               /* of a STORE that is in hand */
};

struct segmap_calls {
    const struct segmap_hooks *hooks;
    struct open_call open[CALL_KINDS * CALLS_OF_KIND_MAX]; /* the oldest first */
    uint32_t count, of_kind[CALL_KINDS];
    uint32_t round;   /* of what is in hand, or was last */
    uint32_t counted; /* number of the last batch */
};

void segmap_calls_init(struct segmap_calls *c, const struct segmap_hooks *hooks);

/* A thread waits for the window. */
void segmap_look_up(struct segmap_calls *c, struct window_key key);
/* A window is to leave, and has changed since it came. */
void segmap_store(struct segmap_calls *c, struct window_key key);
/* The records of the pages first to end - 1 are to go, and their entries to be freed: of windows
 * that are not in physmem's memory, for the entries of those that are belong to it.  Until it is
 * done, no window of them is looked up.  The whole container, 0 to PAGES_ALL, takes the place of
 * what is open for parts of it; it is offered when its last changed window has gone.  False: no
 * place; the caller remembers it. */
bool segmap_drop(struct segmap_calls *c, uint32_t container, uint32_t first, uint32_t end);
/* Whatever the map has of the container is out of date: none of its windows is there, nor away.
 * False: no place; the caller remembers it. */
bool segmap_forget(struct segmap_calls *c, uint32_t container);
/* How many calls of the kind are open. */
uint32_t segmap_open_calls(const struct segmap_calls *c, enum open_kind kind);
/* Nothing is open. */
bool segmap_calls_settled(const struct segmap_calls *c);

/* A pull has come: what it has no result of is open again.  False: some of it made no sense. */
bool segmap_on_pull(struct segmap_calls *c, const uint32_t *words, uint32_t count);
/* Writes the answer to a pull, at most SEGMAP_WORDS_MAX words, and returns how many they are; 0:
 * there is nothing to be done now, and the pull stays parked.  Of STOREs it takes at most *stores,
 * and takes off what it has. */
uint32_t segmap_hand_out(struct segmap_calls *c, uint32_t *words, uint32_t *stores);
