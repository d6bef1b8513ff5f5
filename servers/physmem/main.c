/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: receives a message or a tick, has it dispatched as one event, and replies with a zero
 * time-out.  No other file receives anything, and only platform_l4.c sends besides. */
#include "ground/mem.h"

#include "boot/boot.h"
#include "calls/dispatch.h"
#include "ground/platform.h"
#include "serving/event.h"
#include "l4/syscalls.h"
#include "meter.h"

enum { TICK_US = 20 * 1024 };

int main(void);

static struct message in, reply;

static void take_message(L4_ThreadId_t from, L4_MsgTag_t tag)
{
    in.from = from;
    in.propagated = L4_IpcPropagated(tag);
    in.actual = in.propagated ? L4_ActualSender() : from;
    in.label = L4_Label(tag);
    in.words = L4_UntypedWords(tag);
    in.typed_words = L4_TypedWords(tag);
    memcpy(&in.mr[1], L4_Utcb() + 1, in.words * sizeof in.mr[0]);
}

static L4_MsgTag_t load_reply(L4_ThreadId_t to)
{
    if (L4_IsNilThread(to)) {
        return L4_MsgTag(0, 0, 0);
    }
    memcpy(L4_Utcb() + 1, &reply.mr[1], (reply.words + reply.typed_words) * sizeof reply.mr[0]);
    return L4_MsgTag(reply.label, reply.words, reply.typed_words);
}

static bool is_receive_timeout(L4_Word_t code)
{
    return (code & 1) && (code >> 1 & 7) == L4_IpcTimeout;
}

static bool is_send_failure(L4_Word_t code)
{
    return !(code & 1);
}

static void on_failure(L4_Word_t code)
{
    meter_start(METER_TICK);
    if (is_receive_timeout(code)) {
        dispatch_tick();
    } else if (is_send_failure(code)) {
        dispatch_failure(&reply, reply_failure(code, &reply));
    } /* else: a message did not fit */
    meter_end();
}

static L4_Time_t receive_timeout(void)
{
    if (event_wants_more()) {
        return L4_ZeroTime;
    }
    return event_wants_tick() ? L4_TimePeriod(TICK_US) : L4_Never;
}

int main(void)
{
    L4_ThreadId_t to = L4_nilthread, from;
    boot(L4_KernelInterface());
    L4_Accept(L4_Nilpage);
    for (;;) {
        L4_MsgTag_t tag = load_reply(to);
        tag = L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, receive_timeout()), tag, &from);
        to = L4_nilthread;
        if (L4_IpcSucceeded(tag)) {
            meter_start(L4_Label(tag));
            take_message(from, tag);
            to = dispatch(&in, &reply) ? from : L4_nilthread;
            meter_end();
        } else {
            on_failure(L4_ErrorCode());
        }
    }
}
