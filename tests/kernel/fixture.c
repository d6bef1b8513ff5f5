/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's tests are made with: threads, spaces, and the checks after each test. */
#include "ktest.h"

struct tcb *ktest_root;
void (*whole_between)(void);

enum { UTCB_BASE = 0x10000000, KIP_BASE = 0x10100000, UTCB_LOG2 = 16 };

word_t ktest_id(word_t number, word_t version)
{
    return number << L4_VERSION_BITS | version;
}

static struct space *privileged_space(void)
{
    struct space *space = space_create();
    assert(space);
    space->privileged = true;
    word_t error =
        space_set_areas(space, L4_FpageLog2(KIP_BASE, PAGE_BITS), L4_FpageLog2(UTCB_BASE, UTCB_LOG2));
    assert(error == 0);
    return space;
}

/* sigma0's space without threads would vanish with its first one: it keeps one. */
static void make_servers(void)
{
    sigma0_space = privileged_space();
    (void)thread_boot(USER_BASE_NO, sigma0_space, 0, ktest_id(USER_BASE_NO, 1), 0, 0);
    root_space = privileged_space();
    ktest_root = thread_boot(USER_BASE_NO + 2, root_space, 0, ktest_id(USER_BASE_NO, 1), 0, 0);
}

word_t ktest_footprint(void)
{
    if (!ktest_root) {
        make_servers();
        ktest_delete(ktest_thread(200)); /* the leaf of the thread table, which stays */
    }
    return (word_t)(kmem_pages_free() + (mapping_count() << 12) + (thread_count() << 20));
}

size_t ktest_check(void)
{
    return mapping_db_check() + io_ports_check() + thread_check() + schedule_check() + !kmem_check();
}

struct tcb *ktest_thread(word_t number)
{
    word_t id = ktest_id(number, 1), root = ktest_root->global_id;
    if (control_whole(ktest_root, id, id, root, 0, ~0u) != 0) {
        return NULL;
    }
    struct tcb *t = thread_find(id);
    if (space_set_areas(t->space, L4_FpageLog2(KIP_BASE, PAGE_BITS), L4_FpageLog2(UTCB_BASE, UTCB_LOG2)) !=
            0 ||
        control_whole(ktest_root, id, id, root, root, UTCB_BASE) != 0) {
        ktest_delete(t);
        return NULL;
    }
    ipc_abort(t, L4_IpcCanceled);
    t->ipc_kind = IPC_USER;
    return t;
}

struct tcb *ktest_thread_in(struct tcb *other, word_t number, word_t slot)
{
    word_t id = ktest_id(number, 1), root = ktest_root->global_id;
    if (control_whole(ktest_root, id, other->global_id, root, root, UTCB_BASE + slot * UTCB_SIZE) != 0) {
        return NULL;
    }
    struct tcb *t = thread_find(id);
    ipc_abort(t, L4_IpcCanceled);
    t->ipc_kind = IPC_USER;
    return t;
}

void ktest_delete(struct tcb *t)
{
    word_t error = control_whole(ktest_root, t->global_id, 0, 0, 0, ~0u);
    assert(error == 0);
}

void ktest_ipc(struct tcb *t, word_t to, word_t from_spec, word_t timeouts, word_t tag)
{
    schedule_remove(t);
    ipc_system_call(t, to, from_spec, timeouts, tag);
}
