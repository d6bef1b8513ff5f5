/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages with string items, and the pair of remotes that exchange them (strings.h). */
#include "strings.h"

unsigned char text[TEXT_BYTES] __attribute__((aligned(4096))),
    target[TEXT_BYTES] __attribute__((aligned(4096)));

void strings_reset(void)
{
    L4_Word_t state = 12345;
    for (unsigned i = 0; i < TEXT_BYTES; i++) {
        state = state * 1103515245 + 12345;
        text[i] = (unsigned char)(state >> 16);
        text[i] = text[i] == FILL ? 0 : text[i];
        target[i] = FILL;
    }
}

bool arrived(L4_Word_t at, L4_Word_t from, L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        if (((volatile unsigned char *)target)[at + i] != text[from + i]) {
            return false;
        }
    }
    return true;
}

bool untouched(L4_Word_t at, L4_Word_t count)
{
    for (L4_Word_t i = 0; i < count; i++) {
        if (((volatile unsigned char *)target)[at + i] != FILL) {
            return false;
        }
    }
    return true;
}

static L4_Word_t descriptor(L4_Word_t bytes, L4_Word_t flags, unsigned pieces)
{
    return bytes << 10 | (pieces - 1) << 4 | flags;
}

void add_string(struct job *j, L4_Word_t bytes, L4_Word_t flags, unsigned pieces, const L4_Word_t *at)
{
    L4_Word_t *w = &j->mr[1 + L4_UntypedWords(j->tag) + L4_TypedWords(j->tag)];
    *w++ = descriptor(bytes, flags, pieces);
    for (unsigned i = 0; i < pieces; i++) {
        *w++ = at[i];
    }
    j->tag.raw += (1 + pieces) << 6;
}

void add_piece(struct job *j, L4_Word_t bytes, L4_Word_t at)
{
    add_string(j, bytes, 0, 1, &at);
}

void add_buffer(struct job *j, L4_Word_t bytes, L4_Word_t flags, unsigned pieces, const L4_Word_t *at)
{
    unsigned b = 1;
    while (b < 32 && j->br[b]) {
        b++;
    }
    j->br[0] |= ACCEPT_STRINGS;
    j->br[b++] = descriptor(bytes, flags, pieces);
    for (unsigned i = 0; i < pieces; i++) {
        j->br[b++] = at[i];
    }
}

void add_buffer_piece(struct job *j, L4_Word_t bytes, L4_Word_t at)
{
    add_buffer(j, bytes, 0, 1, &at);
}

bool transfer_new(struct transfer *t)
{
    strings_reset();
    if (!remote_new(&t->sender, true) || !remote_new(&t->receiver, true)) {
        return false;
    }
    settle();
    job_send(&t->out, t->receiver.id, L4_MsgTag(0x51, 0, 0));
    t->out.timeouts = L4_Timeouts(SOON, L4_Never);
    job_receive(&t->in, t->sender.id);
    t->in.timeouts = L4_Timeouts(L4_Never, SOON);
    return true;
}

bool transfer_start(struct transfer *t)
{
    bool ok = remote_start(&t->receiver, job_run, &t->in) && remote_start(&t->sender, job_run, &t->out);
    if (!ok) {
        ktap_failed(__FILE__, __LINE__, "sender and receiver to start");
    }
    return ok;
}

void transfer_run(struct transfer *t)
{
    if (transfer_start(t)) {
        EXPECT_EQ(remote_wait(&t->sender), DONE);
        EXPECT_EQ(remote_wait(&t->receiver), DONE);
    }
}

void expect_success(const struct transfer *t)
{
    EXPECT(t->out.done && t->in.done);
    EXPECT_EQ(t->out.result.raw & 0x8000, 0);
    EXPECT_EQ(t->in.result.raw, t->out.tag.raw);
}

void expect_failure(const struct transfer *t, L4_Word_t sender, L4_Word_t receiver, L4_Word_t offset)
{
    EXPECT(t->out.done && t->in.done);
    EXPECT_EQ(t->out.result.raw & 0x8000, 0x8000);
    EXPECT_EQ(t->in.result.raw & 0x8000, 0x8000);
    EXPECT_EQ(t->out.error, offset << 4 | sender);
    EXPECT_EQ(t->in.error, offset << 4 | receiver);
}
