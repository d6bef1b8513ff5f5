/* SPDX-License-Identifier: BSD-2-Clause */
#include "room/slab.h"

#include "ground/mem.h"

#include "base/assertion.h"
#include "ground/platform.h"
#include "room/frame.h"
#include "room/table_frame.h"

/* At the start of each frame of a slab. */
struct slab_frame {
    struct slab_frame *next, *prev; /* among those with room; both NULL if alone or full */
    void *free;                     /* chain of free objects, linked through their first word */
    uint32_t used, reserved;
};

enum { LOOKS_MAX = 16 }; /* at frames with room, for a fuller one */

void slab_init(struct slab *s, uint32_t object_bytes)
{
    *s = (struct slab){.object_bytes = object_bytes};
}

static uint32_t objects_per_frame(const struct slab *s)
{
    return (PAGE_SIZE - (uint32_t)sizeof(struct slab_frame)) / s->object_bytes;
}

static void *object_at(const struct slab *s, frame_t f, uint32_t index)
{
    return (char *)frame_memory(f) + sizeof(struct slab_frame) + index * s->object_bytes;
}

uint32_t slab_name(const struct slab *s, const void *object)
{
    frame_t f = table_frame_of(object);
    const char *start = object_at(s, f, 0);
    uint32_t index = (uint32_t)((const char *)object - start) / s->object_bytes;
    ASSERT(index < 1u << SLAB_INDEX_BITS);
    return f << SLAB_INDEX_BITS | index;
}

static uint32_t index_of(uint32_t name)
{
    return name & ((1u << SLAB_INDEX_BITS) - 1);
}

void *slab_named(const struct slab *s, uint32_t name)
{
    return object_at(s, name >> SLAB_INDEX_BITS, index_of(name));
}

bool slab_is_name(const struct slab *s, uint32_t name)
{
    frame_t f = name >> SLAB_INDEX_BITS;
    return f != 0 && f < frame_table_count && frame_table[f].kind == FRAME_TABLE &&
           index_of(name) < objects_per_frame(s);
}

static void link_partial(struct slab *s, struct slab_frame *sf)
{
    ASSERT(s->partial != sf);
    sf->prev = NULL;
    sf->next = s->partial;
    if (s->partial) {
        s->partial->prev = sf;
    }
    s->partial = sf;
}

static void unlink_partial(struct slab *s, struct slab_frame *sf)
{
    if (sf->prev) {
        sf->prev->next = sf->next;
    } else {
        s->partial = sf->next;
    }
    if (sf->next) {
        sf->next->prev = sf->prev;
    }
    sf->next = sf->prev = NULL;
}

static enum error slab_grow(struct slab *s)
{
    frame_t f;
    enum error e = table_frame_alloc(&f);
    if (e != OK) {
        return e;
    }
    struct slab_frame *sf = frame_memory(f);
    for (uint32_t i = objects_per_frame(s); i > 0; i--) {
        void **object = object_at(s, f, i - 1);
        *object = sf->free;
        sf->free = object;
        platform_poison(object, s->object_bytes);
    }
    link_partial(s, sf);
    s->frames++;
    return OK;
}

enum error slab_reserve(struct slab *s, uint32_t frames)
{
    enum error e = OK;
    while (s->frames < frames && e == OK) {
        e = slab_grow(s);
    }
    s->kept = frames;
    return e;
}

/* Of a frame with room. */
static void *take(struct slab *s, struct slab_frame *sf)
{
    void **object = sf->free;
    ASSERT(object && sf->used < objects_per_frame(s));
    platform_unpoison(object, s->object_bytes);
    sf->free = *object;
    sf->used++;
    s->used++;
    if (!sf->free) {
        unlink_partial(s, sf);
    }
    return object;
}

enum error slab_alloc(struct slab *s, void **result)
{
    if (!s->partial) {
        enum error e = slab_grow(s);
        if (e != OK) {
            return e;
        }
    }
    *result = take(s, s->partial);
    memset(*result, 0, s->object_bytes);
    return OK;
}

uint32_t slab_frames_for(const struct slab *s, uint32_t objects)
{
    return (objects + objects_per_frame(s) - 1) / objects_per_frame(s);
}

bool slab_is_scattered(const struct slab *s)
{
    return s->frames > s->kept && s->frames > slab_frames_for(s, s->used) + 1;
}

/* Among frames that are as full it is that with the lowest address. */
void *slab_alloc_fuller(struct slab *s, const void *object)
{
    const struct slab_frame *own = frame_memory(table_frame_of(object)), *best = own;
    uint32_t looks = 0;
    for (const struct slab_frame *sf = s->partial; sf && looks < LOOKS_MAX; sf = sf->next, looks++) {
        best = sf->used > best->used || (sf->used == best->used && sf < best) ? sf : best;
    }
    return best == own ? NULL : take(s, (struct slab_frame *)best);
}

void slab_free(struct slab *s, void *object)
{
    frame_t f = table_frame_of(object);
    struct slab_frame *sf = frame_memory(f);
    ASSERT(frame_table[f].kind == FRAME_TABLE && sf->used > 0 && s->used > 0);
    if (!sf->free) {
        link_partial(s, sf);
    }
    void **link = object;
    *link = sf->free;
    sf->free = object;
    platform_poison(object, s->object_bytes);
    s->used--;
    if (--sf->used == 0 && s->frames > s->kept) {
        s->frames--;
        unlink_partial(s, sf);
        platform_unpoison(sf, PAGE_SIZE);
        table_frame_free(f);
    }
}

/* ---- small objects ---- */

enum { SMALL_BYTES = 28 };

static struct slab small;

void slab_small_init(void)
{
    slab_init(&small, SMALL_BYTES);
}

enum error slab_alloc_small(uint32_t object_bytes, void **result)
{
    ASSERT(object_bytes <= SMALL_BYTES);
    return slab_alloc(&small, result);
}

void slab_free_small(void *object)
{
    slab_free(&small, object);
}
