/* SPDX-License-Identifier: BSD-2-Clause */
/* A ring of what has been received, and what each mode makes of it. */
#include "input.h"

#include "base/assertion.h"

enum { BELL = 0x07, BACKSPACE = 0x08, ERASE_LINE = 0x15, DELETE = 0x7f };

/* Items of the ring that are no bytes. */
enum { ITEM_END = 0x100, ITEM_FINISHED = 0x101 };

void input_init(struct input *in, enum input_mode mode, void (*echo)(uint8_t byte))
{
    ASSERT(mode == INPUT_COOKED || mode == INPUT_RAW || mode == INPUT_QUOTED);
    in->mode = mode;
    in->echo = echo;
    in->quoting = false;
    in->finished = false;
    in->read = 0;
    in->used = 0;
    in->line_used = 0;
    in->dropped = 0;
}

static uint32_t free_items(const struct input *in)
{
    ASSERT(in->used <= INPUT_RING_ITEMS);
    return INPUT_RING_ITEMS - in->used;
}

uint32_t input_room(const struct input *in)
{
    uint32_t room = free_items(in);
    if (in->mode != INPUT_COOKED) {
        return room; /* no byte makes more than one item */
    }
    return room > in->line_used ? room - in->line_used : 0; /* the line being typed comes along */
}

static uint16_t item_at(const struct input *in, uint32_t i)
{
    ASSERT(i < in->used);
    return in->ring[(in->read + i) % INPUT_RING_ITEMS];
}

static void store(struct input *in, uint16_t item)
{
    if (free_items(in) == 0) {
        in->dropped++;
        return;
    }
    in->ring[(in->read + in->used) % INPUT_RING_ITEMS] = item;
    in->used++;
}

static void erase_last(struct input *in)
{
    if (in->line_used > 0) {
        in->line_used--;
        in->echo(BACKSPACE);
        in->echo(' ');
        in->echo(BACKSPACE);
    }
}

/* The line and the item that ends it (0: none), or nothing of both. */
static void commit_line(struct input *in, uint16_t end)
{
    uint32_t count = in->line_used + (end != 0);
    ASSERT(in->line_used <= INPUT_LINE_BYTES);
    if (count > free_items(in)) {
        in->dropped += count;
        in->echo(BELL);
    } else {
        for (uint32_t i = 0; i < in->line_used; i++) {
            store(in, in->line[i]);
        }
        if (end != 0) {
            store(in, end);
        }
    }
    in->line_used = 0;
}

static void put_cooked(struct input *in, uint8_t byte)
{
    switch (byte) {
    case '\r':
    case '\n':
        in->echo('\r');
        in->echo('\n');
        commit_line(in, '\n');
        break;
    case BACKSPACE:
    case DELETE:
        erase_last(in);
        break;
    case ERASE_LINE:
        while (in->line_used > 0) {
            erase_last(in);
        }
        break;
    case INPUT_END: /* within a line it hands over what there is */
        commit_line(in, in->line_used == 0 ? ITEM_END : 0);
        break;
    default:
        if ((byte < ' ' && byte != '\t') || in->line_used == INPUT_LINE_BYTES) {
            in->echo(BELL);
            break;
        }
        in->line[in->line_used++] = byte;
        in->echo(byte);
        break;
    }
}

static void put_quoted(struct input *in, uint8_t byte)
{
    if (in->finished) {
        in->dropped++;
    } else if (in->quoting) {
        in->quoting = false;
        store(in, byte);
    } else if (byte == INPUT_QUOTE) {
        in->quoting = true;
    } else if (byte == INPUT_FINISHED) {
        in->finished = true;
        store(in, ITEM_FINISHED);
    } else {
        store(in, byte == INPUT_END ? ITEM_END : byte);
    }
}

void input_put(struct input *in, uint8_t byte)
{
    switch (in->mode) {
    case INPUT_COOKED:
        put_cooked(in, byte);
        break;
    case INPUT_RAW:
        store(in, byte == INPUT_END ? ITEM_END : byte);
        break;
    case INPUT_QUOTED:
        put_quoted(in, byte);
        break;
    }
}

bool input_ready(const struct input *in)
{
    return in->used > 0;
}

uint32_t input_peek(const struct input *in, uint8_t *bytes, uint32_t count)
{
    uint32_t got = 0;
    ASSERT(in->used > 0);
    while (got < count && got < in->used) {
        uint16_t item = item_at(in, got);
        if (item >= ITEM_END) {
            break;
        }
        bytes[got++] = (uint8_t)item;
        if (in->mode == INPUT_COOKED && item == '\n') {
            break;
        }
    }
    return got;
}

void input_take(struct input *in, uint32_t count)
{
    uint32_t items = count;
    if (count == 0 && in->used > 0 && item_at(in, 0) == ITEM_END) {
        items = 1;
    }
    ASSERT(items <= in->used);
    in->read = (in->read + items) % INPUT_RING_ITEMS;
    in->used -= items;
}
