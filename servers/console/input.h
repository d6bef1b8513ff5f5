/* SPDX-License-Identifier: BSD-2-Clause */
/* What has come over the line and has not been read yet.  Pure; main.c alone calls it.
 *
 *   cooked   a line at a time, with backspace, erase-line (0x15) and an echo; 0x04 ends the input
 *            once
 *   raw      bytes as they come; 0x04 ends the input once
 *   quoted   bytes as they come, but for three: 0x16 makes the byte behind it data, 0x04 ends the
 *            input once, 0x19 ends it for good.  So every byte can be sent, and the end is none of
 *            them.
 *
 * An end that comes once is read by one reader, like ^D at a terminal; after the end for good every
 * read meets it, like the end of a file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
    INPUT_RING_ITEMS = 4096,
    INPUT_LINE_BYTES = 256,
    INPUT_END = 0x04,      /* ASCII EOT, which ^D types */
    INPUT_QUOTE = 0x16,    /* ASCII SYN, which ^V types */
    INPUT_FINISHED = 0x19, /* ASCII EM, end of medium */
};

enum input_mode { INPUT_COOKED, INPUT_RAW, INPUT_QUOTED };

struct input {
    enum input_mode mode;
    void (*echo)(uint8_t byte);      /* of cooked input */
    bool quoting;                    /* quoted: the next byte is data whatever it is */
    bool finished;                   /* the end for good has come: what follows is dropped */
    uint32_t read, used;             /* ring: place of the oldest item, and how many there are */
    uint32_t line_used;              /* cooked: bytes of the line that is being typed */
    uint32_t dropped;                /* bytes without room; 0 for who respects input_room() */
    uint16_t ring[INPUT_RING_ITEMS]; /* a byte, or an end: an item that is no byte */
    uint8_t line[INPUT_LINE_BYTES];
};

void input_init(struct input *in, enum input_mode mode, void (*echo)(uint8_t byte));
/* Returns how many bytes can come now of which none is dropped, whatever they are. */
uint32_t input_room(const struct input *in);
void input_put(struct input *in, uint8_t byte);
/* Returns whether there is something for a reader, be it an end. */
bool input_ready(const struct input *in);
/* Only when ready.  Copies without taking: at most count bytes, cooked at most to the end of a
 * line. 0: an end of the input. */
uint32_t input_peek(const struct input *in, uint8_t *bytes, uint32_t count);
/* Takes what a peek gave; 0 takes an end that comes once. */
void input_take(struct input *in, uint32_t count);
