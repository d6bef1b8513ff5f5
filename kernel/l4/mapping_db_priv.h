/* SPDX-License-Identifier: BSD-2-Clause */
/* What mapping_db.c and superpage.c share: lists, heads and nodes. */
#pragma once

#include "mapping_db.h"

enum {
    BELOW_SHIFT = 4,
    DEPTH_SHIFT = 8,
    STATUS_MASK = 3,
    HEAD_SUPER = 4, /* of the first frame of a superframe */
    HEAD_FLAGS = STATUS_MASK | HEAD_SUPER,
};

/* A head is a pointer to the first node with sigma0's `below' status and HEAD_SUPER in its low bits. */
extern word_t *frame_heads;
extern size_t frame_count;

static inline struct mapping *head_first(const word_t *head)
{
    return (struct mapping *)(uintptr_t)(*head & ~(word_t)HEAD_FLAGS);
}

static inline uint32_t depth(const struct mapping *m)
{
    return m->info >> DEPTH_SHIFT;
}

/* unmap_page for the entry of a superpage, and for sigma0. */
RARE word_t unmap_super_node(pte_t *pte, word_t rights, bool flush);
word_t unmap_root(paddr_t frame, word_t rights);
