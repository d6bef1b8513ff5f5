// sources: servers/console/input.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's input, cooked and raw: editing, echo, end of input, full buffers. */
#include "input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

static struct input in;
static char echoed[8192];
static size_t echoed_bytes;

static void echo(uint8_t byte)
{
    if (echoed_bytes < sizeof echoed - 1) {
        echoed[echoed_bytes++] = (char)byte;
    }
}

static void start(enum input_mode mode)
{
    memset(echoed, 0, sizeof echoed);
    echoed_bytes = 0;
    input_init(&in, mode, echo);
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
    if (!input_ready(&in)) {
        return 0;
    }
    uint32_t got = input_peek(&in, bytes, sizeof bytes);
    int good = got == strlen(wanted) && memcmp(bytes, wanted, got) == 0;
    input_take(&in, got);
    return good;
}

static void test_cooked(void)
{
    start(INPUT_COOKED);
    type("ab");
    check(!input_ready(&in), "no line, nothing to read");
    type("x\x7f\bc\r");
    check(reads("ac\n") && !input_ready(&in), "backspace and end of line");
    check(!strcmp(echoed, "abx\b \b\b \bc\r\n"), "the echo");
    start(INPUT_COOKED);
    type("\b\x7f"
         "a\n");
    check(reads("a\n"), "nothing to erase is harmless");
    type("wrong\x15right\nsecond\n");
    check(reads("right\n") && reads("second\n"), "erase line; a line at a time");
    type("ab\x04"
         "c\n");
    check(reads("abc\n") || reads("ab"), "0x04 within a line hands it over");
    start(INPUT_COOKED);
    type("\x04more\n");
    check(reads("") && reads("more\n"), "the end of input, and what comes behind it");
    start(INPUT_COOKED);
    for (int i = 0; i < 400; i++) {
        type("y");
    }
    type("\n");
    check(in.used == INPUT_LINE_BYTES + 1, "a line is bounded");
    start(INPUT_COOKED);
    for (int i = 0; i < 1000; i++) {
        type("123456789\n");
    }
    check(in.used <= INPUT_RING_ITEMS && in.used > INPUT_RING_ITEMS - 10 && in.dropped > 0, "so is the ring");
    int good = 1;
    while (input_ready(&in)) {
        good = good && reads("123456789\n");
    }
    check(good, "lines are dropped whole");
}

static void test_raw(void)
{
    start(INPUT_RAW);
    type("a\r\n\b\x7f");
    check(reads("a\r\n\b\x7f") && echoed_bytes == 0, "raw bytes come as they are, without echo");
    type("ab\x04"
         "cd");
    check(reads("ab") && reads("") && reads("cd") && !input_ready(&in), "the end of input splits");
    for (uint32_t i = 0; i < INPUT_RING_ITEMS + 10; i++) {
        input_put(&in, 'z');
    }
    check(in.used == INPUT_RING_ITEMS && in.dropped == 10 && input_room(&in) == 0, "the ring is bounded");
    uint8_t one;
    check(input_peek(&in, &one, 1) == 1 && one == 'z', "no more than wanted");
}

/* What tools/run sends for data. */
static void send_quoted(uint8_t byte)
{
    if (byte == INPUT_QUOTE || byte == INPUT_END || byte == INPUT_FINISHED) {
        input_put(&in, INPUT_QUOTE);
    }
    input_put(&in, byte);
}

static void test_quoted(void)
{
    start(INPUT_QUOTED);
    int good = 1;
    for (int i = 0; i < 256; i++) {
        send_quoted((uint8_t)i);
        uint8_t byte;
        good = good && input_ready(&in) && input_peek(&in, &byte, 1) == 1 && byte == i;
        input_take(&in, 1);
    }
    check(good && !input_ready(&in) && echoed_bytes == 0, "all 256 bytes come as they are");
    input_put(&in, INPUT_QUOTE);
    check(!input_ready(&in), "a quote alone is nothing yet");
    input_put(&in, 'q');
    check(reads("q"), "any byte can be quoted");
    type("ab\x04"
         "cd\x19");
    check(reads("ab") && reads("") && reads("cd"), "an end that comes once");
    check(reads("") && reads("") && input_ready(&in), "an end for good stays");
    type("ef\x04");
    check(reads("") && in.used == 1, "nothing comes behind it");
}

/* Whoever looks at the room never loses a byte. */
static void test_room(void)
{
    static const char keys[] = "aaaaaaaa\n\n\b\x15\x04\x16\xff\x19";
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : 20261128;
    srand(seed);
    int good = 1;
    for (int mode = INPUT_COOKED; mode <= INPUT_QUOTED; mode++) {
        start((enum input_mode)mode);
        for (int i = 0; i < 300000 && !in.finished; i++) {
            uint32_t before = input_room(&in);
            if (before > 0) {
                input_put(&in, (uint8_t)keys[(size_t)rand() % (sizeof keys - 1 - (mode == INPUT_QUOTED))]);
                good = good && in.dropped == 0 && input_room(&in) + 1 >= before;
            }
            if (i % 5000 > 4900 && input_ready(&in)) {
                uint8_t bytes[240];
                input_take(&in, input_peek(&in, bytes, sizeof bytes));
            }
        }
    }
    printf("# seed %u\n", seed);
    check(good, "nothing is dropped while there is room, and a byte takes one place at most");
}

int main(void)
{
    printf("KTAP version 1\n");
    test_cooked();
    test_raw();
    test_quoted();
    test_room();
    printf("1..%d\n", count);
    return failures != 0;
}
