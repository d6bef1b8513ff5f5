/* SPDX-License-Identifier: BSD-2-Clause */
#include "long_calls.h"

enum { STACK_WORDS = 64 };
#define NOWHERE 0x3000u /* where the visitor has nothing */

L4_ThreadId_t root;
char pages[SUPER] __attribute__((aligned(SUPER)));
volatile unsigned ended;
static L4_Word_t stacks[SENDERS + 1][STACK_WORDS];

/* ---- the visitor ---- */

bool visitor_make(L4_ThreadId_t t)
{
    bool made = L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA) &&
                L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                                L4_nilthread) &&
                L4_ThreadControl(t, t, L4_nilthread, root, ~0u);
    L4_LoadMR(1, NOWHERE);
    L4_LoadMR(2, 0);
    return made && L4_IpcSucceeded(L4_Send(t, L4_MsgTag(0, 2, 0)));
}

bool give(L4_ThreadId_t t, L4_Word_t to, L4_Word_t kind, L4_Fpage_t f)
{
    L4_MsgTag_t tag = L4_Receive_Timeout(t, L4_Never);
    if (L4_IpcFailed(tag) || L4_StoreMR(1) != NOWHERE) {
        return false;
    }
    L4_LoadMR(1, to | kind);
    L4_LoadMR(2, f.raw);
    return L4_IpcSucceeded(L4_Reply(t, L4_MsgTag(0, 0, 2)));
}

bool delete_thread(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u) == 1;
}

/* ---- threads of root's own space ---- */

bool thread_make(unsigned i)
{
    return L4_ThreadControl(id_of(i), root, root, root, ROOT_UTCBS + (1 + i) * UTCB_SIZE);
}

bool thread_start(unsigned i, void (*code)(void))
{
    L4_LoadMR(1, (L4_Word_t)code);
    L4_LoadMR(2, (L4_Word_t)&stacks[i][STACK_WORDS]);
    return L4_IpcSucceeded(L4_Send(id_of(i), L4_MsgTag(0, 2, 0)));
}

bool start_senders(void (*code)(void))
{
    bool all = thread_make(0);
    ended = 0;
    for (unsigned i = 1; i <= SENDERS && all; i++) {
        all = thread_make(i) && thread_start(i, code);
    }
    L4_Sleep(L4_TimePeriod(PATIENCE_US));
    return all;
}

void delete_threads(unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        EXPECT(delete_thread(id_of(i)));
    }
}
