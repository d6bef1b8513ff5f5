/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop: receives a message or a tick, has it dispatched as one event, and replies with a zero
 * time-out.  No other file receives anything, and only platform_l4.c sends besides. */
#include "ground/mem.h"

#include "base/assertion.h"
#include "boot/boot.h"
#include "calls/dispatch.h"
#include "ground/platform.h"
#include "serving/event.h"
#include "l4/syscalls.h"
#include "meter.h"

enum { TICK_US = 20 * 1024 };

int main(void);

static struct message in, reply;
static L4_ThreadId_t last_to; /* nil: nobody */
static const struct message *last;

void platform_reply_last(L4_ThreadId_t to, const struct message *m)
{
    ASSERT(L4_IsNilThread(last_to));
    last_to = to;
    last = m;
}

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

/* What goes out with the next wait: the answer, if there is one to *to, or what was to go last. */
static const struct message *choose(L4_ThreadId_t *to)
{
    if (L4_IsNilThread(last_to)) {
        return &reply;
    }
    bool answers = !L4_IsNilThread(*to);
    if (answers) {
        (void)platform_reply(last_to, last);
    } else {
        *to = last_to;
    }
    last_to = L4_nilthread;
    return answers ? &reply : last;
}

static L4_MsgTag_t load(L4_ThreadId_t to, const struct message *m)
{
    if (L4_IsNilThread(to)) {
        return L4_MsgTag(0, 0, 0);
    }
    memcpy(L4_Utcb() + 1, &m->mr[1], (m->words + m->typed_words) * sizeof m->mr[0]);
    return L4_MsgTag(m->label, m->words, m->typed_words);
}

static bool is_receive_timeout(L4_Word_t code)
{
    return (code & 1) && (code >> 1 & 7) == L4_IpcTimeout;
}

static bool is_send_failure(L4_Word_t code)
{
    return !(code & 1);
}

__attribute__((cold)) static void on_failure(const struct message *sent, L4_Word_t code)
{
    meter_start(METER_TICK);
    if (is_receive_timeout(code)) {
        dispatch_tick();
    } else if (is_send_failure(code) && sent == &reply) {
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
        const struct message *m = choose(&to);
        L4_MsgTag_t tag = load(to, m);
        tag = L4_Ipc(to, L4_anythread, L4_Timeouts(L4_ZeroTime, receive_timeout()), tag, &from);
        to = L4_nilthread;
        if (L4_IpcSucceeded(tag)) {
            meter_start(L4_Label(tag));
            take_message(from, tag);
            to = dispatch(&in, &reply) ? from : L4_nilthread;
            meter_end();
        } else {
            on_failure(m, L4_ErrorCode());
        }
    }
}
