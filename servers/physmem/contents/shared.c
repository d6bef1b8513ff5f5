/* SPDX-License-Identifier: BSD-2-Clause */
#include "contents/shared.h"

#include "base/assertion.h"
#include "room/slab.h"

static struct slab records;

void shared_init(void)
{
    slab_init(&records, sizeof(struct shared));
}

enum error shared_new(uint32_t *id)
{
    void *object;
    enum error e = slab_alloc(&records, &object);
    if (e == OK) {
        *id = slab_name(&records, object);
    }
    return e;
}

struct shared *shared_find(uint32_t id)
{
    return slab_named(&records, id);
}

bool shared_is_used(uint32_t id)
{
    return slab_is_name(&records, id) && shared_find(id)->refs > 0;
}

void shared_free(uint32_t id)
{
    struct shared *s = shared_find(id);
    ASSERT(s->refs == 0 && s->mark == 0);
    slab_free(&records, s);
}
