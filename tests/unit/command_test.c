// sources: servers/task/command.c
/* SPDX-License-Identifier: BSD-2-Clause */
/* A command: strings, one behind the other, come out as they went in. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result.h"

static const char *words[COMMAND_WORDS_MAX];
static unsigned word_count;

/* The text on the heap, so that the sanitizer sees a read past its end; NULL if it was accepted. */
static const char *split(const char *text, size_t bytes)
{
    static char *copy;
    free(copy);
    copy = malloc(bytes ? bytes : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, text, bytes);
    return command_split(copy, bytes, words, &word_count);
}

static void test_good(void)
{
    static const char text[] = "lua.elf\0lua\0-v\0\0a b\0\"'\\\n#";
    check(!split(text, sizeof text) && word_count == 6 && !strcmp(words[0], "lua.elf") &&
              !strcmp(words[1], "lua") && !strcmp(words[2], "-v") && !strcmp(words[3], "") &&
              !strcmp(words[4], "a b") && !strcmp(words[5], "\"'\\\n#"),
          "words with anything in them, empty ones too");
    check(!split("a\0", 3) && word_count == 2 && !strcmp(words[1], ""), "an empty argv[0]");
}

static void test_bad(void)
{
    check(split("", 0) != NULL, "nothing");
    check(split("", 1) != NULL, "no program");
    check(split("a", 2) != NULL, "no argv[0]");
    check(split("a\0b", 3) != NULL, "no end");
    static char most[2 * COMMAND_BYTES_MAX] = "a";
    check(!split(most, COMMAND_WORDS_MAX + 1) && word_count == COMMAND_WORDS_MAX,
          "as many words as there may be");
    check(split(most, COMMAND_WORDS_MAX + 2) != NULL, "one more");
    memset(most, 'x', sizeof most);
    most[0] = most[2] = 'a';
    most[1] = most[COMMAND_BYTES_MAX - 1] = '\0';
    check(!split(most, COMMAND_BYTES_MAX) && strlen(words[1]) == COMMAND_BYTES_MAX - 3,
          "as long as it may be");
    check(split(most, COMMAND_BYTES_MAX + 1) != NULL, "one more byte");
}

int main(void)
{
    printf("KTAP version 1\n");
    test_good();
    test_bad();
    printf("1..%d\n", count);
    return failures != 0;
}
