/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the manifest (docs/conventions.md), a line at a time.  Pure.  Words are separated by blanks; a part
 * of a word in double quotes may hold blanks.  '#' at the start of a word begins a comment. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MANIFEST_WORDS_MAX = 128, MANIFEST_TEXT_MAX = 6 * 1024 };

enum manifest_kind {
    MANIFEST_END,
    MANIFEST_BAD, /* see problem */
    MANIFEST_DRIVER,
    MANIFEST_SERVER,
    MANIFEST_START,
    MANIFEST_MAIN,
    MANIFEST_DEBUG, /* on */
    MANIFEST_QUIET, /* on */
};

struct manifest {
    const char *text; /* not terminated */
    size_t bytes, next;
    unsigned number; /* of the last line, from 1 */
    bool main_seen;

    /* The last line: */
    const char *problem;
    bool on;
    unsigned argc; /* argv[0] = NAME */
    const char *argv[MANIFEST_WORDS_MAX];
    char words[MANIFEST_TEXT_MAX];
};

void manifest_open(struct manifest *m, const char *text, size_t bytes);
/* Reads on to the next line that says something. */
enum manifest_kind manifest_next(struct manifest *m);
/* After MANIFEST_BAD: the line would have been the main program's. */
bool manifest_is_bad_main(const struct manifest *m);
