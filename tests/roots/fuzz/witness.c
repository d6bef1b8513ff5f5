/* SPDX-License-Identifier: BSD-2-Clause */
/* Two threads that mind their own business: the client calls the server, each looks at its memory.
 * The first page of a witness's region is its record, the second its stack; the others hold a
 * pattern for ever. */
#include "fuzz.h"

enum { PATTERN_FROM = 2 * PAGE_BYTES, PATTERN_TO = 16 * PAGE_BYTES, WORDS = 20, BURST = 8 };

static L4_Word_t pattern(L4_Word_t address)
{
    return (address ^ 0x5aa5c33c) * 2654435761u;
}

void witness_fill(L4_Word_t region)
{
    for (L4_Word_t a = region + PATTERN_FROM; a < region + PATTERN_TO; a += 4) {
        *(volatile L4_Word_t *)a = pattern(a);
    }
}

bool witness_intact(L4_Word_t region)
{
    for (L4_Word_t a = region + PATTERN_FROM; a < region + PATTERN_TO; a += 4) {
        if (*(volatile L4_Word_t *)a != pattern(a)) {
            return false;
        }
    }
    return true;
}

static void look(struct witness *w)
{
    L4_Word_t a = (L4_Word_t)w + PATTERN_FROM + w->calls * 4 % (PATTERN_TO - PATTERN_FROM);
    if (*(volatile L4_Word_t *)a != pattern(a)) {
        w->wrong++;
    }
}

void client_main(struct witness *w)
{
    L4_Set_ExceptionHandler(root_id);
    for (;;) {
        L4_Word_t words = 1 + w->calls % WORDS;
        for (L4_Word_t i = 1; i <= words; i++) {
            L4_LoadMR(i, w->calls * i);
        }
        L4_MsgTag_t tag = L4_Call(server_id, L4_MsgTag(words, words, 0));
        if (L4_IpcFailed(tag)) {
            w->error_code = L4_ErrorCode();
            w->error_tag = tag.raw;
            w->errors++;
        } else if (tag.raw != L4_MsgTag(words + 1, words, 0).raw) {
            w->error_tag = tag.raw;
            w->wrong++;
        } else {
            for (L4_Word_t i = 1; i <= words; i++) {
                w->wrong += L4_StoreMR(i) != w->calls * i + 1;
            }
        }
        look(w);
        w->calls++;
        if (w->calls % BURST == 0) {
            L4_Sleep(L4_TimePeriod(1000));
        }
    }
}

/* Answers everybody; only what it hears from the client is counted and must be whole. */
void server_main(struct witness *w)
{
    L4_ThreadId_t from;
    L4_Set_ExceptionHandler(root_id);
    L4_MsgTag_t tag = L4_Wait(&from);
    for (;;) {
        /* The reply, to somebody who does not wait; or a message with items. */
        if (L4_IpcFailed(tag)) {
            w->error_code = L4_ErrorCode();
            w->wrong += w->error_code != 2 && w->error_code != 4 && w->error_code != 9;
            tag = L4_Wait(&from);
            continue;
        }
        L4_Word_t words = L4_UntypedWords(tag);
        if (L4_IsThreadEqual(from, client_id)) {
            w->wrong += tag.raw != L4_MsgTag(words, words, 0).raw;
            w->calls++;
        }
        for (L4_Word_t i = 1; i <= words; i++) {
            L4_LoadMR(i, L4_StoreMR(i) + 1);
        }
        look(w);
        tag = L4_ReplyWait(from, L4_MsgTag((L4_Word_t)(L4_Label(tag) + 1), words, 0), &from);
    }
}
