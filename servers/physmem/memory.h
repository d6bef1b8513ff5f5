/* SPDX-License-Identifier: BSD-2-Clause */
/* physmem's own memory: frames for tables, and objects of one size carved out of them.
 *
 * Frames are taken one by one against the contract (contract.h) and go back when the last object in them is
 * freed.  Nothing here is needed to evict, write or complete a page. */
#pragma once

#include "protocol/error.h"
#include "types.h"

/* A zeroed frame for a table.  ERR_NO_MEMORY: the bound is reached; ERR_BUSY: no frame is free just now. */
enum error table_frame_alloc(frame_t *result);
void table_frame_free(frame_t f);

struct slab_frame;

struct slab {
    uint32_t object_bytes;
    struct slab_frame *partial; /* frames with room */
    uint32_t used;              /* objects in use */
    uint32_t frames, kept;      /* frames taken; how many of them never go back */
};

enum error slab_alloc(struct slab *s, void **result); /* the object is zeroed */
void slab_free(struct slab *s, void *object);
/* Takes so many frames ahead and keeps them: objects in them never want for memory. */
enum error slab_reserve(struct slab *s, uint32_t frames);
void slab_init(struct slab *s, uint32_t object_bytes);
uint32_t slab_objects_per_frame(const struct slab *s);
/* Which object of its frame it is. */
uint32_t slab_index_in_frame(const struct slab *s, const void *object);
void *slab_object(const struct slab *s, frame_t f, uint32_t index);

/* The frame an object in a table frame lies in. */
frame_t memory_frame_of(const void *object);
