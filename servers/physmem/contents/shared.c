/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/shared.h"

#include "base/assertion.h"
#include "room/frame.h"
#include "room/slab.h"
#include "room/table_frame.h"

/* An id is where the record lies: the frame of the slab, and the place in it. */
enum { INDEX_BITS = 9 };

static struct slab records;

void shared_init(void)
{
    slab_init(&records, sizeof(struct shared));
    ASSERT(slab_objects_per_frame(&records) <= 1u << INDEX_BITS);
}

enum error shared_new(uint32_t *id)
{
    void *object;
    enum error e = slab_alloc(&records, &object);
    if (e == OK) {
        *id = table_frame_of(object) << INDEX_BITS | slab_index_in_frame(&records, object);
    }
    return e;
}

struct shared *shared_find(uint32_t id)
{
    ASSERT(id >> INDEX_BITS != 0 && id >> INDEX_BITS < frame_table_count);
    return slab_object(&records, id >> INDEX_BITS, id & ((1u << INDEX_BITS) - 1));
}

bool shared_is_used(uint32_t id)
{
    frame_t f = id >> INDEX_BITS;
    bool good = f != 0 && f < frame_table_count && frame_table[f].kind == FRAME_TABLE;
    return good && (id & ((1u << INDEX_BITS) - 1)) < slab_objects_per_frame(&records) &&
           shared_find(id)->refs > 0;
}

void shared_free(uint32_t id)
{
    struct shared *s = shared_find(id);
    ASSERT(s->refs == 0 && s->mark == 0);
    slab_free(&records, s);
}
