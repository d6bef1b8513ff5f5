/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, hashes and output of ipc_paths.c, plain_paths.c and read_key.c (paths.h). */
#include "paths.h"

#include "base/xorshift.h"

volatile L4_Word_t hashes[MOST_THREADS];
static L4_Word_t seed = 0x2545f491;

L4_Word_t random_word(void)
{
    return xorshift(&seed);
}

void hash(unsigned who, L4_Word_t w)
{
    hashes[who] = (hashes[who] ^ w) * 16777619u;
}

void raw_ipc(struct registers *r)
{
    __asm__ volatile("pushl %%ebp\n\tpushl %%eax\n\t"
                     "movl 4(%%eax), %%ecx\n\tmovl 8(%%eax), %%edx\n\tmovl 12(%%eax), %%esi\n\t"
                     "movl 16(%%eax), %%edi\n\tmovl 0(%%eax), %%eax\n\t"
                     "call *__L4_ipc\n\t"
                     "xchgl %%eax, 0(%%esp)\n\t"
                     "movl %%esi, 12(%%eax)\n\tmovl %%edi, 16(%%eax)\n\t"
                     "movl %%ebx, 20(%%eax)\n\tmovl %%ebp, 24(%%eax)\n\tpopl 0(%%eax)\n\t"
                     "popl %%ebp"
                     :
                     : "a"(r)
                     : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
}

L4_MsgTag_t hashed_ipc(unsigned who, struct registers r, L4_ThreadId_t *sender)
{
    L4_Word_t *utcb = L4_Utcb();
    r.edi = (L4_Word_t)utcb;
    raw_ipc(&r);
    hash(who, r.eax);
    hash(who, r.esi);
    hash(who, r.edi);
    hash(who, r.ebx);
    hash(who, r.ebp);
    for (int i = UTCB_MY_GLOBAL_ID; i < UTCB_MR_COUNT; i++) {
        hash(who, utcb[i]);
    }
    if (sender) {
        sender->raw = r.eax;
    }
    return (L4_MsgTag_t){r.esi};
}

void must(L4_Word_t condition)
{
    if (!condition) {
        L4_KDB_PrintString("paths: what must be is not\n");
        end_machine(1);
    }
}

void start_thread(L4_ThreadId_t t, L4_ThreadId_t space, L4_Word_t utcb, void (*entry)(void), char *stack_end)
{
    L4_ThreadId_t root = L4_Myself();
    must(L4_ThreadControl(t, space, root, L4_nilthread, utcb));
    if (L4_IsThreadEqual(space, t)) {
        must(L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                             L4_nilthread));
    }
    must(L4_ThreadControl(t, t, L4_nilthread, root, ~0u));
    must(L4_ThreadControl(t, t, L4_nilthread, L4_Pager(), ~0u));
    L4_LoadMR(1, (L4_Word_t)entry);
    L4_LoadMR(2, (L4_Word_t)stack_end - 16);
    must(L4_IpcSucceeded(L4_Send(t, L4_MsgTag(0, 2, 0))));
}
