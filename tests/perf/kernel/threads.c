/* SPDX-License-Identifier: BSD-2-Clause */
/* The threads beside main. */
#include "bench.h"
#include "interrupt.h"

L4_ThreadId_t root, pager, partner, peer, forwarder, obtainer, handler;

static char stacks[6][STACK_BYTES] __attribute__((aligned(4096)));

static L4_Word_t source_of(L4_Word_t page)
{
    if (page - WINDOW < sizeof(frames)) {
        return (L4_Word_t)frames + (page - WINDOW);
    }
    if (page - FRESH < AREAS * AREA_BYTES) {
        return (L4_Word_t)frames[(page - FRESH) / AREA_BYTES];
    }
    return page;
}

static void pager_main(void)
{
    L4_ThreadId_t from;
    (void)L4_Wait(&from);
    for (;;) {
        L4_Word_t page = L4_StoreMR(1) & ~0xfffu;
        L4_LoadMR(1, page | L4_ITEM_MAP);
        L4_LoadMR(2, L4_FpageAddRights(L4_FpageLog2(source_of(page), PAGE_LOG2), L4_FullyAccessible).raw);
        (void)L4_ReplyWait(from, L4_MsgTag(0, 0, 2), &from);
    }
}

/* Hands faults of its own space on to `pager', which answers the faulting thread itself.  The
 * kernel reports senders of the own space by local id, which is the address of their UTCB. */
static void forwarder_main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        L4_Set_VirtualSender((L4_ThreadId_t){((const L4_Word_t *)from.raw)[UTCB_MY_GLOBAL_ID]});
        tag.raw |= L4_TAG_PROPAGATED;
        tag = L4_Ipc(pager, L4_anythread, L4_Timeouts(L4_Never, L4_Never), tag, &from);
    }
}

/* Answers a fault of its own space with an empty message.  The watch stands while it gets the page,
 * by touching it itself. */
static void obtainer_main(void)
{
    L4_ThreadId_t from;
    (void)L4_Wait(&from);
    for (;;) {
        watch_stop();
        *(volatile char *)L4_StoreMR(1) = 1;
        watch_start();
        (void)L4_ReplyWait(from, L4_MsgTag(0, 0, 0), &from);
    }
}

/* Lets a thread go on behind its int instruction, with the registers that it had. */
static void handler_main(void)
{
    L4_ThreadId_t from;
    (void)L4_Wait(&from);
    for (;;) {
        L4_LoadMR(1, L4_StoreMR(1) + 2);
        (void)L4_ReplyWait(from, L4_MsgTag(0, 12, 0), &from);
    }
}

static void touch(L4_Word_t start, L4_Word_t stride, L4_Word_t count, L4_ThreadId_t its_pager)
{
    L4_ThreadId_t usual = L4_Pager();
    if (!L4_IsNilThread(its_pager)) {
        L4_Set_Pager(its_pager);
    }
    watch_start();
    for (L4_Word_t i = 0; i < count; i++) {
        *(volatile char *)(start + i * stride) = 1;
    }
    watch_stop();
    L4_Set_Pager(usual);
}

static void trap(L4_Word_t count)
{
    L4_Set_ExceptionHandler(handler);
    watch_start();
    for (L4_Word_t i = 0; i < count; i++) {
        __asm__ volatile("divl %0" : : "r"(0) : "eax", "edx");
    }
    watch_stop();
}

/* Answers `count' messages, the first one being the command itself; the last is left to the
 * caller. */
static void take(L4_ThreadId_t from, L4_Word_t count)
{
    L4_Accept(L4_FpageLog2(WINDOW, 22));
    for (L4_Word_t i = 0; i < count; i++) {
        (void)L4_ReplyWait(from, L4_MsgTag(0, 0, 0), &from);
    }
    L4_Accept(L4_Nilpage);
}

/* Apart, so that echo_main stays as short as a server's loop. */
static __attribute__((noinline)) void obey(L4_ThreadId_t from, enum command what)
{
    L4_Word_t first = L4_StoreMR(1);
    switch (what) {
    case COMMAND_ECHO:
        break;
    case COMMAND_TOUCH:
        touch(first, L4_StoreMR(2), L4_StoreMR(3), (L4_ThreadId_t){L4_StoreMR(4)});
        break;
    case COMMAND_TRAP:
        trap(first);
        break;
    case COMMAND_TAKE:
        take(from, first);
        break;
    case COMMAND_HANDLE:
        interrupt_handle(from, first);
        break;
    case COMMAND_TRIGGER:
        interrupt_trigger(first);
        break;
    case COMMAND_EXCHANGE:
        share_answer(first, L4_StoreMR(2));
        break;
    }
}

static void echo_main(void)
{
    L4_ThreadId_t from;
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        while (L4_Label(tag) == COMMAND_ECHO) {
            tag = L4_ReplyWait(from, tag, &from);
        }
        obey(from, (enum command)L4_Label(tag));
        tag = L4_MsgTag(0, 0, 0);
    }
}

void command(L4_ThreadId_t to, enum command what, unsigned words, const L4_Word_t *mr)
{
    for (unsigned i = 0; i < words; i++) {
        L4_LoadMR(1 + i, mr[i]);
    }
    require(!L4_IpcFailed(L4_Call(to, L4_MsgTag(what, words, 0))), "command");
}

L4_ThreadId_t thread(unsigned number)
{
    return L4_GlobalId(64 + number, 1);
}

static L4_ThreadId_t start_here(unsigned number, void (*entry)(void))
{
    L4_ThreadId_t t = thread(number);
    require(L4_ThreadControl(t, root, root, L4_Pager(), UTCB_AREA + (1 + number) * UTCB_SIZE),
            "thread creation");
    struct l4_registers r = {.control = L4_EXREGS_START,
                             .sp = (L4_Word_t)stacks[number] + STACK_BYTES - 16,
                             .ip = (L4_Word_t)entry};
    require(L4_ExchangeRegisters(t, &r).raw, "thread start");
    return t;
}

void make_space(L4_ThreadId_t t)
{
    require(L4_ThreadControl(t, t, root, L4_nilthread, UTCB_AREA), "space creation");
    require(L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_LOG2), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                            L4_nilthread),
            "SpaceControl");
}

/* In the second space.  Activated with this thread as pager, for the start message; then `pager'
 * takes over. */
static L4_ThreadId_t start_elsewhere(unsigned number, L4_Word_t utcb, void (*entry)(void))
{
    L4_ThreadId_t t = thread(number);
    require(L4_ThreadControl(t, partner, root, root, utcb), "activation");
    require(L4_ThreadControl(t, partner, L4_nilthread, pager, ~0u), "change of pager");
    L4_LoadMR(1, (L4_Word_t)entry);
    L4_LoadMR(2, (L4_Word_t)stacks[number] + STACK_BYTES - 16);
    require(!L4_IpcFailed(L4_Send(t, L4_MsgTag(0, 2, 0))), "start message");
    return t;
}

/* partner's page of code and data are there afterwards, and all wait. */
void start_threads(void)
{
    root = L4_Myself();
    for (unsigned i = 0; i < sizeof(stacks) / STACK_BYTES; i++) {
        stacks[i][0] = 1; /* so that this space has it to give */
    }
    pager = start_here(0, pager_main);
    peer = start_here(1, echo_main);
    obtainer = start_here(2, obtainer_main);
    handler = start_here(3, handler_main);
    partner = thread(4);
    make_space(partner);
    (void)start_elsewhere(4, ~0u, echo_main);
    forwarder = start_elsewhere(5, UTCB_AREA + UTCB_SIZE, forwarder_main);
}
