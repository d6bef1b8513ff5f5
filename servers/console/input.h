/* SPDX-License-Identifier: BSD-2-Clause */
/* What has been typed and not read yet.  Raw: bytes as they come.  Cooked: a line at a time, with backspace,
 * erase-line (0x15) and an echo.  The byte 0x04 ends the input, in both modes.  Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { INPUT_RING_BYTES = 4096, INPUT_LINE_BYTES = 256, INPUT_END = 0x04 };

struct input {
    bool raw;
    void (*echo)(uint8_t byte); /* of cooked input */
    uint32_t read, used;        /* ring: place of the oldest byte, how many */
    uint32_t line_used;         /* cooked: the line being typed */
    uint32_t dropped;           /* bytes there was no room for */
    uint8_t ring[INPUT_RING_BYTES];
    uint8_t line[INPUT_LINE_BYTES];
};

void input_init(struct input *in, bool raw, void (*echo)(uint8_t byte));
void input_put(struct input *in, uint8_t byte);
/* There is something for a reader, be it the end. */
bool input_ready(const struct input *in);
/* Copies without taking: at most count bytes, cooked at most to the end of a line.  0: the end of the input.
 * Ready only. */
uint32_t input_peek(const struct input *in, uint8_t *bytes, uint32_t count);
/* Takes what a peek gave; 0 takes the end itself. */
void input_take(struct input *in, uint32_t count);
