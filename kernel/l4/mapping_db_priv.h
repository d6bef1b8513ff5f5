/* SPDX-License-Identifier: BSD-2-Clause */
/* The mapping database's lists, for its own files: mapping_db.c (what concerns whole lists),
 * map_page.c, unmap.c, superpage.c.  mapping_db.h has the theory. */
#pragma once

#include "arch.h"
#include "kmem.h"
#include "mapping_db.h"
#include "work.h"

enum {
    BELOW_SHIFT = 4,
    DEPTH_SHIFT = 8,
    STATUS_MASK = 3,
    STATUS_BOTH = STATUS_MASK << BELOW_SHIFT | STATUS_MASK,
    HEAD_SUPER = 4, /* of the first frame of a superframe */
    HEAD_FLAGS = STATUS_MASK | HEAD_SUPER,
    DEVICE_LISTS = 16,
};

/* A head is a pointer to the first node, with sigma0's `below' status and HEAD_SUPER in its low
 * bits.  That of a frame of RAM stands in its descriptor, and there is none while the frame is the
 * kernel's (frame_is_users). */
extern struct kpage *frames;
extern size_t frame_count;
extern word_t device_heads[DEVICE_LISTS]; /* of all other frames */

static inline word_t *mapping_head(paddr_t frame)
{
    size_t number = frame >> PAGE_BITS;
    return number < frame_count ? &frames[number].head : &device_heads[number % DEVICE_LISTS];
}

static inline bool frame_is_users(paddr_t frame)
{
    size_t number = frame >> PAGE_BITS;
    return number >= frame_count || frames[number].state == KPAGE_USER;
}

static inline struct mapping *head_first(const word_t *head)
{
    return (struct mapping *)(uintptr_t)(*head & ~(word_t)HEAD_FLAGS);
}

static inline void head_set_first(word_t *head, struct mapping *first)
{
    *head = (word_t)(uintptr_t)first | (*head & HEAD_FLAGS);
}

static inline uint32_t depth(const struct mapping *m)
{
    return m->info >> DEPTH_SHIFT;
}

/* For node_in alone: it is not the first node. */
RARE struct mapping *node_search(struct mapping *first, const pte_t *pte);

/* The node of a mapping, in the list of its frame. */
static inline struct mapping *node_in(const word_t *head, const pte_t *pte)
{
    struct mapping *m = head_first(head);
    return __builtin_expect(m->pte == pte, 1) ? m : node_search(m, pte);
}

static inline struct mapping *node_find(const pte_t *pte)
{
    return node_in(mapping_head(arch_pte_frame(*pte)), pte);
}

/* Nodes with an entry in the index, and one for each walk that stands somewhere (mapping_walk.h).
 * 0: nobody has to hear that a node leaves. */
extern word_t removals_noted;
/* m is about to leave its list, and removals_noted is not 0. */
RARE void node_note_removal(struct mapping *m);

/* m becomes the node behind `after'; NULL: the first one.  Returns the list's length. */
static inline uintptr_t node_insert(word_t *head, struct mapping *after, struct mapping *m)
{
    struct mapping *first = head_first(head);
    debug_assert(depth(m) == (after ? depth(after) + 1 : 1));
    if (!after) {
        m->length = first ? first->length + MAPPINGS_ONE : MAPPINGS_ONE + 1;
        m->next = first;
        head_set_first(head, m);
        if (first) {
            first->prev = m;
        }
        return m->length;
    }
    m->prev = after;
    m->next = after->next;
    after->next = m;
    if (m->next) {
        m->next->prev = m;
    }
    return first->length += MAPPINGS_ONE;
}

static inline void node_remove(word_t *head, struct mapping *m)
{
    struct mapping *next = m->next;
    if (__builtin_expect(removals_noted != 0, 0)) {
        node_note_removal(m);
    }
    if (m->length & 1) {
        debug_assert(head_first(head) == m);
        head_set_first(head, next);
        if (next) {
            next->length = m->length - MAPPINGS_ONE;
        }
        return;
    }
    debug_assert(m->prev->next == m && (!next || next->prev == m));
    m->prev->next = next;
    if (next) {
        next->prev = m->prev;
    }
    head_first(head)->length -= MAPPINGS_ONE;
}

/* What a search for the first mapped page from one address to another has cost. */
static inline int32_t scan_cost(vaddr_t from, vaddr_t to)
{
    enum { TABLE_PAGES = SUPERPAGE_BYTES / PAGE_BYTES };
    word_t pages = (to - from) >> PAGE_BITS;
    return (int32_t)((pages < TABLE_PAGES ? pages : TABLE_PAGES) * WORK_ENTRY +
                     pages / TABLE_PAGES * WORK_PASS);
}

/* Maps from one entry to another, both small or (then the rights say so) both superpages.
 * source_pte: NULL for sigma0.  pte is not present, or maps this same frame. */
RARE enum map_result map_entry(pte_t *source_pte, pte_t *pte, struct space *to, vaddr_t destination,
                               paddr_t frame, word_t rights, bool grant);

/* unmap_page for an entry that is present and a user's, whatever its size; for a frame of
 * sigma0's. */
RARE word_t unmap_entry(pte_t *pte, word_t rights, bool flush);
word_t unmap_root(paddr_t frame, word_t rights);
