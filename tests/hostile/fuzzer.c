/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzzer sends a piece of the messages that belong to a seed.  It may end in the middle of it,
 * for some of them ask for that. */
#include "hostile.h"
#include "look.h"
#include "message.h"

#include "l4/syscalls.h"
#include "pager/pager.h"
#include "pilotfish/startup.h"

enum { REPORT_EVERY = 32, SEND_US = 2000, ANSWER_US = 500 };
enum { WINDOW = 0xa0000000u, WINDOW_LOG2 = 22 };

static struct surroundings surroundings;

static void look_around(void)
{
    surroundings = (struct surroundings){.me = L4_Myself(),
                                         .console = pilotfish_startup()->console,
                                         .pager = pager_thread(),
                                         .victim = target.victim,
                                         .victim_pager = target.victim_pager,
                                         .driver_task = find_task("ata")};
}

static void send(const struct message *m)
{
    L4_Time_t limit = L4_TimePeriod(SEND_US), answer = L4_TimePeriod(ANSWER_US);
    L4_Accept(m->accepts ? L4_FpageLog2(WINDOW, WINDOW_LOG2) : L4_Nilpage);
    L4_SetTcr(UTCB_XFER_TIMEOUTS, (L4_Word_t)limit.raw << 16 | limit.raw);
    L4_Set_VirtualSender(m->virtual_sender);
    for (unsigned i = 0; i < MESSAGE_WORDS_MAX; i++) {
        L4_LoadMR(1 + i, m->words[i]);
    }
    (void)L4_Ipc(m->to, m->waits ? m->to : L4_nilthread, L4_Timeouts(limit, answer), m->tag, 0);
    L4_Accept(L4_Nilpage);
}

/* Where the messages are by now: the runner begins the next piece behind it. */
static void report(L4_Word_t number)
{
    L4_LoadMR(1, number);
    (void)L4_Send(target.runner, L4_MsgTag(HOSTILE_AT, 1, 0));
}

int be_fuzzer(L4_Word_t seed, L4_Word_t first, L4_Word_t count)
{
    static struct message message;
    look_around();
    for (L4_Word_t number = first; number < first + count; number++) {
        if (number % REPORT_EVERY == 0) {
            report(number);
        }
        message_make(&message, &surroundings, seed, number);
        send(&message);
    }
    report(first + count);
    return 0;
}
