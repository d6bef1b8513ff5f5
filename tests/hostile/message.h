/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages of the fuzzer.  Each follows from a seed and its number alone, so that the same seed
 * sends the same messages, wherever a fuzzer begins.  Pure. */
#pragma once

#include "hostile.h"

enum { MESSAGE_WORDS_MAX = 63, RECIPIENTS_MAX = 8, DRIVER_THREADS = 24 };

struct message {
    L4_ThreadId_t to, virtual_sender;
    L4_MsgTag_t tag;
    L4_Word_t words[MESSAGE_WORDS_MAX];
    bool accepts; /* map items */
    bool waits;   /* for an answer */
};

/* Whom the messages go to, and what looks like a word of theirs. */
struct surroundings {
    L4_ThreadId_t me, console, pager, victim, victim_pager;
    L4_Word_t driver_task; /* whose threads' numbers are guessed */
};

void message_make(struct message *m, const struct surroundings *s, uint32_t seed, uint32_t number);
