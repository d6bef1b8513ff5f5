/* SPDX-License-Identifier: BSD-2-Clause */
/* Helper threads: slot i has the number root's + FIRST_NUMBER + i, the UTCB slot FIRST_SLOT + i and
 * a stack of a page. */
#include "harness_priv.h"

enum { FIRST_NUMBER = 4, FIRST_SLOT = 4, UTCB_LOG2 = 17 };

extern char __executable_start[], _end[];

static char stacks[HELPER_COUNT][PAGE_BYTES] __attribute__((aligned(4096)));
static unsigned used, round_number;

/* ---- IPC that comes back ---- */

L4_Word_t entry_of(L4_Word_t link)
{
    return (L4_Word_t)kip + link;
}

L4_MsgTag_t send_soon(L4_ThreadId_t to, L4_MsgTag_t tag)
{
    return L4_Send_Timeout(to, tag, SOON);
}

L4_MsgTag_t receive_soon(L4_ThreadId_t from)
{
    return L4_Receive_Timeout(from, SOON);
}

L4_MsgTag_t wait_soon(L4_ThreadId_t *from)
{
    return L4_Wait_Timeout(SOON, from);
}

L4_MsgTag_t call_soon(L4_ThreadId_t to, L4_MsgTag_t tag)
{
    return L4_Ipc(to, to, L4_Timeouts(SOON, SOON), tag, 0);
}

void sleep_us(L4_Word64_t us)
{
    L4_Sleep(L4_TimePeriod(us));
}

void settle(void)
{
    sleep_us(SETTLE_US);
}

/* ---- making and deleting ---- */

static unsigned slot_of(L4_ThreadId_t t)
{
    return L4_ThreadNo(t) - L4_ThreadNo(root_thread) - FIRST_NUMBER;
}

static L4_ThreadId_t id_of(unsigned slot)
{
    return L4_GlobalId(L4_ThreadNo(root_thread) + FIRST_NUMBER + slot, round_number % 63 + 1);
}

L4_ThreadId_t thread_id(void)
{
    if (used == HELPER_COUNT) {
        ktap_failed(__FILE__, __LINE__, "fewer threads in one test");
        return L4_nilthread;
    }
    return id_of(used++);
}

L4_Word_t utcb_location(L4_ThreadId_t t)
{
    return UTCB_AREA + (FIRST_SLOT + slot_of(t)) * UTCB_SIZE;
}

L4_ThreadId_t local_id(L4_ThreadId_t t)
{
    return (L4_ThreadId_t){utcb_location(t) + UTCB_MR0_OFFSET};
}

L4_Word_t stack_top(L4_ThreadId_t t)
{
    return (L4_Word_t)stacks[slot_of(t)] + PAGE_BYTES - 32;
}

L4_Word_t delete_thread(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, L4_nilthread, L4_nilthread, L4_nilthread, ~0u);
}

void delete_helpers(void)
{
    for (unsigned i = 0; i < used; i++) {
        (void)delete_thread(id_of(i));
    }
    used = 0;
    round_number++;
}

bool make_space(L4_ThreadId_t t)
{
    return L4_ThreadControl(t, t, L4_Myself(), L4_nilthread, utcb_location(t)) &&
           L4_SpaceControl(t, 0, L4_FpageLog2(KIP_AREA, PAGE_BITS), L4_FpageLog2(UTCB_AREA, UTCB_LOG2),
                           L4_nilthread);
}

/* ---- starting: the entry's arguments lie on the stack ---- */

struct frame {
    L4_Word_t return_address;
    void (*entry)(void *);
    void *arg;
    L4_ThreadId_t pager;
    L4_Word_t touch;
};

static void helper_start(void (*entry)(void *), void *arg, L4_ThreadId_t pager, L4_Word_t touch)
{
    for (L4_Word_t at = (L4_Word_t)__executable_start & ~0xfffu; touch && at < (L4_Word_t)_end;
         at += PAGE_BYTES) {
        (void)peek(at);
    }
    L4_SetTcr(UTCB_XFER_TIMEOUTS, 0);
    L4_SetTcr(UTCB_PREEMPT_FLAGS, 0);
    L4_Set_ExceptionHandler(pager);
    L4_Set_Pager(pager);
    entry(arg);
    sleeper(0);
}

static L4_Word_t prepare_stack(L4_ThreadId_t t, const struct frame *f)
{
    struct frame *top = (struct frame *)stack_top(t);
    *top = *f;
    return (L4_Word_t)top;
}

void sleeper(void *arg)
{
    (void)arg;
    for (;;) {
        L4_Sleep(L4_Never);
    }
}

/* Activated with the tester as pager, for the start message; the real pager follows in
 * helper_start. */
static bool activate(L4_ThreadId_t t, const struct spawn *s)
{
    L4_ThreadId_t space = s->own_space ? t : L4_IsNilThread(s->space) ? root_thread : s->space;
    if (s->own_space && !make_space(t)) {
        return false;
    }
    L4_ThreadId_t scheduler = s->own_space ? L4_nilthread : L4_Myself();
    return L4_ThreadControl(t, space, scheduler, L4_Myself(), s->own_space ? ~0u : utcb_location(t)) &&
           L4_ThreadControl(t, t, L4_nilthread, pager_thread, ~0u) &&
           L4_Set_Priority(t, s->prio ? s->prio : PRIO_HELPER);
}

L4_ThreadId_t spawn_with(const struct spawn *s)
{
    L4_ThreadId_t t = thread_id();
    if (L4_IsNilThread(t) || !activate(t, s)) {
        ktap_failed_values(__FILE__, __LINE__, "a helper thread; ErrorCode follows", L4_ErrorCode(), t.raw);
        return L4_nilthread;
    }
    struct frame f = {.entry = s->entry, .arg = s->arg, .touch = s->own_space || !L4_IsNilThread(s->space)};
    f.pager = L4_IsNilThread(s->pager) ? pager_thread : s->pager;
    L4_LoadMR(1, (L4_Word_t)helper_start);
    L4_LoadMR(2, prepare_stack(t, &f));
    if (L4_IpcFailed(send_soon(t, L4_MsgTag(0, 2, 0)))) {
        ktap_failed_values(__FILE__, __LINE__, "a start message; ErrorCode follows", L4_ErrorCode(), t.raw);
        return L4_nilthread;
    }
    return t;
}

L4_ThreadId_t spawn(void (*entry)(void *), void *arg)
{
    return spawn_with(&(struct spawn){.entry = entry, .arg = arg});
}

L4_ThreadId_t spawn_space(void (*entry)(void *), void *arg)
{
    return spawn_with(&(struct spawn){.entry = entry, .arg = arg, .own_space = true});
}

void restart_thread(L4_ThreadId_t t, void (*entry)(void *), void *arg)
{
    struct frame f = {.entry = entry, .arg = arg, .pager = L4_Myself()};
    struct l4_registers r = {.control = L4_EXREGS_START, .ip = (L4_Word_t)helper_start};
    r.sp = prepare_stack(t, &f);
    if (L4_IsNilThread(L4_ExchangeRegisters(t, &r))) {
        ktap_failed_values(__FILE__, __LINE__, "a restart; ErrorCode follows", L4_ErrorCode(), t.raw);
    }
}
