/* SPDX-License-Identifier: BSD-2-Clause */
#include "input.h"

enum { BELL = 0x07, BACKSPACE = 0x08, ERASE_LINE = 0x15, DELETE = 0x7f };

void input_init(struct input *in, bool raw, void (*echo)(uint8_t byte))
{
    in->raw = raw;
    in->echo = echo;
    in->read = 0;
    in->used = 0;
    in->line_used = 0;
    in->dropped = 0;
}

static uint32_t room(const struct input *in)
{
    return INPUT_RING_BYTES - in->used;
}

static void store(struct input *in, uint8_t byte)
{
    if (room(in) == 0) {
        in->dropped++;
        return;
    }
    in->ring[(in->read + in->used) % INPUT_RING_BYTES] = byte;
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

/* The line and what ends it, or none of it. */
static void commit_line(struct input *in, uint8_t end)
{
    uint32_t count = in->line_used + (end != 0);
    if (count > room(in)) {
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
        commit_line(in, in->line_used == 0 ? INPUT_END : 0);
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

void input_put(struct input *in, uint8_t byte)
{
    if (in->raw) {
        store(in, byte);
    } else {
        put_cooked(in, byte);
    }
}

bool input_ready(const struct input *in)
{
    return in->used > 0;
}

uint32_t input_peek(const struct input *in, uint8_t *bytes, uint32_t count)
{
    uint32_t got = 0;
    while (got < count && got < in->used) {
        uint8_t byte = in->ring[(in->read + got) % INPUT_RING_BYTES];
        if (byte == INPUT_END) {
            break;
        }
        bytes[got++] = byte;
        if (!in->raw && byte == '\n') {
            break;
        }
    }
    return got;
}

void input_take(struct input *in, uint32_t count)
{
    uint32_t bytes = count == 0 && in->used > 0 ? 1 : count;
    in->read = (in->read + bytes) % INPUT_RING_BYTES;
    in->used -= bytes;
}
