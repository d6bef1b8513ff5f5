/* SPDX-License-Identifier: BSD-2-Clause */
/* What a message carries: untyped words, map and grant items, and strings (ipc_string.c) in the
 * order of the message.
 *
 * The tag is in the sender's TCB and has been checked; items are read from message registers, which
 * are user memory. */
#include "arch.h"
#include "fault_ipc.h"
#include "ipc_priv.h"
#include "l4/kernel_memory.h"
#include "map_item.h"
#include "space.h"
#include "thread.h"
#include "work.h"

static word_t untyped(word_t tag)
{
    return tag & 0x3f;
}

static word_t typed(word_t tag)
{
    return tag >> 6 & 0x3f;
}

/* Where MR1 and the following of s's message are, as words[1] and so on: its UTCB, or what the
 * kernel has made. */
static const word_t *words_of(const struct tcb *s, word_t room[EXCEPTION_WORDS + 1])
{
    if (__builtin_expect(s->ipc_kind == IPC_USER, 1)) {
        return s->utcb;
    }
    if (s->ipc_kind == IPC_EXCEPTION) {
        arch_exception_words(s, room + 1);
        return room;
    }
    return s->fault_words;
}

/* The window into which r accepts map items; nil: none. */
static L4_Fpage_t window_of(const struct tcb *r)
{
    switch ((enum ipc_kind)r->ipc_kind) {
    case IPC_USER:
        return (L4_Fpage_t){r->utcb[UTCB_BR0] & ~0xfu};
    case IPC_FAULT:
        return L4_CompleteAddressSpace;
    case IPC_PREEMPTION:
    case IPC_EXCEPTION:
    case IPC_START:
    case IPC_INTERRUPT:
        break;
    }
    return L4_Nilpage;
}

/* Does the map or grant item at word i, or goes on with it.  MAP_NO_MEMORY: it does not fit, or r
 * does not accept it, or there is no kernel memory. */
static enum map_result transfer_map(struct tcb *s, struct tcb *r, word_t i, word_t end)
{
    L4_Fpage_t window = window_of(r);
    if (i + 2 > end || window.raw == 0) {
        return MAP_NO_MEMORY;
    }
    L4_Fpage_t fpage = {s->utcb[i + 1]};
    word_t base = s->utcb[i];
    if (r->ipc_kind == IPC_USER) {
        r->utcb[i] = base;
        r->utcb[i + 1] = fpage.raw;
    } else if (r->nested) {
        s->transfer.map = map_from_fault(base, fpage, r->fault_words[1]);
    }
    work_done(WORK_MAP);
    enum map_result result = map_item(s->space, r->space, base, fpage, window, &s->transfer.map);
    if (result == MAP_MORE && base & KERNEL_MAP_STEP && s->space == sigma0_space) {
        result = r->ipc_kind == IPC_FAULT ? MAP_OK : MAP_NO_MEMORY; /* it faults again */
    }
    if (result == MAP_NO_MEMORY) {
        s->transfer.bytes |= L4_IpcNoMemory >> 4; /* becomes that bit of both sides' ErrorCode */
    }
    return result;
}

static bool is_string(word_t first)
{
    return (first & 8) == 0;
}

static bool is_map(word_t first)
{
    return (first & 0xe) == L4_ITEM_MAP || (first & 0xe) == L4_ITEM_GRANT;
}

/* A receiver that has asked in the middle of a string transfer is in that transfer, and cannot be
 * in another: what has been mapped, which is at least the page that it wants, must do. */
static RARE enum string_result transfer_map_item(struct tcb *s, struct tcb *r, word_t end)
{
    struct transfer *x = &s->transfer;
    enum map_result result = transfer_map(s, r, x->item, end);
    if (result == MAP_MORE && !r->nested) {
        ipc_transfer_pause(s, r);
        return STRING_SUSPENDED;
    }
    x->item = (uint8_t)(x->item + 2);
    x->map = (struct map_progress){0};
    return result == MAP_NO_MEMORY ? STRING_OVERFLOW : STRING_DONE;
}

