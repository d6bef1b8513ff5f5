/* SPDX-License-Identifier: BSD-2-Clause */
#include "thread_table.h"

#include "arch.h"
#include "interrupt_ipc.h"
#include "kmem.h"
#include "thread.h"

struct tcb thread_nobody;
struct thread_leaf thread_leaves[THREAD_LEAVES];
static struct tcb **no_threads SEALED;

_Static_assert(THREAD_LEAF_ENTRIES * sizeof(struct tcb *) == PAGE_BYTES, "a leaf is a page");

static void fill(struct tcb **leaf)
{
    for (unsigned i = 0; i < THREAD_LEAF_ENTRIES; i++) {
        leaf[i] = &thread_nobody;
    }
}

void thread_table_init(void)
{
    thread_nobody.state = THREAD_INACTIVE;
    no_threads = kmem_alloc_page(NULL);
    assert(no_threads);
    fill(no_threads);
    for (word_t i = 0; i < 1u << (L4_NUMBER_BITS - THREAD_LEAF_BITS); i++) {
        arch_thread_leaf(i, no_threads);
    }
}

RARE bool thread_leaf_make(word_t index)
{
    struct tcb **page = kmem_alloc_page(root_space);
    if (!page) {
        return false;
    }
    fill(page);
    thread_leaves[index] = (struct thread_leaf){.page = page};
    arch_thread_leaf(index, page);
    return true;
}

RARE void thread_leaf_free(word_t index)
{
    arch_thread_leaf(index, no_threads);
    kmem_free_page(thread_leaves[index].page, root_space);
    thread_leaves[index].page = NULL;
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
