/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocol between the Segment Map's server, segmap, and physmem.  segmap pulls its calls, for
 * physmem sends to nobody unasked.  The sender is the task that physmem has made segmap's; others
 * are answered ERR_PERMISSION.
 *
 * A message brings several calls, and the next pull has results: of the first of these calls, in
 * their order, as many as have been done.  All others are open again and are handed out anew, so a
 * pull without results is all that a new segmap has to say.  So every call may come twice. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* A window is so many pages of a container in a row, from a multiple of it on. */
enum { WINDOW_PAGES = 16, WINDOWS_MAX = 1 << 16 /* of a container */ };

/* Windows are in the order of their keys: by container, then by place in it. */
struct window_key {
    uint32_t container; /* number of the container; physmem gives it out */
    uint32_t window;    /* first page / WINDOW_PAGES */
};

/* What physmem stores and asks for.  The map does not look into entries, but 0 is a hole, and
 * nothing is kept of a hole. */
struct window_record {
    struct window_key key;
    uint32_t version;
    uint32_t entries[WINDOW_PAGES];
    uint32_t checksums[WINDOW_PAGES]; /* 0 at a hole */
};

enum segmap_label {
    /* Where the Segment Map is.  -> MR2 = address in segmap's space, MR3 = pages,
     * SEGMAP_PAGES_LEAST to SEGMAP_PAGES_MAX.  What lies there outlives segmap; all zero: a map
     * without records.  Answered at once. */
    SEGMAP_OPEN = 0x150,
    /* MR1 = round of the calls that have been answered, 0 if none; MR2 = how many results follow,
     * then these, and then, if the map has a batch, number, container and the freed entries. PARKED
     * until there are calls.  -> SEGMAP_CALLS, by which physmem has counted the batch. A batch with
     * the number of the one before is that one again.  A reply that does not arrive is made up for
     * by the same message once more, whose round is an old one then. */
    SEGMAP_PULL = 0x151,
    /* The answer to a pull: MR1 = round, never 0; then the calls. */
    SEGMAP_CALLS = 0x152,
};

enum segmap_call {
    SEGMAP_LOOKUP = 1, /* container, window -> SEGMAP_RECORD */
    SEGMAP_STORE,      /* container, window, record (below) -> SEGMAP_DONE, _FULL */
    SEGMAP_DROP,       /* container, first page, end: its entries there are freed -> _MORE, _DONE */
    SEGMAP_FORGET,     /* the same, but the entries are out of date: there is no batch of them */
};

enum segmap_result {
    SEGMAP_RECORD = 1, /* then a record; one without entries: there is none */
    SEGMAP_DONE,       /* a DROP: nothing is left there */
    SEGMAP_MORE,       /* of a DROP some is left, or a batch is there: it is to come again */
    SEGMAP_FULL,       /* no room for the record; older ones are kept, this one's too */
    SEGMAP_DAMAGED,    /* the page of the map cannot be made out: nothing has changed */
};

enum {
    SEGMAP_WORDS_MAX = 63, /* of a message, MR1 being the first */
    SEGMAP_CALLS_MAX = 8,  /* of a message */
    SEGMAP_PULL_HEAD = 2,  /* round and number of results */
    SEGMAP_RECORD_MAX = 2 + 2 * WINDOW_PAGES,
    SEGMAP_CALL_MAX = 3 + SEGMAP_RECORD_MAX,
    SEGMAP_BATCH_HEAD = 2,
    SEGMAP_BATCH_MAX = 48, /* entries: a batch always fits beside its result */
    /* Pages of the map.  So many slots of the swap disk are a page of it: a record is 12 bytes and
     * 8 for each of its pages, in nodes that may be half empty. */
    SEGMAP_PAGES_LEAST = 64,
    SEGMAP_PAGES_MAX = 1 << 17,
    SEGMAP_SLOTS_PER_PAGE = 50,
};

/* How many pages of a window are no holes.  (A 486 has no instruction for it.) */
static inline uint32_t segmap_present(uint32_t bits)
{
    bits -= bits >> 1 & 0x5555;
    bits = (bits & 0x3333) + (bits >> 2 & 0x3333);
    bits = (bits + (bits >> 4)) & 0x0f0f;
    return (bits + (bits >> 8)) & 0x1f;
}

/* Writes entry and checksum of each page that is no hole; *present has a bit for each of these.
 * Returns the number of words. */
static inline uint32_t segmap_pack_pages(uint32_t *words, const struct window_record *r, uint32_t *present)
{
    uint32_t count = 0;
    *present = 0;
    for (uint32_t i = 0; i < WINDOW_PAGES; i++) {
        if (r->entries[i]) {
            *present |= 1u << i;
            words[count++] = r->entries[i];
            words[count++] = r->checksums[i];
        }
    }
    return count;
}

/* The other way round, in a record of holes. */
static inline void segmap_unpack_pages(const uint32_t *words, uint32_t present, struct window_record *r)
{
    for (; present; present &= present - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(present);
        r->entries[i] = *words++;
        r->checksums[i] = *words++;
    }
}

/* A record in a message: version; a bit for each page that is no hole; entry and checksum of each
 * of these.  Returns the number of words. */
static inline uint32_t segmap_put_record(uint32_t *words, const struct window_record *r)
{
    words[0] = r->version;
    return 2 + segmap_pack_pages(words + 2, r, &words[1]);
}

/* Of the record that the `left` words begin with; 0 if they begin none. */
static inline uint32_t segmap_record_words(const uint32_t *words, uint32_t left)
{
    if (left < 2 || words[1] >> WINDOW_PAGES) {
        return 0;
    }
    uint32_t count = 2 + 2 * segmap_present(words[1]);
    return left < count ? 0 : count;
}

/* Fills all but the key.  Returns the number of words; 0 if the `left` words begin no record. */
static inline uint32_t segmap_get_record(const uint32_t *words, uint32_t left, struct window_record *r)
{
    uint32_t count = segmap_record_words(words, left);
    if (count == 0) {
        return 0;
    }
    *r = (struct window_record){.key = r->key, .version = words[0]};
    segmap_unpack_pages(words + 2, words[1], r);
    return count;
}