/* Does one item, or what is left of it. */
static enum string_result transfer_item(struct tcb *s, struct tcb *r, word_t end)
{
    struct transfer *x = &s->transfer;
    if (!x->string_end) {
        word_t first = s->utcb[x->item];
        if (is_map(first)) {
            return transfer_map_item(s, r, end);
        }
        if (!is_string(first) || r->ipc_kind != IPC_USER || !ipc_string_begin(s, r, end)) {
            return STRING_OVERFLOW;
        }
    }
    assert(x->string_end > x->item && x->string_end <= end);
    enum string_result result = ipc_string_copy(s, r);
    if (result == STRING_DONE) {
        x->item = x->string_end;
        x->string_end = 0;
        x->map = (struct map_progress){0};
    }
    return result;
}

/* Others may run before the next item. */
static RARE enum string_result stop(struct tcb *s, struct tcb *r)
{
    ipc_transfer_pause(s, r);
    return STRING_SUSPENDED;
}

/* A receiver that has asked in the middle of a transfer cannot stop in another: what has been
 * mapped in two steps must do.  What was in the way is gone when it asks again. */
static bool too_long_for(const struct tcb *r)
{
    return r->nested && work_left < -WORK_STEP;
}

/* What has been done stays done when a later item fails. */
bool ipc_transfer_run(struct tcb *s, struct tcb *r)
{
    word_t end = untyped(s->tag) + 1 + typed(s->tag);
    assert(end <= UTCB_MR_COUNT && s->transfer.item > untyped(s->tag));
    while (s->transfer.item < end && !too_long_for(r)) {
        enum string_result result = work_over() && !r->nested ? stop(s, r) : transfer_item(s, r, end);
        if (result == STRING_SUSPENDED) {
            return false;
        }
        if (result == STRING_OVERFLOW) {
            s->transfer.error = s->transfer.receiver_error = L4_IpcMsgOverflow;
        }
        if (result != STRING_DONE) {
            break;
        }
    }
    return true;
}

static void receive_words(struct tcb *r, const word_t *words, word_t u)
{
    switch ((enum ipc_kind)r->ipc_kind) {
    case IPC_USER:
        for (word_t i = 1; i <= u; i++) {
            r->utcb[i] = words[i];
        }
        break;
    case IPC_EXCEPTION:
        arch_exception_apply(r, words + 1, u);
        break;
    case IPC_START:
        if (u >= 2) {
            arch_set_user_ip(r, words[1]);
            arch_set_user_sp(r, words[2]);
        }
        break;
    case IPC_FAULT:
    case IPC_PREEMPTION:
    case IPC_INTERRUPT:
        break;
    }
}

bool ipc_transfer(struct tcb *s, struct tcb *r)
{
    word_t room[EXCEPTION_WORDS + 1];
    word_t u = untyped(s->tag), t = typed(s->tag);
    debug_assert(t == 0 || s->ipc_kind == IPC_USER);
    s->transfer.error = s->transfer.receiver_error = 0;
    s->transfer.bytes = 0;
    if (u + t >= UTCB_MR_COUNT) {
        s->transfer.error = s->transfer.receiver_error = L4_IpcMsgOverflow;
        return true;
    }
    if (u) {
        receive_words(r, words_of(s, room), u);
    }
    if (__builtin_expect(t == 0, 1)) {
        return true;
    }
    s->transfer = (struct transfer){.item = (uint8_t)(u + 1)};
    work_begin();
    return ipc_transfer_run(s, r);
}

void ipc_transfer_result(const struct tcb *s, struct tcb *r, struct tcb *virtual_sender)
{
    if (r->ipc_kind != IPC_USER) {
        return;
    }
    const struct tcb *from = s;
    debug_assert(!s->transfer.error == !s->transfer.receiver_error && virtual_sender != s);
    word_t tag = s->tag & ~(word_t)(L4_TAG_PROPAGATED | L4_TAG_REDIRECTED | L4_TAG_XCPU | L4_TAG_ERROR);
    if (virtual_sender) {
        from = virtual_sender;
        tag |= L4_TAG_PROPAGATED;
        r->utcb[UTCB_VIRTUAL_SENDER] = s->global_id;
    }
    if (s->intended_id) {
        tag |= L4_TAG_REDIRECTED;
        r->utcb[UTCB_INTENDED_RECEIVER] = s->intended_id;
    }
    if (s->transfer.receiver_error) {
        tag |= L4_TAG_ERROR;
        tcb_set_error(r, s->transfer.bytes << 4 | (word_t)s->transfer.receiver_error << 1 | 1);
    }
    r->utcb[0] = tag;
    arch_ipc_return(r, from->space == r->space ? from->local_id : from->global_id, tag);
}
