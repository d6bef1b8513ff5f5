// sources: servers/task/manifest.c tests/unit/assertion.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* The manifest's lines: good ones, bad ones with their numbers, long ones, random ones. */
#include "manifest.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

static struct manifest m;

/* The text on the heap without a terminator, so that the sanitizer sees a read past its end. */
static char *open_text(const char *text, size_t bytes)
{
    char *copy = malloc(bytes ? bytes : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, text, bytes);
    manifest_open(&m, copy, bytes);
    return copy;
}

static void test_good(void)
{
    static const char text[] = "# a comment\n"
                               "\n"
                               "debug on\n"
                               "  driver\tata   # behind a line\n"
                               "server console raw\r\n"
                               "start hog 4 \"two words\" a#b \"\"\n"
                               "quiet off\n"
                               "main lua script.lua";
    char *copy = open_text(text, strlen(text));
    check(manifest_next(&m) == MANIFEST_DEBUG && m.on && m.number == 3,
          "a switch, behind comment and empty line");
    check(manifest_next(&m) == MANIFEST_DRIVER && m.argc == 1 && !strcmp(m.argv[0], "ata"), "a driver");
    check(manifest_next(&m) == MANIFEST_SERVER && m.argc == 2 && !strcmp(m.argv[1], "raw"),
          "a server, CR dropped");
    check(manifest_next(&m) == MANIFEST_START && m.argc == 5 && !strcmp(m.argv[2], "two words") &&
              !strcmp(m.argv[3], "a#b") && !strcmp(m.argv[4], ""),
          "quoted words");
    check(manifest_next(&m) == MANIFEST_QUIET && !m.on, "a switch turned off");
    check(manifest_next(&m) == MANIFEST_MAIN && m.argc == 2 && !strcmp(m.argv[0], "lua") && m.number == 8,
          "the last line needs no end");
    check(manifest_next(&m) == MANIFEST_END && manifest_next(&m) == MANIFEST_END, "the end stays the end");
    free(copy);
    copy = open_text("files bundle\ncommand args", 25);
    check(manifest_next(&m) == MANIFEST_FILES && m.argc == 1 && !strcmp(m.argv[0], "bundle"),
          "a bundle of files");
    check(manifest_next(&m) == MANIFEST_COMMAND && m.argc == 1 && !strcmp(m.argv[0], "args"), "a command");
    free(copy);
}

static void expect_bad(const char *line, const char *problem)
{
    char text[128];
    snprintf(text, sizeof text, "%s\nstart after", line);
    char *copy = open_text(text, strlen(text));
    int good = manifest_next(&m) == MANIFEST_BAD && !strcmp(m.problem, problem) && m.number == 1;
    if (!good) {
        printf("# problem: %s\n", m.problem ? m.problem : "none");
    }
    good = good && manifest_next(&m) == MANIFEST_START && !strcmp(m.argv[0], "after");
    check(good, line);
    free(copy);
}

static void test_bad(void)
{
    expect_bad("begin hog", "unknown first word");
    expect_bad("Start hog", "unknown first word");
    expect_bad("start", "needs the name of a program");
    expect_bad("start \"\"", "needs the name of a program");
    expect_bad("command", "needs the name of a boot module");
    expect_bad("files \"\"", "needs the name of a boot module");
    expect_bad("files a b", "needs one word: the name of a boot module");
    expect_bad("debug", "needs one word: on or off");
    expect_bad("debug maybe", "needs one word: on or off");
    expect_bad("quiet on off", "needs one word: on or off");
    expect_bad("start \"hog", "a quotation mark is not closed");
    expect_bad("start a12345678901234567890123456789012", "the name is longer than 31 characters");

    char *copy = open_text("main a\nmain b\n", 14);
    check(manifest_next(&m) == MANIFEST_MAIN && manifest_next(&m) == MANIFEST_BAD && manifest_is_bad_main(&m),
          "a second main program");
    free(copy);
    copy = open_text("command a\nmain b\n", 17);
    check(manifest_next(&m) == MANIFEST_COMMAND && manifest_next(&m) == MANIFEST_BAD &&
              manifest_is_bad_main(&m),
          "a main program beside a command");
    free(copy);
    copy = open_text("files a\nfiles b\n", 16);
    check(manifest_next(&m) == MANIFEST_FILES && manifest_next(&m) == MANIFEST_BAD &&
              !manifest_is_bad_main(&m),
          "a second bundle of files");
    free(copy);
    copy = open_text("main \"a\n", 8);
    check(manifest_next(&m) == MANIFEST_BAD && manifest_is_bad_main(&m),
          "a bad line of the main program is known");
    free(copy);
    copy = open_text("start a\0b\nstart c", 17);
    check(manifest_next(&m) == MANIFEST_BAD && manifest_next(&m) == MANIFEST_START, "a NUL in a line");
    free(copy);
    copy = open_text("", 0);
    check(manifest_next(&m) == MANIFEST_END, "an empty manifest");
    free(copy);
}

static void test_long(void)
{
    static char text[64 * 1024];
    size_t used = (size_t)snprintf(text, sizeof text, "start a ");
    memset(text + used, 'x', MANIFEST_TEXT_MAX);
    text[used + MANIFEST_TEXT_MAX] = '\n';
    char *copy = open_text(text, used + MANIFEST_TEXT_MAX + 1);
    check(manifest_next(&m) == MANIFEST_BAD && !strcmp(m.problem, "too long"), "too long a line");
    free(copy);
    /* The word before fills the buffer to its end. */
    memcpy(text + MANIFEST_TEXT_MAX - 1, " \"\"\n", 4);
    copy = open_text(text, MANIFEST_TEXT_MAX + 3);
    check(manifest_next(&m) == MANIFEST_BAD && !strcmp(m.problem, "too long"),
          "an empty word behind a full line");
    free(copy);
    used = 0;
    for (int i = 0; i <= MANIFEST_WORDS_MAX; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "start ");
    }
    copy = open_text(text, used);
    check(manifest_next(&m) == MANIFEST_BAD && !strcmp(m.problem, "too many words"), "too many words");
    free(copy);
}

static void test_random(void)
{
    static const char alphabet[] = "start main driver on \"\"##\n\n\t ab\0\xff";
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : 20261121;
    srand(seed);
    int good = 1;
    for (int i = 0; i < 20000; i++) {
        char text[200];
        size_t bytes = (size_t)rand() % sizeof text;
        for (size_t k = 0; k < bytes; k++) {
            text[k] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        }
        char *copy = open_text(text, bytes);
        enum manifest_kind kind;
        while ((kind = manifest_next(&m)) != MANIFEST_END) {
            good = good && (kind != MANIFEST_BAD || m.problem);
            for (unsigned k = 0; kind != MANIFEST_BAD && k < m.argc; k++) {
                good = good && strlen(m.argv[k]) < sizeof text;
            }
        }
        free(copy);
    }
    printf("# seed %u\n", seed);
    check(good, "random text is parsed to its end");
}

int main(void)
{
    test_good();
    test_bad();
    test_long();
    test_random();
    printf("1..%d\n", count);
    return failures != 0;
}
