/* SPDX-License-Identifier: BSD-2-Clause */
/* A command: the name of a program's file, then argv[0] and the arguments, each one ended by a NUL,
 * one behind the other.  No byte but NUL means anything, so nothing has to be quoted.  Pure.
 * Called by boot.c only. */
#pragma once

#include <stddef.h>

#include "loader/startup_record.h"

enum { COMMAND_BYTES_MAX = STARTUP_ARGS_MAX, COMMAND_WORDS_MAX = 1 + STARTUP_ARGC_MAX };

/* Points words[0 .. *count) at the strings in text: at least two, the file's name and argv[0].
 * Returns NULL, or what is wrong with the text. */
const char *command_split(const char *text, size_t bytes, const char *words[COMMAND_WORDS_MAX],
                          unsigned *count);
