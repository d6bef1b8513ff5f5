// sources: servers/console/input.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's input, cooked and raw: editing, echo, end of input, full buffers. */
#include "input.h"

#include <stdio.h>
#include <string.h>

static int count, failures;
static struct input in;
static char echoed[8192];
static size_t echoed_bytes;

static void check(int good, const char *what)
{
    count++;
    printf("%s %d - %s\n", good ? "ok" : "not ok", count, what);
    failures += !good;
}

static void echo(uint8_t byte)
{
    if (echoed_bytes < sizeof echoed - 1) {
        echoed[echoed_bytes++] = (char)byte;
    }
}

static void start(bool raw)
{
    memset(echoed, 0, sizeof echoed);
    echoed_bytes = 0;
    input_init(&in, raw, echo);
}

static void type(const char *text)
{
    for (; *text != '\0'; text++) {
        input_put(&in, (uint8_t)*text);
    }
}

/* Reads like a reader does and compares. */
static int reads(const char *wanted)
{
    uint8_t bytes[240];
    uint32_t got = input_peek(&in, bytes, sizeof bytes);
    int good = input_ready(&in) && got == strlen(wanted) && memcmp(bytes, wanted, got) == 0;
    input_take(&in, got);
    return good;
}

static void test_cooked(void)
{
    start(false);
    type("ab");
    check(!input_ready(&in), "no line, nothing to read");
    type("x\x7f\bc\r");
    check(reads("ac\n") && !input_ready(&in), "backspace and end of line");
    check(!strcmp(echoed, "abx\b \b\b \bc\r\n"), "the echo");
    start(false);
    type("\b\x7f"
         "a\n");
    check(reads("a\n"), "nothing to erase is harmless");
    type("wrong\x15right\nsecond\n");
    check(reads("right\n") && reads("second\n"), "erase line; a line at a time");
    type("ab\x04"
         "c\n");
    check(reads("abc\n") || reads("ab"), "0x04 within a line hands it over");
    start(false);
    type("\x04more\n");
    check(reads("") && reads("more\n"), "the end of input, and what comes behind it");
    start(false);
    for (int i = 0; i < 400; i++) {
        type("y");
    }
    type("\n");
    check(in.used == INPUT_LINE_BYTES + 1, "a line is bounded");
    start(false);
    for (int i = 0; i < 1000; i++) {
        type("123456789\n");
    }
    check(in.used <= INPUT_RING_BYTES && in.used > INPUT_RING_BYTES - 10 && in.dropped > 0, "so is the ring");
    int good = 1;
    while (input_ready(&in)) {
        good = good && reads("123456789\n");
    }
    check(good, "lines are dropped whole");
}

static void test_raw(void)
{
    start(true);
    type("a\r\n\b\x7f");
    check(reads("a\r\n\b\x7f") && echoed_bytes == 0, "raw bytes come as they are, without echo");
    type("ab\x04"
         "cd");
    check(reads("ab") && reads("") && reads("cd") && !input_ready(&in), "the end of input splits");
    for (uint32_t i = 0; i < INPUT_RING_BYTES + 10; i++) {
        input_put(&in, 'z');
    }
    check(in.used == INPUT_RING_BYTES && in.dropped == 10, "the ring is bounded");
    uint8_t one;
    check(input_peek(&in, &one, 1) == 1 && one == 'z', "no more than wanted");
}

int main(void)
{
    test_cooked();
    test_raw();
    printf("1..%d\n", count);
    return failures != 0;
}
