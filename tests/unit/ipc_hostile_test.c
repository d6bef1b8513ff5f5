// sources: kernel/l4/*.c kernel/kdb/counters.c kernel/kdb/trace.c tests/unit/kernel_mock/mock.c lib/ktap/ktap.c lib/base/format.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* What threads of one task can arrange so that one step of an IPC has many consequences.  The
 * kernel must not need more of its stack for more of them, and no thread may keep waiting for one
 * that has been deleted. */
#include "ktap/ktap.h"
#include "l4/syscalls.h"
#include "mock.h"

enum { MOST = 96, LEVELS = 30, STRING = 16 << 10, STRING_ITEM = 2 << 6, UTCB_LOG2 = 17, STACK = 3000 };

static struct tcb *root, *threads[MOST];
static unsigned count;

static word_t id_of(unsigned i)
{
    return (word_t)(USER_BASE_NO + 10 + i) << L4_VERSION_BITS | 1;
}

/* All in one space. */
static struct tcb *make(void)
{
    word_t id = id_of(count), mate = count == 0 ? id : id_of(0);
    EXPECT_EQ(control_whole(root, id, mate, root->global_id, 0, ~0u), 0);
    struct tcb *t = threads[count] = thread_find(id);
    (void)space_set_areas(t->space, L4_FpageLog2(MOCK_KIP_BASE, PAGE_BITS),
                          L4_FpageLog2(MOCK_UTCB_BASE, UTCB_LOG2));
    EXPECT_EQ(control_whole(root, id, id, 0, root->global_id, MOCK_UTCB_BASE + count++ * UTCB_SIZE), 0);
    struct exchange start = {.control = L4_EXREGS_START};
    (void)exchange_registers(root, id, &start);
    return t;
}

static void end(void)
{
    while (count > 0) {
        (void)control_whole(root, id_of(--count), 0, 0, 0, ~0u);
        (void)control_whole(root, id_of(count) + 1, 0, 0, 0, ~0u);
    }
    EXPECT_EQ(ipc_queued_propagations, 0);
    EXPECT_EQ(thread_count(), 2);
    (void)ktap_end();
}

static void ipc(struct tcb *t, const struct tcb *to, const struct tcb *name, word_t from, word_t tag)
{
    if (name) {
        *tcb_tcr(t, UTCB_VIRTUAL_SENDER) = name->global_id;
    }
    schedule_remove(t); /* READY, but not current: as if it were */
    ipc_system_call(t, to ? to->global_id : 0, from, 0, tag | (name ? L4_TAG_PROPAGATED : 0));
    search_whole();
}

/* Its string is not there, nor is its buffer. */
static void set_strings(struct tcb *t, const struct tcb *pager)
{
    t->utcb[1] = STRING;
    t->utcb[2] = 0x4000000;
    t->utcb[UTCB_BR0] = 1;
    t->utcb[UTCB_BR0 - 1] = STRING;
    t->utcb[UTCB_BR0 - 2] = 0x5000000;
    *tcb_tcr(t, UTCB_PAGER) = pager->global_id;
}

static uintptr_t lowest;

static void note_depth(struct tcb *t, word_t from, word_t tag)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    (void)t, (void)from, (void)tag;
    lowest = here < lowest ? here : lowest;
}

/* r[0] receives from f[1]; the fault in f[1]'s string goes to its pager p[1], in whose name r[1]
 * has queued an answer; so r[1] goes on and receives from f[2], and so forth. */
static void test_depth(void)
{
    struct tcb *f[LEVELS + 1], *p[LEVELS + 1], *r[LEVELS + 1];
    ktap_begin("faults in strings one behind the other take no more of the stack than one");
    for (unsigned i = 0; i <= LEVELS; i++) {
        f[i] = make();
        p[i] = make();
        r[i] = make();
        set_strings(r[i], p[i]);
    }
    for (unsigned i = 1; i <= LEVELS; i++) {
        set_strings(f[i], p[i]);
        ipc(p[i], NULL, NULL, L4_anythread.raw, 0);
        ipc(f[i], r[i - 1], NULL, 0, STRING_ITEM);
    }
    for (unsigned i = 1; i <= LEVELS; i++) {
        ipc(r[i], f[i], p[i], L4_anythread.raw, 0);
    }
    uintptr_t top = lowest = (uintptr_t)__builtin_frame_address(0);
    mock_on_ipc_return = note_depth;
    ipc(r[0], NULL, NULL, L4_anythread.raw, 0);
    mock_on_ipc_return = NULL;
    EXPECT_EQ(p[LEVELS]->state, THREAD_READY); /* all of it has happened */
    ktap_diagnostic("%u bytes for %u levels", (unsigned)(top - lowest), (unsigned)LEVELS);
    EXPECT_LT(top - lowest, STACK);
    end();
}

/* s sends r a string in the name of v, and waits for its pager t; v waits for s, and x has queued a
 * message for v in the name of r.  When t is deleted, r gets what there is of the string, v waits
 * for r from then on, and x's message arrives.  x must not be found waiting for t afterwards. */
static void going(bool x_first, bool x_calls, bool rename)
{
    struct tcb *x = NULL, *t = make();
    x = x_first ? make() : NULL;
    struct tcb *s = make(), *r = make(), *v = make();
    x = x ? x : make();
    set_strings(s, t);
    set_strings(x, t);
    set_strings(r, t);
    set_strings(v, t);
    ipc(t, NULL, NULL, L4_anythread.raw, 0);
    ipc(v, NULL, NULL, s->global_id, 0);
    ipc(x, v, r, x_calls ? t->global_id : 0, x_calls ? 0 : STRING_ITEM);
    ipc(r, NULL, NULL, L4_anythread.raw, 0);
    ipc(s, r, v, 0, STRING_ITEM);
    EXPECT_EQ(s->state, THREAD_RECEIVING);
    EXPECT_EQ(s->from_spec, t->global_id);
    ipc(t, NULL, NULL, L4_anythread.raw, 0);
    word_t id = t->global_id;
    EXPECT_EQ(control_whole(root, rename ? id + 1 : id, rename ? id : 0, 0, 0, ~0u), 0);
    EXPECT(schedule_woken != t || rename);
    EXPECT(rename || !t->queued);
    EXPECT_EQ(s->state, THREAD_READY);
    EXPECT_EQ(x->state, THREAD_READY);
    EXPECT_EQ(schedule_check(), 0);
    end();
}

int main(void)
{
    mock_init(MOCK_POOL_PAGES);
    root = mock_boot();
    mock_quiet = true;
    ktap_start(mock_write, 1 + 8);
    test_depth();
    for (unsigned i = 0; i < 8; i++) {
        ktap_begin("nobody writes to a thread that goes, or waits for it");
        going(i & 1, i & 2, i & 4);
    }
    return ktap_finish();
}
