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
static struct message message_of(struct tcb *s, word_t room[EXCEPTION_WORDS + 1])
{
    switch ((enum ipc_kind)s->ipc_kind) {
    case IPC_USER:
    case IPC_START:
        break;
    case IPC_FAULT:
        room[1] = s->fault_address;
        room[2] = arch_user_ip(s);
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

/* Map and grant items, in message order; what was done stays done when a later item fails. */
static word_t transfer_items(struct tcb *s, struct tcb *r, const struct message *m)
{
    word_t i = untyped(m->tag) + 1, end = i + typed(m->tag);
    L4_Fpage_t window = window_of(r);
    while (i < end) {
        word_t first = m->words[i];
        bool map = (first & 0xe) == L4_ITEM_MAP || (first & 0xe) == L4_ITEM_GRANT;
        if (!map || i + 2 > end || window.raw == 0) {
            return L4_IpcMsgOverflow;
        }
        L4_Fpage_t fpage = {m->words[i + 1]};
        if (r->ipc_kind == IPC_USER) {
            r->utcb[i] = first;
            r->utcb[i + 1] = fpage.raw;
        }
        if (map_item(s->space, r->space, first, fpage, window) != MAP_OK) {
            return L4_IpcMsgOverflow;
        }
        i += 2;
    }
    return 0;
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

word_t ipc_transfer(struct tcb *s, struct tcb *r, struct tcb *virtual_sender)
{
    word_t room[EXCEPTION_WORDS + 1];
    struct message m = message_of(s, room);
    word_t error = 0;
    if (untyped(m.tag) + typed(m.tag) >= UTCB_MR_COUNT) {
        error = L4_IpcMsgOverflow;
    } else {
        receive_words(r, &m);
        if (typed(m.tag)) {
            error = transfer_items(s, r, &m);
        }
    }
    if (r->ipc_kind == IPC_USER) {
        struct tcb *from = virtual_sender ? virtual_sender : s;
        word_t tag = m.tag & ~(word_t)(L4_TAG_PROPAGATED | L4_TAG_REDIRECTED | L4_TAG_XCPU | L4_TAG_ERROR);
        if (virtual_sender) {
            tag |= L4_TAG_PROPAGATED;
            r->utcb[UTCB_VIRTUAL_SENDER] = s->global_id;
        }
        if (error) {
            tag |= L4_TAG_ERROR;
            tcb_set_error(r, error << 1 | 1);
        }
        r->utcb[0] = tag;
        arch_ipc_return(r, from->space == r->space ? from->local_id : from->global_id, tag);
    }
    return error;
}
