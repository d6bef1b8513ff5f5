/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch.h"
#include "ipc.h"
#include "map_item.h"
#include "thread.h"

enum { EXCEPTION_WORDS = 12 };

struct message { /* a message on its way: tag and MR1.. */
    word_t tag;
    const word_t *words; /* words[1] is MR1 */
};

static word_t untyped(word_t tag)
{
    return tag & 0x3f;
}

static word_t typed(word_t tag)
{
    return tag >> 6 & 0x3f;
}

/* Where the sender's message is: its UTCB, or made here in `room'. */
static struct message message_of(const struct tcb *s, word_t room[EXCEPTION_WORDS + 1])
{
    switch ((enum ipc_kind)s->ipc_kind) {
    case IPC_USER:
    case IPC_START:
        break;
    case IPC_FAULT:
        room[1] = s->fault_address;
        room[2] = s->fault_ip;
        return (struct message){(L4_LABEL_PAGE_FAULT | s->fault_access) << 16 | 2, room};
    case IPC_EXCEPTION:
        arch_exception_words(s, room + 1);
        return (struct message){(word_t)L4_LABEL_EXCEPTION << 16 | EXCEPTION_WORDS, room};
    case IPC_INTERRUPT:
        return (struct message){(word_t)L4_LABEL_INTERRUPT << 16, room};
    }
    return (struct message){s->tag, s->utcb};
}

/* What r accepts map items into; nil = nothing. */
static L4_Fpage_t window_of(const struct tcb *r)
{
    switch ((enum ipc_kind)r->ipc_kind) {
    case IPC_USER:
        return (L4_Fpage_t){r->utcb[UTCB_BR0] & ~0xfu};
    case IPC_FAULT:
        return L4_CompleteAddressSpace;
    case IPC_EXCEPTION:
    case IPC_START:
    case IPC_INTERRUPT:
        break;
    }
    return L4_Nilpage;
}

/* A map or grant item.  false: overflow, or the kernel has no memory for it. */
static bool transfer_map(struct tcb *s, struct tcb *r, const struct message *m, word_t i, word_t end)
{
    L4_Fpage_t window = window_of(r);
    if (i + 2 > end || window.raw == 0) {
        return false;
    }
    L4_Fpage_t fpage = {m->words[i + 1]};
    word_t base = m->words[i];
    if (r->ipc_kind == IPC_USER) {
        r->utcb[i] = base;
        r->utcb[i + 1] = fpage.raw;
    }
    return map_item(s->space, r->space, base, fpage, window) == MAP_OK;
}

static bool is_string(word_t first)
{
    return (first & 8) == 0;
}

static bool is_map(word_t first)
{
    return (first & 0xe) == L4_ITEM_MAP || (first & 0xe) == L4_ITEM_GRANT;
}

/* One item, or what is left of it. */
static enum string_result transfer_item(struct tcb *s, struct tcb *r, const struct message *m, word_t end)
{
    struct transfer *x = &s->transfer;
    if (!x->string_end) {
        word_t first = m->words[x->item];
        if (is_map(first)) {
            bool done = transfer_map(s, r, m, x->item, end);
            x->item = (uint8_t)(x->item + 2);
            return done ? STRING_DONE : STRING_OVERFLOW;
        }
        if (!is_string(first) || r->ipc_kind != IPC_USER || !ipc_string_begin(s, r, end)) {
            return STRING_OVERFLOW;
        }
    }
    enum string_result result = ipc_string_copy(s, r);
    if (result == STRING_DONE) {
        x->item = x->string_end;
        x->string_end = 0;
    }
    return result;
}

/* Typed items in message order; what was done stays done when a later one fails. */
bool ipc_transfer_run(struct tcb *s, struct tcb *r)
{
    word_t room[EXCEPTION_WORDS + 1];
    struct message m = message_of(s, room);
    word_t end = untyped(m.tag) + 1 + typed(m.tag);
    while (s->transfer.item < end) {
        enum string_result result = transfer_item(s, r, &m, end);
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

static void receive_words(struct tcb *r, const struct message *m)
{
    word_t u = untyped(m->tag);
    switch ((enum ipc_kind)r->ipc_kind) {
    case IPC_USER:
        for (word_t i = 1; i <= u; i++) {
            r->utcb[i] = m->words[i];
        }
        break;
    case IPC_EXCEPTION:
        arch_exception_apply(r, m->words + 1, u);
        break;
    case IPC_START:
        if (u >= 2) {
            arch_set_user_ip(r, m->words[1]);
            arch_set_user_sp(r, m->words[2]);
        }
        break;
    case IPC_FAULT:
    case IPC_INTERRUPT:
        break;
    }
}

bool ipc_transfer(struct tcb *s, struct tcb *r)
{
    word_t room[EXCEPTION_WORDS + 1];
    struct message m = message_of(s, room);
    s->transfer = (struct transfer){.item = (uint8_t)(untyped(m.tag) + 1)};
    if (untyped(m.tag) + typed(m.tag) >= UTCB_MR_COUNT) {
        s->transfer.error = s->transfer.receiver_error = L4_IpcMsgOverflow;
        return true;
    }
    receive_words(r, &m);
    return typed(m.tag) == 0 || ipc_transfer_run(s, r);
}

void ipc_transfer_result(const struct tcb *s, struct tcb *r, struct tcb *virtual_sender)
{
    if (r->ipc_kind != IPC_USER) {
        return;
    }
    word_t room[EXCEPTION_WORDS + 1];
    word_t tag = message_of(s, room).tag;
    const struct tcb *from = virtual_sender ? virtual_sender : s;
    tag &= ~(word_t)(L4_TAG_PROPAGATED | L4_TAG_REDIRECTED | L4_TAG_XCPU | L4_TAG_ERROR);
    if (virtual_sender) {
        tag |= L4_TAG_PROPAGATED;
        r->utcb[UTCB_VIRTUAL_SENDER] = s->global_id;
    }
    if (s->transfer.receiver_error) {
        tag |= L4_TAG_ERROR;
        tcb_set_error(r, s->transfer.bytes << 4 | (word_t)s->transfer.receiver_error << 1 | 1);
    }
    r->utcb[0] = tag;
    arch_ipc_return(r, from->space == r->space ? from->local_id : from->global_id, tag);
}
