/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread_table.h"

#include "interrupt_ipc.h"
#include "kmem.h"

struct tcb **thread_leaves[THREAD_LEAVES];
struct tcb *thread_empty_leaf[THREAD_LEAF_ENTRIES];
struct tcb thread_nobody;

static void fill(struct tcb **leaf)
{
    for (unsigned i = 0; i < THREAD_LEAF_ENTRIES; i++) {
        leaf[i] = &thread_nobody;
    }
}

void thread_table_init(void)
{
    fill(thread_empty_leaf);
    for (unsigned i = 0; i < THREAD_LEAVES; i++) {
        thread_leaves[i] = thread_empty_leaf;
    }
}

RARE bool thread_leaf_make(struct tcb ***leaf)
{
    assert(*leaf == thread_empty_leaf);
    struct tcb **fresh = kmem_alloc_page(NULL);
    if (!fresh) {
        return false;
    }
    fill(fresh);
    *leaf = fresh;
    return true;
}

/* A local id is the address of a UTCB.  What the UTCB says about its thread is user memory: the TCB
 * must agree. */
struct tcb *thread_find_local(const struct space *space, word_t local_id)
{
    word_t *utcb = space_utcb_find(space, local_id);
    struct tcb *found = utcb ? thread_find(utcb[UTCB_MY_GLOBAL_ID]) : NULL;
    return found && found->utcb == utcb && found->space == space ? found : NULL;
}

struct tcb *thread_resolve(const struct tcb *t, word_t id)
{
    struct tcb *found;
    if (tcb_id_is_local(id)) {
        found = thread_find_local(t->space, id);
    } else if (id >> L4_VERSION_BITS < SYSTEM_BASE) {
        return interrupt_find(id);
    } else {
        found = thread_find(id);
    }
    return found && tcb_active(found) ? found : NULL;
}
