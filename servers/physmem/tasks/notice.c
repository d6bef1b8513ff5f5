/* SPDX-License-Identifier: BSD-2-Clause */
#include "tasks/notice.h"

#include "base/assertion.h"
#include "ground/counters.h"
#include "ground/platform.h"
#include "ground/progress.h"
#include "tasks/presence.h"
#include "tasks/task.h"

static L4_ThreadId_t waiting;
static bool pending; /* some task may have something to tell */
static bool needs_segmap;

void notice_init(void)
{
    waiting = L4_nilthread;
    pending = needs_segmap = false;
}

bool notice_broken(struct task *t, L4_ThreadId_t thread, L4_Word_t address, enum error why, L4_Word_t ip)
{
    if (presence_make(&t->presence) != OK) {
        return false;
    }
    struct task_notices *n = &t->presence->notices;
    if (n->broken || n->broken_told) {
        return true; /* the first one is enough to end it */
    }
    n->broken = true;
    pending = true;
    n->broken_thread = thread.raw;
    n->broken_address = address;
    n->broken_error = why;
    n->broken_ip = ip;
    progress_made();
    return true;
}

/* What was moved last stays last: an older word of the same kind goes. */
void notice_moved(struct task *t, enum physmem_notice kind, enum error e)
{
    struct task_notices *n = &t->presence->notices;
    uint8_t *moved = n->moved;
    pending = true;
    if (moved[0] == kind || moved[0] == 0) {
        moved[0] = moved[1];
        moved[1] = 0;
    }
    ASSERT(moved[1] == 0 && moved[0] != kind);
    moved[moved[0] != 0] = (uint8_t)kind;
    if (kind == NOTICE_OUT) {
        n->out_error = e;
    }
    progress_made();
}

void notice_segmap_needed(void)
{
    needs_segmap = pending = true;
    progress_made();
}

void notice_pull(L4_ThreadId_t puller)
{
    waiting = puller;
    progress_made();
}

void notice_supersede(L4_ThreadId_t puller)
{
    if (L4_IsThreadEqual(waiting, puller)) {
        waiting = L4_nilthread;
    }
}

/* Of which nothing else is to be told yet. */
static void begin_notice(struct message *m, L4_Word_t kind, L4_Word_t task)
{
    m->label = PHYSMEM_REPLY;
    m->words = 7;
    m->typed_words = 0;
    m->mr[1] = OK;
    m->mr[2] = kind;
    m->mr[3] = task;
    m->mr[4] = m->mr[5] = m->mr[6] = m->mr[7] = 0;
}

/* Fills the reply with the task's next notice; false: it has none. */
static bool next_notice(const struct task *t, struct message *m)
{
    const struct task_notices *n = &t->presence->notices;
    if (n->moved[0] != 0) {
        begin_notice(m, n->moved[0], t->id);
        m->mr[6] = n->moved[0] == NOTICE_OUT ? n->out_error : OK;
        return true;
    }
    begin_notice(m, NOTICE_BROKEN, t->id);
    m->mr[4] = n->broken_thread;
    m->mr[5] = n->broken_address;
    m->mr[6] = n->broken_error;
    m->mr[7] = n->broken_ip;
    return n->broken;
}

static void told(struct task *t)
{
    struct task_notices *n = &t->presence->notices;
    ASSERT(n->moved[0] != 0 || (n->broken && !n->broken_told));
    if (n->moved[0] != 0) {
        n->moved[0] = n->moved[1];
        n->moved[1] = 0;
    } else {
        n->broken = false;
        n->broken_told = true;
    }
    task_trim_presence(t);
}

void notice_flush(void)
{
    struct message m;
    if (!pending || L4_IsNilThread(waiting)) {
        return;
    }
    if (needs_segmap) {
        begin_notice(&m, NOTICE_SEGMAP, 0);
        needs_segmap = platform_reply(waiting, &m) != REPLY_DONE;
        waiting = L4_nilthread;
        return;
    }
    for (struct list *i = task_list.next; i != &task_list; i = i->next) {
        struct task *t = LIST_ENTRY(i, struct task, all);
        if (!t->presence || !next_notice(t, &m)) {
            continue;
        }
        if (platform_reply(waiting, &m) == REPLY_DONE) {
            told(t);
        } else {
            counters.dropped++; /* told at the next pull */
        }
        waiting = L4_nilthread;
        return;
    }
    pending = false;
}
