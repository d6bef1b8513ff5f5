/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages in another thread's name (interface.md 4.2), and queued messages that fit later than
 * when they were queued. */
#include "ipc_priv.h"

#include "space.h"
#include "thread.h"
#include "thread_table.h"
#include "work.h"

struct tcb *ipc_find_virtual_sender(struct tcb *s, const struct tcb *r)
{
    struct tcb *v = thread_resolve(s, s->virtual_id);
    if (!v || v == s || v->ipc_kind == IPC_INTERRUPT) {
        return NULL;
    }
    bool its_redirector = v->space->redirector == s->global_id;
    return v->space == s->space || s->space == r->space || its_redirector ? v : NULL;
}

void ipc_retarget(struct tcb *v, struct tcb *s, struct tcb *r)
{
    if (tcb_waits(v) && v->from_spec == s->global_id) {
        assert(s->awaiter);
        ipc_await(v, r);
        ipc_rematch(v);
    }
}

/* In a queue without messages in another's name nothing changes. */
static void look_at(struct tcb *r)
{
    if (r->space) { /* it is not nobody */
        r->redirected = r->space->redirector != 0 || r->space->stripped;
    }
    if (r->queue & QUEUE_PROPAGATED && tcb_waits(r)) {
        work_done(WORK_ABORT);
        ipc_rematch(r);
    }
}

/* false: the step is over, and not all have been looked at. */
static bool look_at_all(void)
{
    for (struct space *space = all_spaces; space; space = space->next) {
        for (struct tcb *r = space->threads; r; r = r->space_next) {
            if (work_over()) {
                return false;
            }
            look_at(r);
        }
    }
    return true;
}

RARE bool ipc_look_again_step(word_t *next)
{
    if (*next == 0) {
        if (few_threads() && look_at_all()) {
            return true;
        }
        *next = 1; /* 0 is an interrupt line's */
    }
    while (*next < THREAD_COUNT) {
        if (work_over()) {
            return false;
        }
        work_done(WORK_PLACE);
        look_at(thread_next(next));
    }
    return true;
}

static void mix_queue(struct tcb *r)
{
    r->queue = (uint16_t)(r->queue | QUEUE_MIXED);
    ipc_rematch(r);
}

RARE void ipc_moved(struct tcb *t)
{
    if (t->state == THREAD_SENDING) {
        mix_queue(t->partner);
    }
    if (t->queue) {
        mix_queue(t);
    }
}
