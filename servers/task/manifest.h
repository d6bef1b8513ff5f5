/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the manifest (docs/conventions.md), a line at a time.  Pure.  Words are separated by
 * blanks; a part of a word in double quotes may hold blanks.  '#' at the start of a word begins a
 * comment.  This is a language for people; programs that make manifests put what is not theirs into
 * a module of its own (`command', `files').  Called by boot.c only. */
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
    MANIFEST_COMMAND, /* argv[0] = the module with the main program's name and arguments */
    MANIFEST_FILES,   /* argv[0] = the boot module that is a bundle of files */
    MANIFEST_DEBUG,   /* on */
    MANIFEST_QUIET,   /* on */
};

struct manifest {
    const char *text; /* not terminated */
    size_t bytes, next;
    unsigned number; /* of the last line, from 1 */
    bool main_seen, files_seen;

    /* The last line: */
    const char *problem;
    bool on;
    unsigned argc; /* argv[0] = NAME */
    const char *argv[MANIFEST_WORDS_MAX];
    char words[MANIFEST_TEXT_MAX];
};

void manifest_open(struct manifest *m, const char *text, size_t bytes);
/* Reads on to the next line that says something.  What an earlier line has left in argv is gone
 * then. */
enum manifest_kind manifest_next(struct manifest *m);
/* After MANIFEST_BAD only.  The line would have said what the main program is. */
bool manifest_is_bad_main(const struct manifest *m);
