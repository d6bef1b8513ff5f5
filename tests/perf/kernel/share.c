/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's share of one IPC, whatever library makes the call: from the call of the KIP's stub
 * to the instruction after it.  Two threads call each other by global ids in the same loop; what
 * the loop itself costs is measured with a stub that returns at once. */
#include "bench.h"

enum { CALL_AND_RETURN = 2 }; /* of that stub: the call is the share's, the return nobody's */

__asm__(".balign 16\n"
        "share_nothing:\n\t"
        "ret");
extern const char share_nothing[];

/* Sends `count' messages of `words' words to a thread, and waits for one of its behind each. */
static __attribute__((noinline)) void exchange(L4_Word_t to, L4_Word_t words, L4_Word_t count, L4_Word_t stub)
{
    L4_Word_t on_stack[4] = {stub, to, words, count}, *p = on_stack;
    __asm__ volatile("pushl %%ebp\n\t"
                     "pushl %0\n"
                     "1:\tmovl (%%esp), %%edx\n\t"
                     "movl %%gs:0, %%edi\n\t"
                     "movl 8(%%edx), %%esi\n\t"
                     "movl (%%edx), %%ebp\n\t"
                     "movl 4(%%edx), %%eax\n\t"
                     "xorl %%ecx, %%ecx\n\t"
                     "movl %%eax, %%edx\n\t"
                     "call *%%ebp\n\t"
                     "movl (%%esp), %%edx\n\t"
                     "decl 12(%%edx)\n\t"
                     "jnz 1b\n\t"
                     "popl %0\n\t"
                     "popl %%ebp"
                     : "+a"(p)
                     :
                     : "ebx", "ecx", "edx", "esi", "edi", "memory", "cc");
}

void share_answer(L4_Word_t words, L4_Word_t count)
{
    exchange(root.raw, words, count, __L4_ipc);
}

static void bench_share(const char *name, L4_ThreadId_t with, L4_Word_t words)
{
    L4_Word_t start = tsc();
    exchange(with.raw, words, ROUNDS, (L4_Word_t)share_nothing);
    L4_Word_t loop = tsc() - start;
    command(with, COMMAND_EXCHANGE, 2, (L4_Word_t[]){words, ROUNDS + 1});
    start = tsc();
    exchange(with.raw, words, ROUNDS, __L4_ipc);
    L4_Word_t both = tsc() - start;
    (void)L4_Call(with, L4_MsgTag(COMMAND_ECHO, 0, 0)); /* the last of its messages is answered */
    print_figure(name, "", both / (2 * ROUNDS) - loop / ROUNDS + CALL_AND_RETURN, "instructions");
}

void bench_shares(void)
{
    bench_share("ipc_kernel_inter_0", partner, 0);
    bench_share("ipc_kernel_intra_0", peer, 0);
    bench_share("ipc_kernel_inter_60", partner, 60);
}
