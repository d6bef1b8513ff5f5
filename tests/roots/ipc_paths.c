/* SPDX-License-Identifier: BSD-2-Clause */
/* The same IPCs whichever path of the kernel takes them: a root task that makes pseudo-random calls, replies and
 * receives between four threads in two spaces and prints a hash of every register and every message and control
 * register after each.  Run with and without the kernel's word `slowipc', it must print the same lines. */
#include "base/format.h"
#include "l4/syscalls.h"

enum { ROUNDS = 4000, THREADS = 4, STACK_BYTES = 4096, UTCB_LOG2 = 17, PAGE_LOG2 = 12, LINES = 16 };
#define UTCB_AREA 0xbf000000u
#define KIP_AREA  0xbff00000u

int main(void);

static L4_ThreadId_t root, sigma0, server[THREADS];
static char stacks[THREADS + 1][STACK_BYTES] __attribute__((aligned(4096)));
static volatile L4_Word_t hashes[THREADS + 1];
static L4_Word_t seed = 0x2545f491;

struct registers { /* an IPC's, in and out */
    L4_Word_t eax, ecx, edx, esi, edi, ebx, ebp;
};

static L4_Word_t random_word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed;
}

static void hash(unsigned who, L4_Word_t w)
{
    hashes[who] = (hashes[who] ^ w) * 16777619u;
}

static void raw_ipc(struct registers *r)
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

/* The IPC, and everything it left behind into the hash. */
static L4_MsgTag_t step(unsigned who, L4_ThreadId_t to, L4_ThreadId_t from, L4_Word_t tag,
                        L4_ThreadId_t *sender)
{
    L4_Word_t *utcb = L4_Utcb();
    struct registers r = {.eax = to.raw, .edx = from.raw, .esi = tag, .edi = (L4_Word_t)utcb};
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

/* Answers with as many words as the question asks for in MR1; every third answer goes through the general path,
 * because it carries a flag bit in the tag. */
static void serve(unsigned who)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = step(who, L4_nilthread, L4_anythread, 0, &from);
    for (;;) {
        L4_Word_t words = L4_UntypedWords(tag) ? L4_StoreMR(1) % 64 : 0;
        if (words % 5 == 0) { /* a little work for the FPU: it keeps the fast path out for a while */
            volatile double x = words;
            x = x * 1.5;
            hash(who, (L4_Word_t)x);
        }
        tag = step(who, from, L4_anythread, (words % 3 == 0 ? (L4_Word_t)L4_TAG_XCPU : 0) | who << 16 | words,
                   &from);
    }
}

static void serve_1(void)
{
    serve(1);
}

static void serve_2(void)
{
    serve(2);
}

static void serve_3(void)
{
    serve(3);
}

static void serve_4(void)
{
    serve(4);
}

static void end_machine(unsigned status)
{
    __asm__ volatile("outb %0, %1" : : "a"((char)('0' + status)), "Nd"((short)0xe9));
    __asm__ volatile("outb %0, %1" : : "a"((char)'\n'), "Nd"((short)0xe9));
    __asm__ volatile("outl %0, %1" : : "a"(status), "Nd"((short)0xf4));
}

static void must(L4_Word_t condition)
{
    if (!condition) {
        L4_KDB_PrintString("ipc_paths: set-up failed\n");
        end_machine(1);
    }
}

/* Threads 1 and 2 are in this space; 3 and 4 have spaces of their own, with sigma0 as pager for one-to-one memory. */
static void start(unsigned i, void (*entry)(void))
{
    L4_ThreadId_t t = L4_GlobalId(64 + i, 1);
    server[i - 1] = t;
    if (i <= 2) {
        must(L4_ThreadControl(t, root, root, root, UTCB_AREA + i * UTCB_SIZE));
    } else {
        must(L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA));
        must(L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                             L4_nilthread));
        must(L4_ThreadControl(t, t, L4_nilthread, root, ~0u));
    }
    must(L4_ThreadControl(t, t, L4_nilthread, sigma0, ~0u));
    L4_LoadMR(1, (L4_Word_t)entry);
    L4_LoadMR(2, (L4_Word_t)stacks[i] + STACK_BYTES - 16);
    must(L4_IpcSucceeded(L4_Send(t, L4_MsgTag(0, 2, 0))));
}

static void print_hashes(unsigned round)
{
    char line[80];
    for (unsigned i = 0; i <= THREADS; i++) {
        format(line, sizeof(line), "round %u thread %u hash %08x\n", round, i, (unsigned)hashes[i]);
        L4_KDB_PrintString(line);
    }
}

static void round(void)
{
    L4_ThreadId_t to = server[random_word() % THREADS];
    L4_Word_t words = random_word() % 64, kind = random_word() % 8;
    for (unsigned i = 1; i < UTCB_MR_COUNT; i++) {
        L4_LoadMR(i, random_word());
    }
    if (kind == 0 && L4_ThreadNo(to) <= 66) { /* by its local id */
        to.raw = UTCB_AREA + (L4_ThreadNo(to) - 64) * UTCB_SIZE + UTCB_MR0_OFFSET;
    }
    if (kind == 1) { /* nobody has that id */
        to.raw += 1u << L4_VERSION_BITS << 10;
    }
    L4_Word_t tag = (random_word() & 0xffff) << 16 | words;
    (void)step(0, to, kind == 2 ? L4_anythread : to, kind == 3 ? tag | L4_TAG_REDIRECTED : tag, 0);
}

int main(void)
{
    root = L4_Myself();
    sigma0 = L4_Pager();
    for (unsigned i = 0; i <= THREADS; i++) {
        stacks[i][0] = 1;
    }
    (void)L4_Set_Priority(root, 200);
    static void (*const entries[THREADS])(void) = {serve_1, serve_2, serve_3, serve_4};
    for (unsigned i = 1; i <= THREADS; i++) {
        start(i, entries[i - 1]);
        (void)L4_Set_Priority(server[i - 1], 199 + i % 3);
    }
    for (unsigned i = 1; i <= ROUNDS; i++) {
        round();
        if (i % (ROUNDS / LINES) == 0) {
            print_hashes(i);
        }
    }
    end_machine(0);
    return 0;
}
