/* SPDX-License-Identifier: BSD-2-Clause */
/* Attacks on the kernel: queues, Unmap, time-outs, string transfers. */
#include "attack.h"
#include "attacks.h"

#include <stddef.h>
#include <stdio.h>

#include "client/physmem.h"
#include "l4/kdb.h"
#include "l4/syscalls.h"
#include "pager/pager.h"
#include "pilotfish/thread.h"

enum {
    CROWD = 120,
    SENDER_TASKS = 15,
    SENDERS_EACH = 126, /* and its first thread, and its pager */
    SENDERS_LIMIT_US = 20 * 1000 * 1000,
    TOUCHED_PAGES = 512,
    TICK_US = 1000,
    BEFORE_TICK_US = 100,
    SPREAD_PAGES = 300 * 256,
    SPREAD_TOUCHES = 2000,
    STRING_PAGES = 64,
    STRING_LIMIT_US = 200 * 1000,
};

static void send_to_pager(void *argument)
{
    (void)argument;
    for (;;) {
        (void)L4_Send(target.victim_pager, L4_MsgTag(1, 0, 0));
        L4_Sleep(L4_TimePeriod(TICK_US)); /* only if the kernel has refused it */
    }
}

int be_senders(L4_ThreadId_t parent)
{
    unsigned count = attack_threads(send_to_pager, SENDERS_EACH);
    L4_LoadMR(1, count);
    (void)L4_Send(parent, L4_MsgTag(HOSTILE_READY, 1, 0));
    L4_Sleep(L4_Never);
    return 0;
}

/* Returns how many senders there are in another task. */
static unsigned start_senders(void)
{
    char me[12], pager[12];
    const char *const words[] = {"senders", me, pager};
    L4_ThreadId_t thread;
    (void)snprintf(me, sizeof(me), "0x%lx", (unsigned long)L4_Myself().raw);
    (void)snprintf(pager, sizeof(pager), "0x%lx", (unsigned long)target.victim_pager.raw);
    if (!attack_got(spawn(words, 3, 0, NULL, &thread))) {
        return 0;
    }
    L4_MsgTag_t tag = L4_Receive_Timeout(thread, L4_TimePeriod(SENDERS_LIMIT_US));
    return L4_IpcSucceeded(tag) && L4_Label(tag) == HOSTILE_READY ? (unsigned)L4_StoreMR(1) : 0;
}

/* They wait in the queue of a thread that receives from its own task alone. */
void senders_at_the_pager(void)
{
    for (unsigned i = 0; i < SENDER_TASKS; i++) {
        attack_has(start_senders());
    }
    attack_begins();
    attack_waits();
}

void unmap_everything(void)
{
    char *area = attack_memory(TOUCHED_PAGES);
    for (L4_Word_t page = 0; area && page < TOUCHED_PAGES; page++) {
        (void)attack_touch(area + page * PAGE_SIZE);
    }
    while (attack_goes_on()) {
        (void)L4_UnmapFpage(L4_FpageAddRights(L4_CompleteAddressSpace, L4_FullyAccessible));
        (void)L4_Flush(L4_FpageAddRights(L4_CompleteAddressSpace, L4_Writable));
    }
}

static void sleep_a_tick(void *argument)
{
    (void)argument;
    for (;;) {
        L4_Word64_t now = L4_SystemClock();
        L4_Sleep(L4_TimePeriod(20 * TICK_US - (L4_Word_t)(now % (20 * TICK_US))));
    }
}

/* The time-outs of all of them end together, again and again. */
void timeouts_in_one_tick(void)
{
    (void)attack_threads(sleep_a_tick, CROWD);
    attack_begins();
    attack_waits();
}

/* Computes between the ticks, and waits whenever one comes. */
void sleep_before_ticks(void)
{
    while (attack_goes_on()) {
        while (L4_SystemClock() % TICK_US < TICK_US - BEFORE_TICK_US) {
        }
        L4_Sleep(L4_TimePeriod(BEFORE_TICK_US));
    }
}

static volatile bool now;

static void use_fpu_once(void *argument)
{
    (void)argument;
    while (!now) {
        L4_Sleep(L4_TimePeriod(TICK_US));
    }
    __asm__ volatile("fld1\n\tfstp %%st(0)" : : : "memory");
    L4_Sleep(L4_Never);
}

/* The kernel needs memory for the FPU's registers of each thread, while the task has as much as it
 * may have, for page tables. */
void use_fpu_in_crowds(void)
{
    (void)attack_threads(use_fpu_once, CROWD);
    char *area = attack_memory(SPREAD_PAGES);
    for (unsigned i = 0; area && i < SPREAD_TOUCHES; i++) {
        (void)attack_touch(area + attack_random(SPREAD_PAGES) * PAGE_SIZE);
    }
    attack_begins();
    now = true;
    attack_waits();
}

/* They print with interrupts off, and stop the machine, where they are not refused. */
void call_the_debugger(void)
{
    static char text[4096];
    for (unsigned i = 0; i + 1 < sizeof(text); i++) {
        text[i] = "# flood\n"[i % 8];
    }
    while (attack_goes_on()) {
        L4_KDB_PrintString(text);
        (void)L4_KDB_Check();
        __asm__ volatile("int3" : : : "eax", "memory", "cc");
    }
}

static char *received;
static volatile L4_ThreadId_t receiver;

static L4_Word_t short_faults(void)
{
    L4_Time_t limit = L4_TimePeriod(STRING_LIMIT_US);
    return (L4_Word_t)limit.raw << 16 | limit.raw;
}

static void receive_strings(void *argument)
{
    (void)argument;
    receiver = L4_Myself();
    for (;;) {
        L4_SetTcr(UTCB_XFER_TIMEOUTS, short_faults());
        L4_SetTcr(UTCB_BR0, 1);
        L4_SetTcr(UTCB_BR0 - 1, (L4_Word_t)(STRING_PAGES * PAGE_SIZE) << 10);
        L4_SetTcr(UTCB_BR0 - 2, (L4_Word_t)received);
        (void)L4_Receive_Timeout(L4_anylocalthread, L4_Never);
        L4_SetTcr(UTCB_BR0, 0);
    }
}

/* Strings from pages that are not there to pages that are not there. */
void strings_that_stop(void)
{
    handle_t from = HANDLE_NONE, to = HANDLE_NONE;
    void *source = NULL, *destination = NULL;
    L4_Time_t limit = L4_TimePeriod(STRING_LIMIT_US);
    size_t bytes = STRING_PAGES * PAGE_SIZE;
    if (!attack_got(physmem_create(STRING_PAGES, 0, &from)) ||
        !attack_got(physmem_create(STRING_PAGES, 0, &to)) ||
        !attack_got(pager_map_container(from, 0, bytes, RIGHT_READ | RIGHT_WRITE, &source)) ||
        !attack_got(pager_map_container(to, 0, bytes, RIGHT_READ | RIGHT_WRITE, &destination))) {
        return;
    }
    received = destination;
    (void)attack_threads(receive_strings, 1);
    while (attack_goes_on()) {
        L4_SetTcr(UTCB_XFER_TIMEOUTS, short_faults());
        L4_LoadMR(1, (L4_Word_t)bytes << 10);
        L4_LoadMR(2, (L4_Word_t)source);
        (void)L4_Send_Timeout(receiver, L4_MsgTag(2, 0, 2), limit);
        (void)physmem_zero(from, 0, STRING_PAGES);
        (void)physmem_zero(to, 0, STRING_PAGES);
    }
}
