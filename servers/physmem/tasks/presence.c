/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/presence.h"

#include "base/assertion.h"
#include "room/contract.h"
#include "room/slab.h"

static struct slab presences;
static uint32_t promised; /* tasks */

void presence_init(void)
{
    slab_init(&presences, sizeof(struct presence));
    promised = 0;
}

/* Frames that are not taken yet, and are needed if so many tasks are to have one.  Objects may lie
 * scattered over more; but then there is room in these. */
static uint32_t frames_missing(uint32_t tasks)
{
    uint32_t frames = slab_frames_for(&presences, tasks);
    return frames > presences.frames ? frames - presences.frames : 0;
}

static void promise(void)
{
    contract_promise_tables(frames_missing(promised));
}

enum error presence_promise(void)
{
    enum error e = frames_missing(promised + 1) > frames_missing(promised) ? contract_table() : OK;
    if (e == OK) {
        promised++;
        promise();
    }
    return e;
}

void presence_promise_end(void)
{
    ASSERT(promised > 0);
    promised--;
    promise();
}

enum error presence_make(struct presence **p)
{
    void *object;
    if (*p) {
        return OK;
    }
    contract_promise_tables(0); /* it is for this */
    enum error e = slab_alloc(&presences, &object);
    promise();
    *p = e == OK ? object : NULL;
    if (e == OK) {
        list_init(&(*p)->moving);
    }
    return e;
}

bool presence_says_something(const struct presence *p)
{
    const struct task_notices *n = &p->notices;
    return n->moved[0] != 0 || n->broken || n->broken_told || p->spare_note.thread != 0;
}

void presence_free(struct presence **p)
{
    if (*p) {
        list_remove(&(*p)->moving);
        slab_free(&presences, *p);
        *p = NULL;
        promise();
    }
}
