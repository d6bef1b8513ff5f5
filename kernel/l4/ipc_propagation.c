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
    if (v->state == THREAD_RECEIVING && v->from_spec == s->global_id) {
        assert(s->awaiter);
        ipc_await(v, r);
        if (v->queue) {
            ipc_rematch(v);
        }
    }
}

/* A delivery may call this function for another receiver, which then joins the list (ipc.h says why
 * there is one). */
RARE void ipc_rematch(struct tcb *r)
{
    static struct tcb *list;
    static bool busy;
    for (const struct tcb *t = list; t; t = t->rematch_next) {
        if (t == r) {
            return;
        }
    }
    assert(r->ipc_kind != IPC_INTERRUPT); /* its fault words are free for the list */
    r->rematch_next = list;
    list = r;
    while (!busy && list) {
        r = list;
        list = r->rematch_next;
        struct tcb *s = r->state == THREAD_RECEIVING && r->queue ? ipc_find_sender(r) : NULL;
        if (!s) {
            continue;
        }
        ipc_leave_sending(s);
        busy = true;
        if (ipc_deliver(s, r)) {
            ipc_send_phase_over(s);
        }
        busy = false;
    }
}

static void look_at_all(void)
{
    for (struct space *space = all_spaces; space; space = space->next) {
        for (struct tcb *r = space->threads; r; r = r->space_next) {
            ipc_rematch(r);
        }
    }
}

RARE bool ipc_look_again_step(word_t *next)
{
    if (few_threads()) {
        look_at_all();
        return true;
    }
    while (*next < THREAD_COUNT) {
        if (work_over()) {
            return false;
        }
        work_done(WORK_PASS);
        struct tcb *r = thread_next(next);
        if (r->state == THREAD_RECEIVING && r->queue) {
            work_done(WORK_ABORT);
            ipc_rematch(r);
        }
    }
    return true;
}

RARE void ipc_moved(struct tcb *t)
{
    ipc_requeue(t);
    ipc_rematch(t->state == THREAD_SENDING ? t->partner : t);
}
