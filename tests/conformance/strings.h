/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages with string items (interface.md 5.1 to 5.3), for the strings_*.c. */
#pragma once

#include "harness.h"

enum { STRING_MORE = 1, STRING_CONTINUES = 1 << 9, ACCEPT_STRINGS = 1, TEXT_BYTES = 16384, FILL = 0xee };

/* What is sent from and received into; shared by all spaces, refilled by strings_reset. */
extern unsigned char text[TEXT_BYTES], target[TEXT_BYTES];

/* text: a pattern without period; target: FILL everywhere. */
void strings_reset(void);
/* Whether target[at..] is text[from..], count bytes of it. */
bool arrived(L4_Word_t at, L4_Word_t from, L4_Word_t count);
/* Whether target[at..] is untouched, count bytes of it. */
bool untouched(L4_Word_t at, L4_Word_t count);

/* Appends a string item (or continuation) of pieces of `bytes' each to the message's typed words;
 * flags are STRING_...; the tag counts it. */
void add_string(struct job *j, L4_Word_t bytes, L4_Word_t flags, unsigned pieces, const L4_Word_t *at);
void add_piece(struct job *j, L4_Word_t bytes, L4_Word_t at);
/* Appends a receive buffer in the same way; the acceptor gets its s bit. */
void add_buffer(struct job *j, L4_Word_t bytes, L4_Word_t flags, unsigned pieces, const L4_Word_t *at);
void add_buffer_piece(struct job *j, L4_Word_t bytes, L4_Word_t at);

/* A sender and a receiver, remotes in spaces of their own, and the IPC that each is to do with the
 * other. */
struct transfer {
    struct remote sender, receiver;
    struct job out, in;
};

bool transfer_new(struct transfer *t);
/* Starts both, the receiver first. */
bool transfer_start(struct transfer *t);
/* Runs it to its end where no fault is expected. */
void transfer_run(struct transfer *t);
void expect_success(const struct transfer *t);
/* Both sides failed: with these codes (without offset) and this offset. */
void expect_failure(const struct transfer *t, L4_Word_t sender, L4_Word_t receiver, L4_Word_t offset);
