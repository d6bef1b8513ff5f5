/* SPDX-License-Identifier: BSD-2-Clause */
/* String items (interface.md 5.1 - 5.3): from the pieces of the sender's item to the pieces of the
 * receiver's buffer.
 *
 * The kernel reaches user pages through the direct map, so it never faults itself; a page that is
 * not mapped is asked for in the name of its thread.  All progress is in s->transfer: the copy can
 * stop after any page.  Message and buffer registers are user memory and may change meanwhile:
 * every index is checked when it is used. */
#include "arch.h"
#include "ipc_priv.h"
#include "space.h"
#include "work.h"

#include <string.h>

enum {
    PIECES_SHIFT = 4,
    PIECES_MASK = 0x1f,
    COMPOUND = 1 << 9,
    LENGTH_SHIFT = 10,
    MORE_BUFFERS = 1,
    ACCEPT_STRINGS = 1,
};

static word_t length_of(word_t header)
{
    return header >> LENGTH_SHIFT;
}

static word_t last_piece(word_t header)
{
    return header >> PIECES_SHIFT & PIECES_MASK;
}

/* Descriptors ascend in message registers and descend in buffer registers. */
static word_t message_word(const struct tcb *s, word_t i)
{
    return i < UTCB_MR_COUNT ? s->utcb[i] : 0;
}

static word_t buffer_word(const struct tcb *r, word_t i)
{
    return i < UTCB_BR_COUNT ? r->utcb[UTCB_BR0 - (int)i] : 0;
}

/* The first word behind the string whose first descriptor is at i; more than limit if the string
 * does not end there. */
static word_t string_extent(const struct tcb *t, word_t (*word)(const struct tcb *, word_t), word_t i,
                            word_t limit)
{
    word_t header;
    do {
        header = word(t, i);
        i += last_piece(header) + 2;
    } while ((header & COMPOUND) && i < limit);
    return header & COMPOUND ? limit + 1 : i;
}

/* The buffer string for the next string item; 0: there is none. */
static word_t next_buffer(const struct transfer *x, const struct tcb *r)
{
    if (!x->buffers_begun) {
        return buffer_word(r, 0) & ACCEPT_STRINGS ? 1 : 0;
    }
    if (!x->buffer || !(buffer_word(r, x->buffer) & MORE_BUFFERS)) {
        return 0;
    }
    word_t next = string_extent(r, buffer_word, x->buffer, UTCB_BR_COUNT);
    return next < UTCB_BR_COUNT ? next : 0;
}

bool ipc_string_begin(struct tcb *s, struct tcb *r, word_t end)
{
    struct transfer *x = &s->transfer;
    assert(x->string_end == 0 && x->item < end);
    word_t behind = string_extent(s, message_word, x->item, end);
    if (behind > end) {
        return false;
    }
    for (word_t i = x->item; i < behind; i++) {
        r->utcb[i] = s->utcb[i];
    }
    x->buffer = (uint8_t)next_buffer(x, r);
    x->buffers_begun = true;
    if (!x->buffer) {
        return false;
    }
    x->string_end = (uint8_t)behind;
    x->source = x->item;
    x->target = x->buffer;
    x->source_piece = x->target_piece = 0;
    x->source_offset = x->target_offset = 0;
    return true;
}

struct span { /* contiguous bytes of one piece, within one page */
    vaddr_t address;
    word_t bytes;
};

/* The next bytes of a string, which are none at its end.  Steps over pieces that are finished. */
static struct span next_span(const struct tcb *t, word_t (*word)(const struct tcb *, word_t),
                             uint8_t *descriptor, uint8_t *piece, word_t *offset, word_t end)
{
    while (*descriptor < end) {
        word_t header = word(t, *descriptor);
        if (*offset < length_of(header)) {
            vaddr_t address = word(t, *descriptor + 1u + *piece) + *offset;
            word_t rest = length_of(header) - *offset, page = PAGE_BYTES - (address & ~PAGE_MASK);
            return (struct span){address, rest < page ? rest : page};
        }
        *offset = 0;
        if (*piece < last_piece(header)) {
            (*piece)++;
        } else if (header & COMPOUND) {
            *descriptor = (uint8_t)(*descriptor + last_piece(header) + 2);
            *piece = 0;
        } else {
            *offset = length_of(header); /* stay at the end */
            break;
        }
    }
    return (struct span){0, 0};
}

/* Where the kernel finds a byte of t's memory.  NULL: t's pager must be asked; sigma0 has none, and
 * gets its pages here. */
static void *reach(struct tcb *t, vaddr_t address, bool write)
{
    void *at = arch_user_access(t->space, address, write);
    if (!at && t->space == sigma0_space && sigma0_fault(address)) {
        at = arch_user_access(t->space, address, write);
    }
    return at;
}

enum string_result ipc_string_copy(struct tcb *s, struct tcb *r)
{
    struct transfer *x = &s->transfer;
    while (!work_over()) {
        struct span from =
            next_span(s, message_word, &x->source, &x->source_piece, &x->source_offset, x->string_end);
        if (from.bytes == 0) {
            return STRING_DONE;
        }
        struct span to =
            next_span(r, buffer_word, &x->target, &x->target_piece, &x->target_offset, UTCB_BR_COUNT);
        if (to.bytes == 0) {
            return STRING_OVERFLOW;
        }
        word_t n = from.bytes < to.bytes ? from.bytes : to.bytes;
        const void *source = reach(s, from.address, false);
        void *target = source ? reach(r, to.address, true) : NULL;
        if (!source || !target) {
            bool asked = source ? ipc_transfer_fault(s, r, false, to.address, L4_Writable)
                                : ipc_transfer_fault(s, r, true, from.address, L4_ReadeXecOnly);
            return asked ? STRING_SUSPENDED : STRING_BROKEN;
        }
        assert(n > 0 && n <= PAGE_BYTES);
        memcpy(target, source, n);
        x->source_offset += n;
        x->target_offset += n;
        x->bytes += n;
        work_done(WORK_SPAN + (int32_t)(n / sizeof(word_t)));
    }
    ipc_transfer_pause(s, r);
    return STRING_SUSPENDED;
}
