/* SPDX-License-Identifier: BSD-2-Clause */
/* A child with a pager thread of its own.  What it cannot do because of a fault it reports, and
 * goes on. */
#include "loop.h"

#include <setjmp.h>

#include "child_start.h"
#include "pager/pager.h"

/* By UTCB slot: where a thread goes when its command trapped. */
static struct {
    jmp_buf recover;
    bool set;
    struct pager_trap trap;
} places[TASK_THREADS_MAX];

static unsigned my_slot(void)
{
    return ((L4_MyLocalId().raw - TASK_UTCB_BASE) / UTCB_SIZE) % TASK_THREADS_MAX;
}

/* On the alternate stack of the thread that trapped. */
static bool on_trap(struct pager_trap *trap)
{
    unsigned slot = my_slot();
    if (!places[slot].set) {
        return false;
    }
    places[slot].trap = *trap;
    longjmp(places[slot].recover, 1);
}

static enum error trapped(unsigned slot, L4_Word_t *out, L4_Word_t *label)
{
    const struct pager_trap *trap = &places[slot].trap;
    *label = SERVANT_TRAPPED;
    out[0] = trap->address;
    out[1] = trap->access;
    out[2] = trap->reason;
    out[3] = trap->kind;
    out[4] = trap->number;
    return (enum error)trap->error;
}

static enum error loop_do(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out, L4_Word_t *label)
{
    unsigned slot = my_slot();
    if (setjmp(places[slot].recover) != 0) {
        places[my_slot()].set = false;
        return trapped(my_slot(), out, label);
    }
    places[slot].set = true;
    enum error e = loop_command(command, in, out);
    places[my_slot()].set = false;
    return e;
}

static enum error loop_own_thread_made(L4_ThreadId_t local, L4_ThreadId_t id)
{
    return pager_add_thread(local, id);
}

static void loop_own_thread_gone(L4_ThreadId_t local, L4_ThreadId_t id)
{
    (void)pager_remove_thread(local, id);
}

static enum error query(L4_Word_t address, L4_Word_t *out)
{
    struct region region;
    enum error e = pager_query((void *)address, &region);
    if (e == OK) {
        out[0] = region.start;
        out[1] = region.end;
        out[2] = region.kind;
        out[3] = region.rights;
    }
    return e;
}

static enum error describe_pager(L4_Word_t *out)
{
    struct pager_stats stats;
    pager_get_stats(&stats);
    out[0] = pager_thread().raw;
    out[1] = stats.forwards;
    out[2] = stats.asks;
    out[3] = stats.exceptions;
    out[4] = stats.dropped;
    return OK;
}

static enum error loop_own_command(L4_Word_t command, const L4_Word_t *in, L4_Word_t *out)
{
    void *address = (void *)in[0];
    enum error e;
    switch (command) {
    case SERVANT_MAP_ANONYMOUS:
        e = pager_map_anonymous(in[0] << PAGE_SHIFT, in[1], &address);
        out[0] = (L4_Word_t)address;
        return e;
    case SERVANT_MAP_CONTAINER:
        e = pager_map_container(in[0], in[1], in[2] << PAGE_SHIFT, in[3], &address);
        out[0] = (L4_Word_t)address;
        return e;
    case SERVANT_UNMAP:
        return pager_unmap(address, in[1] << PAGE_SHIFT);
    case SERVANT_PROTECT:
        return pager_protect(address, in[1] << PAGE_SHIFT, in[2]);
    case SERVANT_QUERY:
        return query(in[0], out);
    case SERVANT_PAGER:
        return describe_pager(out);
    default:
        return ERR_UNKNOWN;
    }
}

int main(void)
{
    child_start();
    pager_set_trap_handler(on_trap);
    loop_run();
}
