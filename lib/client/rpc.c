/* SPDX-License-Identifier: BSD-2-Clause */
/* The call itself, and strings in words. */
#include "client/rpc.h"

#include "base/assertion.h"
#include "l4/syscalls.h"
#include "protocol/physmem.h"

enum error rpc_call(L4_ThreadId_t server, L4_Word_t reply_label, L4_Word_t label, const L4_Word_t *in,
                    unsigned in_count, L4_Word_t *out, unsigned out_count)
{
    L4_MsgTag_t tag;
    ASSERT(in_count < UTCB_MR_COUNT && 1 + out_count < UTCB_MR_COUNT && reply_label != PHYSMEM_ANSWER);
    do {
        for (unsigned i = 0; i < in_count; i++) {
            L4_LoadMR(1 + i, in[i]);
        }
        tag = L4_Call(server, L4_MsgTag(label, in_count, 0));
        /* The answer to an old fault of this thread can come only in the place of a reply that was
         * parked, and that is gone then: the call is made again.  The answer's map item may have
         * been refused, so flag E says nothing here. */
    } while (L4_Label(tag) == PHYSMEM_ANSWER && L4_IsThreadEqual(server, PHYSMEM_THREAD));
    unsigned count = L4_UntypedWords(tag);
    if (L4_IpcFailed(tag) || L4_Label(tag) != reply_label || count < 1) {
        return ERR_IPC;
    }
    enum error result = (enum error)L4_StoreMR(1);
    for (unsigned i = 0; i < out_count; i++) {
        out[i] = 2 + i <= count ? L4_StoreMR(2 + i) : 0;
    }
    return result;
}

void rpc_pack(L4_Word_t *words, unsigned word_count, const char *text)
{
    for (unsigned i = 0; i < word_count; i++) {
        words[i] = 0;
    }
    for (unsigned i = 0; i < word_count * 4 && text[i] != '\0'; i++) {
        words[i / 4] |= (L4_Word_t)(unsigned char)text[i] << i % 4 * 8;
    }
}

void rpc_unpack(char *text, const L4_Word_t *words, unsigned word_count)
{
    for (unsigned i = 0; i < word_count * 4; i++) {
        text[i] = (char)(words[i / 4] >> i % 4 * 8);
    }
    text[word_count * 4] = '\0';
}
