/* SPDX-License-Identifier: BSD-2-Clause */
/* The same IPCs whichever path of the kernel takes them: a root task that makes pseudo-random
 * calls, replies and receives between four threads in two spaces and prints a hash of every
 * register and every message and control register after each.  Run with and without the kernel's
 * word `slowipc', it must print the same lines. */
#include "base/format.h"
#include "paths.h"

enum { ROUNDS = 4000, THREADS = 4, STACK_BYTES = 4096, LINES = 16 };

static L4_ThreadId_t root, server[THREADS];
static char stacks[THREADS + 1][STACK_BYTES] __attribute__((aligned(4096)));

/* A receive time-out of one of two periods, which are never over here; or, mostly, none. */
static L4_Word_t some_time(L4_Word_t which)
{
    L4_Time_t period = which % 5 == 0   ? L4_TimePeriod(1000000000)
                       : which % 5 == 1 ? L4_TimePeriod(2000000000)
                                        : L4_Never;
    return L4_Timeouts(L4_Never, period);
}

static L4_MsgTag_t step(unsigned who, L4_ThreadId_t to, L4_ThreadId_t from, L4_Word_t times, L4_Word_t tag,
                        L4_ThreadId_t *sender)
{
    return hashed_ipc(who, (struct registers){.eax = to.raw, .ecx = times, .edx = from.raw, .esi = tag},
                      sender);
}

/* Answers with as many words as the question asks for in MR1; every third answer goes through the
 * general path, because it carries a flag bit in the tag. */
static void serve(unsigned who)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = step(who, L4_nilthread, L4_anythread, 0, 0, &from);
    for (;;) {
        L4_Word_t words = L4_UntypedWords(tag) ? L4_StoreMR(1) % 64 : 0;
        /* A little work for the FPU: it keeps the fast path out for a while. */
        if (words % 5 == 0) {
            volatile double x = words;
            x = x * 1.5;
            hash(who, (L4_Word_t)x);
        }
        tag = step(who, from, L4_anythread, some_time(words / 2 + who),
                   (words % 3 == 0 ? (L4_Word_t)L4_TAG_XCPU : 0) | who << 16 | words, &from);
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

/* Threads 1 and 2 are in this space; 3 and 4 have spaces of their own. */
static void start(unsigned i, void (*entry)(void))
{
    server[i - 1] = L4_GlobalId(64 + i, 1);
    start_thread(server[i - 1], i <= 2 ? root : server[i - 1], UTCB_AREA + (i <= 2 ? i * UTCB_SIZE : 0u),
                 entry, stacks[i] + STACK_BYTES);
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
    (void)step(0, to, kind == 2 ? L4_anythread : to, some_time(random_word()),
               kind == 3 ? tag | L4_TAG_REDIRECTED : tag, 0);
}

int main(void)
{
    root = L4_Myself();
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
