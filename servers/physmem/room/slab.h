/* SPDX-License-Identifier: BSD-2-Clause */
/* Slabs: objects of one size, carved out of table frames.  A frame goes back when its last object
 * is freed, unless it was reserved.
 *
 * Invariants: frames with room, and no others, are in `partial`; `used` counts the objects in use,
 * `frames` the frames taken.  Objects that are not in use are out of bounds in host tests. */
#pragma once

#include "ground/types.h"
#include "protocol/error.h"

struct slab_frame;

struct slab {
    uint32_t object_bytes;
    struct slab_frame *partial;
    uint32_t used;
    uint32_t frames, kept; /* kept: how many of the frames never go back */
};

void slab_init(struct slab *s, uint32_t object_bytes);
/* The object is zeroed.  Errors are those of table_frame_alloc. */
enum error slab_alloc(struct slab *s, void **result);
void slab_free(struct slab *s, void *object);
/* How many frames so many objects need. */
uint32_t slab_frames_for(const struct slab *s, uint32_t objects);
/* More frames are in use than there need be, by two at least. */
bool slab_is_scattered(const struct slab *s);
/* An object with other contents, in a frame that is fuller than that one's; NULL: none was found.
 * Whoever moves there what he has, and frees that one, makes frames empty. */
void *slab_alloc_fuller(struct slab *s, const void *object);
/* The same from a slab that all small kinds of objects share: of each there are so few that frames
 * of their own would stay almost empty. */
void slab_small_init(void);
enum error slab_alloc_small(uint32_t object_bytes, void **result);
void slab_free_small(void *object);

/* Takes frames ahead, until there are so many, and keeps them: objects in them never want for
 * memory. */
enum error slab_reserve(struct slab *s, uint32_t frames);

/* An object's name, which is its own as long as it is in use: its frame and its
 * place there; and the object of that name, if it is one. */
enum { SLAB_INDEX_BITS = 9 };
uint32_t slab_name(const struct slab *s, const void *object);
void *slab_named(const struct slab *s, uint32_t name);
/* Some object, in use or not, could have that name: of whatever slab. */
bool slab_is_name(const struct slab *s, uint32_t name);
